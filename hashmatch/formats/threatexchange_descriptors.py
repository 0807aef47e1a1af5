"""ThreatExchange's descriptors: what each member says of one indicator, and what that comes to.

Described at developers.facebook.com/docs/threat-exchange/reference/apis. Opinions are united as
python-threatexchange does it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..dates import parse_date
from ..errors import InvalidValue
from ..records import Opinion, ShareLevel
from .json_text import Unreadable, text_of
from .threatexchange_tags import STRICT_TAG

Descriptor = Mapping[str, object]

STATUSES: Mapping[str, str] = {
    Opinion.POSITIVE.value: "MALICIOUS",
    Opinion.NEGATIVE.value: "NON_MALICIOUS",
    Opinion.SEED.value: "UNKNOWN",
    Opinion.DISPUTED.value: "MALICIOUS",
}
"""Opinion -> the status that an indicator has as a whole."""

_OPINIONS = {"MALICIOUS": Opinion.POSITIVE, "NON_MALICIOUS": Opinion.NEGATIVE}
_REACTIONS = {
    "HELPFUL": Opinion.POSITIVE,
    "DISAGREE_WITH_TAGS": Opinion.NEGATIVE,
    "NON_MALICIOUS": Opinion.NEGATIVE,
}
_SHARE_LEVELS: Mapping[str, ShareLevel | None] = {
    "": None,
    "UNKNOWN": None,
    "WHITE": ShareLevel.CLEAR,
    "GREEN": ShareLevel.GREEN,
    "AMBER": ShareLevel.AMBER,
    "RED": ShareLevel.RED,
}
_LEVEL_WORDS = {str(level): word for word, level in _SHARE_LEVELS.items() if level} | {"amber+strict": "RED"}
SEVERITIES = ("UNKNOWN", "INFO", "WARNING", "SUSPICIOUS", "SEVERE", "APOCALYPSE")
"""From the least severe to the most."""

_NOBODY = ("1", "2")
"""Owners of the descriptors that we write ourselves: no member has so short an id."""
_WRITTEN = frozenset({"id", "owner", "status", "share_level", "severity", "expired_on", "tags"})
_NEVER = re.compile(r"|-?0+(\.0*)?")
"""An ``expired_on`` that is no date."""


def items_of(value: object, what: str) -> list[object]:
    """What a list holds that is given as it is or, as in the Graph API, under ``data``.

    Raises:
        InvalidValue: If it is neither.
    """
    if isinstance(value, Unreadable):
        raise InvalidValue(value.reason)
    if isinstance(value, dict):
        value = value.get("data", [])
    if not isinstance(value, list):
        raise InvalidValue(f"{what} are no list")
    return value


def descriptors_of(update: Mapping[str, object]) -> list[Descriptor] | None:
    """The descriptors of an update; None if it does not speak of them.

    Raises:
        InvalidValue: If they are no list of objects.
    """
    if update.get("descriptors") is None:
        return None
    return [_object(item, "a descriptor") for item in items_of(update["descriptors"], "the descriptors")]


def tags_of(value: object) -> list[str]:
    """The texts of tags: a list of texts, or of objects with ``text``.

    Raises:
        InvalidValue: If they are neither.
    """
    if value is None:
        return []
    tags = (tag.get("text") if isinstance(tag, dict) else tag for tag in items_of(value, "the tags"))
    return [text for text in (text_of(tag, "a tag") for tag in tags) if text]


def opinion_of(descriptors: Sequence[Descriptor], status: object) -> str:
    """What all members together say.

    A status other than MALICIOUS and NON_MALICIOUS is a seed. A reaction speaks for a member that wrote no
    descriptor. A negative opinion beside any other makes the indicator disputed.

    Args:
        descriptors: Of the indicator, at least one.
        status: Of the indicator as a whole, for descriptors that have none.
    """
    said: dict[str, Opinion] = {}
    reacted: dict[str, Opinion] = {}
    for number, descriptor in enumerate(descriptors):
        own = descriptor.get("status")
        said[_owner(descriptor) or f"nameless {number}"] = _opinion(status if own is None else own)
        for member, opinion in _reactions(descriptor):
            if opinion is Opinion.POSITIVE or member not in reacted:
                reacted[member] = opinion
    opinions = {*said.values(), *(opinion for member, opinion in reacted.items() if member not in said)}
    if Opinion.NEGATIVE in opinions:
        return str(Opinion.NEGATIVE if len(opinions) == 1 else Opinion.DISPUTED)
    return str(Opinion.POSITIVE if Opinion.POSITIVE in opinions else Opinion.SEED)


def opinion_of_status(status: object) -> str | None:
    """What an indicator's own status says, where nothing is known of its descriptors."""
    return None if status is None else str(_opinion(status))


