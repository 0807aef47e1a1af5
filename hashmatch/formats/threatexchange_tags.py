"""ThreatExchange's tags and our labels, in both directions.

Members agreed on some tags: ``group:…`` names a terrorist entity, ``media_priority_…`` how urgent an item is,
``cat:…`` a category, ``media_type_…`` what kind of file was hashed. Those with a namespace of their own stay as
they are, others become ``tag:…``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from .fields import media_type_of
from .signal_types import SIGNAL_TAG

STRICT_TAG = "tlp:amber+strict"
"""Stands beside ``RED`` where amber+strict is meant, for which ThreatExchange has no word."""

MEDIA_TAGS: Mapping[str, str] = {
    "image": "media_type_photo",
    "video": "media_type_video",
    "document": "media_type_document",
}
"""Media type -> its tag."""

_MEDIA = "media_type_"
_MEDIA_WORDS: Mapping[str, str] = {"photo": "image", "long_hash_video": "video"}
_PREFIXES: Mapping[str, str] = {"group:": "entity:", "cat:": "category:", "media_priority_": "priority:"}
_VERBATIM = "label:"
"""Before a label that would not come back otherwise."""
_NAMESPACED = re.compile(r"[a-z][a-z0-9_-]*:.", re.DOTALL)


def label_of(tag: str) -> str:
    """The label that a tag becomes; every label is made by the tag that ``tag_of`` gives."""
    if tag.startswith(_VERBATIM):
        return tag.removeprefix(_VERBATIM)
    for prefix, namespace in _PREFIXES.items():
        if tag.startswith(prefix):
            return namespace + tag.removeprefix(prefix)
    return tag if _NAMESPACED.match(tag) else f"tag:{tag}"


def tag_of(label: str) -> str:
    """The tag that becomes this label and means nothing else."""
    return next(tag for tag in _candidates(label) if label_of(tag) == label and not _means_more(tag))


def read_tags(tags: Iterable[str], media_type: str | None = None) -> tuple[list[str], str | None]:
    """Labels, each once and sorted, and the media type.

    A tag that only names the media type is no label. Tags that disagree on it name none, and all stay as labels.

    Args:
        tags: As members wrote them; empty ones count for nothing.
        media_type: What is known of it already.
    """
    stated = {tag: kind for tag in tags if tag.startswith(_MEDIA) and (kind := _media_type(tag))}
    kinds = {*stated.values(), media_type} - {None}
    agreed = kinds.pop() if len(kinds) == 1 else None
    plain = MEDIA_TAGS.get(agreed or "")
    return sorted({label_of(tag) for tag in tags if tag and tag != plain}), agreed


def _media_type(tag: str) -> str | None:
    word = tag.removeprefix(_MEDIA)
    return _MEDIA_WORDS.get(word) or media_type_of(word)


def _candidates(label: str) -> Iterator[str]:
    """Tags that may become the label, the most natural first; the last one does."""
    for prefix, namespace in _PREFIXES.items():
        if label.startswith(namespace):
            yield prefix + label.removeprefix(namespace)
    if label.startswith("tag:"):
        yield label.removeprefix("tag:")
    yield label
    yield _VERBATIM + label


def _means_more(tag: str) -> bool:
    """Whether a tag is read as something besides a label, or not at all."""
    return not tag or tag.startswith((_MEDIA, SIGNAL_TAG)) or tag == STRICT_TAG
