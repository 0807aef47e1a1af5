"""Tags and markings of threat-intelligence formats: what becomes a label, and what says who else may see it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..records import ShareLevel

_NAMESPACED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*:\S")
_TLP = re.compile(r"\s*TLP:\s*(\S.*?)\s*", re.IGNORECASE)
_LEVELS = {level.value: level for level in ShareLevel} | {"white": ShareLevel.CLEAR}


def label_of(tag: str) -> str:
    """A tag as a label: as it is where it has a namespace (``ideology:far-right``), else ``tag:…``."""
    tag = tag.strip()
    return tag if _NAMESPACED.match(tag) else f"tag:{tag}"


def tlp_word(tag: str) -> str | None:
    """The word of a tag of the Traffic Light Protocol: ``amber`` of ``tlp:amber``; None of any other tag."""
    found = _TLP.fullmatch(tag)
    return found[1] if found else None


def share_level(words: Iterable[str]) -> str | None:
    """The strictest level that words of the Traffic Light Protocol (1.0 or 2.0) name; None of no word.

    A word that neither version has (``unclear``, ``ex:chr``) counts as red: what is not understood is not shared.
    """
    levels = [_LEVELS.get(word.strip().lower(), ShareLevel.RED) for word in words]
    return max(levels, key=lambda level: level.strictness).value if levels else None