def share_level_of(descriptors: Iterable[Descriptor]) -> str | None:
    """The strictest level that a member asks for; a word that is not known counts as red."""
    asked = [level for level in map(_share_level, descriptors) if level]
    return str(max(asked, key=lambda level: level.strictness)) if asked else None


def severity_of(descriptors: Iterable[Descriptor]) -> str | None:
    """The highest severity that a member gives; None if it is unknown to all."""
    said = {(text_of(descriptor.get("severity"), "severity") or "UNKNOWN").upper() for descriptor in descriptors}
    highest = max(said, key=lambda word: (SEVERITIES.index(word) if word in SEVERITIES else 0, word), default="UNKNOWN")
    return None if highest == "UNKNOWN" else highest


def expiry_of(descriptors: Iterable[Descriptor]) -> str | None:
    """When the last of the descriptors expires; None if one of them never does. 0 is never, and so is nothing.

    Raises:
        InvalidValue: If there are several dates, and one of them is none.
    """
    texts = {(text_of(descriptor.get("expired_on"), "expired_on") or "").strip() for descriptor in descriptors}
    if not texts or any(map(_NEVER.fullmatch, texts)):
        return None
    return texts.pop() if len(texts) == 1 else max(texts, key=_instant)


def kept(descriptors: Iterable[Descriptor], update: Mapping[str, object]) -> list[Descriptor]:
    """What is worth keeping of the descriptors: who said what, how sure, who reacted.

    What only repeats the update is left out, and so are the links to further pages: they hold the access token
    of whoever fetched them.
    """
    return [
        {
            key: {name: item for name, item in value.items() if name != "paging"} if isinstance(value, dict) else value
            for key, value in descriptor.items()
            if not _repeats(key, value, update)
        }
        for descriptor in descriptors
        if not (_owner(descriptor) in _NOBODY and descriptor.keys() <= _WRITTEN)
    ]


def written_descriptors(
    opinion: str, share_level: str | None, severity: str | None, expired_on: object, tags: Sequence[str]
) -> list[Descriptor]:
    """Descriptors that come to what a record says: one, or two that contradict each other if it is disputed."""
    shared = {
        "share_level": _LEVEL_WORDS.get(share_level or ""),
        "severity": severity,
        "expired_on": expired_on,
        "tags": {"data": [{"text": tag} for tag in (*tags, *([STRICT_TAG] if share_level == "amber+strict" else []))]},
    }
    disputed = opinion == Opinion.DISPUTED.value
    statuses = [STATUSES[opinion], STATUSES[Opinion.NEGATIVE.value]] if disputed else [STATUSES[opinion]]
    return [
        {"id": owner, "owner": {"id": owner}, "status": status}
        | {key: value for key, value in shared.items() if value is not None}
        for owner, status in zip(_NOBODY, statuses)  # noqa: B905 - one of two where nobody disagrees
    ]


def _object(value: object, what: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise InvalidValue(f"{what} is something else than an object")
    return value


def _owner(descriptor: Descriptor) -> str | None:
    owner = descriptor.get("owner")
    return text_of(owner.get("id") if isinstance(owner, dict) else owner, "owner")


def _opinion(status: object) -> Opinion:
    return _OPINIONS.get((text_of(status, "status") or "").upper(), Opinion.SEED)


def _reactions(descriptor: Descriptor) -> Iterator[tuple[str, Opinion]]:
    """Member and opinion of each reaction that is one."""
    if descriptor.get("reactions") is None:
        return
    for item in items_of(descriptor["reactions"], "the reactions"):
        reaction = _object(item, "a reaction")
        opinion = _REACTIONS.get(text_of(reaction.get("key"), "a reaction") or "")
        if opinion:
            members = text_of(reaction.get("value"), "the members that reacted") or ""
            yield from ((member.strip(), opinion) for member in members.split(",") if member.strip())


def _share_level(descriptor: Descriptor) -> ShareLevel | None:
    word = (text_of(descriptor.get("share_level"), "share_level") or "").upper()
    level = _SHARE_LEVELS.get(word, ShareLevel.RED)
    if level is ShareLevel.RED and STRICT_TAG in tags_of(descriptor.get("tags")):
        return ShareLevel.AMBER_STRICT
    return level


def _instant(text: str) -> int:
    """Microseconds since 1970 of a date, so that dates of different styles are compared as such."""
    micros = parse_date(text)
    if micros is None:
        raise InvalidValue(f"{text[:40]!r} is not a date (expired_on)")
    return micros


def _repeats(key: str, value: object, update: Mapping[str, object]) -> bool:
    """Whether a field of a descriptor says only what the update says."""
    if key == "indicator" and isinstance(value, dict):
        return all(name in update and update[name] == item for name, item in value.items())
    return key in ("raw_indicator", "type") and value == update.get(key.removeprefix("raw_"))
