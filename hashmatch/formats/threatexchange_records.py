"""ThreatExchange's updates: one indicator each, as a row, and a record as an update."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..errors import InvalidValue
from .chunk import Row
from .fields import NAMELESS_DELETION, extra_of, truth
from .json_text import Unreadable, text_of
from .signal_types import SIGNAL_TAG, UNTYPED, read_signal_type, signal_type
from .threatexchange_descriptors import (
    SEVERITIES,
    STATUSES,
    Descriptor,
    descriptors_of,
    expiry_of,
    kept,
    opinion_of,
    opinion_of_status,
    severity_of,
    share_level_of,
    tags_of,
    written_descriptors,
)
from .threatexchange_tags import MEDIA_TAGS, STRICT_TAG, read_tags, tag_of

Update = Mapping[str, Any]

_KNOWN = frozenset(
    {
        "id",
        "indicator",
        "type",
        "creation_time",
        "last_updated",
        "should_delete",
        "tags",
        "status",
        "descriptors",
        "extra",
    }
)
"""What is read of an update. Whatever else it holds goes to ``extra``."""


def row_of(number: int, update: Update, algorithms: Collection[str], *, asked: bool) -> Row:
    """The row of one update.

    Args:
        number: Of the update in the file.
        update: As it stands there, perhaps with values that are ``Unreadable``.
        algorithms: Every algorithm that is known.
        asked: Whether descriptors were asked for when the file was fetched. Then an update without any has none
            left: the Graph API leaves out what is empty.

    Raises:
        InvalidValue: If a field cannot be what it should be, it is no hash that is known here, or a deletion without id.
            Of a deletion only the id and the date have to be right.
    """
    source_id, updated_at = text_of(update.get("id"), "id"), text_of(update.get("last_updated"), "last_updated")
    if _is_gone(update, asked=asked):
        if not (source_id or "").strip():
            raise InvalidValue(NAMELESS_DELETION)
        return (number, None, source_id, *[None] * 10, updated_at, None, True, None)
    _check_readable(update)
    digest, descriptors = text_of(update.get("indicator"), "indicator"), descriptors_of(update) or []
    if not digest:
        raise InvalidValue("no hash")
    share_level = share_level_of(descriptors)
    tags = _tags(update, descriptors, share_level)
    algorithm, media_type = _algorithm(update, tags, algorithms)
    labels, media_type = read_tags(tags, media_type)
    status = update.get("status")
    opinion = opinion_of(descriptors, status) if descriptors else opinion_of_status(status)
    severity = severity_of(descriptors)
    return (
        number,
        None,
        source_id,
        algorithm,
        digest,
        None,
        media_type,
        None,
        None,
        sorted({*labels, *([f"severity:{severity.lower()}"] if severity else [])}),
        opinion,
        share_level,
        text_of(update.get("creation_time"), "creation_time"),
        updated_at,
        expiry_of(descriptors),
        False,
        _extra(update, descriptors, opinion),
    )


def written_update(record: Mapping[str, Any], source_id: str) -> dict[str, Any]:
    """A record as an update that ``row_of`` reads back.

    Args:
        record: The fields of a record, ``extra`` as an object, ``created_at`` and ``updated_at`` as they are to
            be written, ``expires_at`` as a descriptor has it.
        source_id: What is to be its id.
    """
    kind, signal_tag = signal_type(record["algorithm"], record["media_type"])
    severity = _severity(record["labels"])
    tags = [tag_of(label) for label in record["labels"] if label != f"severity:{(severity or '').lower()}"]
    media_tag = MEDIA_TAGS.get(record["media_type"])
    tags += [tag for tag in (media_tag, signal_tag) if tag]
    descriptors = written_descriptors(record["opinion"], record["share_level"], severity, record["expires_at"], tags)
    # What is of known shape comes first: a file is recognised by what stands before its first brace.
    update = {
        "indicator": record["digest"],
        "type": kind,
        "should_delete": False,
        "id": source_id,
        "creation_time": record["created_at"],
        "last_updated": record["updated_at"],
        "tags": tags,
        "status": STATUSES[record["opinion"]],
        "descriptors": {"data": descriptors},
        "extra": record["extra"] or None,
    }
    return {key: value for key, value in update.items() if value is not None}


def in_members_words(update: dict[str, Any], algorithms: Collection[str]) -> dict[str, Any]:
    """The update with its ``extra`` put back where ThreatExchange had it, if that is read as the same.

    Where it is not, as where the list asks for more care than its members do, our own descriptors stand beside theirs.
    """
    extra = update.get("extra")
    if not extra:
        return update
    own = {key: value for key, value in update.items() if key != "extra"}
    own |= {key: value for key, value in extra.items() if key not in _KNOWN}
    if "status" in extra:
        own["status"] = extra["status"]
    ways = [own]
    if "descriptors" in extra:
        own["descriptors"] = {"data": extra["descriptors"]}
        if isinstance(extra["descriptors"], list):
            ways.append({**own, "descriptors": {"data": [*extra["descriptors"], *update["descriptors"]["data"]]}})
    meant = _written_row(update, algorithms)
    return next((way for way in ways if meant and _written_row(way, algorithms) == meant), update)


def _written_row(update: Update, algorithms: Collection[str]) -> Row | None:
    """The row of an update that we wrote; None if it cannot be read."""
    try:
        return row_of(0, update, algorithms, asked=True)
    except InvalidValue:
        return None


def _is_gone(update: Update, *, asked: bool) -> bool:
    """Whether an update was deleted, or nobody says anything of it any more."""
    if truth(update.get("should_delete")):
        return True
    stated = descriptors_of(update)
    return asked if stated is None else not stated


def _check_readable(update: Update) -> None:
    """Raise InvalidValue if a value of an update cannot be read."""
    for value in update.values():
        if isinstance(value, Unreadable):
            raise InvalidValue(value.reason)


def _tags(update: Update, descriptors: Collection[Descriptor], share_level: str | None) -> set[str]:
    """The tags of an update and of its descriptors."""
    tags = set(tags_of(update.get("tags"))).union(*(tags_of(descriptor.get("tags")) for descriptor in descriptors))
    return tags - {STRICT_TAG} if share_level == "amber+strict" else tags


def _algorithm(update: Update, tags: set[str], algorithms: Collection[str]) -> tuple[str, str | None]:
    """The algorithm, and the media type if the type of the indicator says it; takes the tag that names it."""
    kind = text_of(update.get("type"), "type") or ""
    if kind != UNTYPED:
        return read_signal_type(kind, algorithms)
    named = {tag for tag in tags if tag.startswith(SIGNAL_TAG)}
    if len(named) != 1:
        raise InvalidValue(f"{UNTYPED} with {len(named)} tags that begin with {SIGNAL_TAG}, where one is meant")
    tags -= named
    return read_signal_type(named.pop().removeprefix(SIGNAL_TAG), algorithms)


def _severity(labels: Collection[str]) -> str | None:
    """The highest severity among labels that ThreatExchange has a word for."""
    words = [word for word in SEVERITIES[1:] if f"severity:{word.lower()}" in labels]
    return words[-1] if words else None


def _extra(update: Update, descriptors: Collection[Descriptor], opinion: str | None) -> str | None:
    """What the columns do not hold, as canonical JSON."""
    own = update.get("extra")
    extra = dict(own) if isinstance(own, dict) else {} if own is None else {"extra": own}
    extra |= {key: value for key, value in update.items() if key not in _KNOWN}
    if update.get("status") is not None and update["status"] != STATUSES.get(opinion or ""):
        extra["status"] = update["status"]
    if said := kept(descriptors, update):
        extra["descriptors"] = said
    return extra_of(extra)
