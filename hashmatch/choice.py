"""Choice: which index answers a radius, over the codes of one algorithm."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path

from . import indexes
from .algorithms import ALGORITHMS
from .errors import InvalidValue, UnknownName
from .hashes import Codes
from .indexes import ANY_RADIUS, AUTO, CHOICES, INDEXES
from .indexes.base import HashIndex
from .records import ListSettings

_building = threading.Lock()
"""Held while a snapshot builds an index in memory: of many threads that need it, one builds it."""


def _renew_lock() -> None:
    """A lock that another thread held at a fork would never be let go in the child."""
    global _building
    _building = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def check_choice(asked: str) -> None:
    """Raise unless ``asked`` is a kind of index that may be chosen over perceptual codes.

    Raises:
        UnknownName: If there is no such kind.
        InvalidValue: If it finds equal codes only.
        MissingExtra: If a package that it needs is not installed.
    """
    if asked in CHOICES:
        if asked != AUTO:
            INDEXES[asked]
        return
    if asked in INDEXES:
        raise InvalidValue(f"the index {asked!r} finds equal codes only; choose from {', '.join(CHOICES)}")
    raise UnknownName("index", asked, CHOICES)


def usual_radius(algorithm: str, settings: Iterable[ListSettings]) -> int:
    """The largest radius at which an algorithm's codes are looked up unless a call asks for more, in bits.

    Raises:
        UnknownName: If there is no such algorithm.
    """
    known = ALGORITHMS[algorithm]
    if not known.radius:
        return 0
    return min(max([known.radius, *(own.radius.get(algorithm, 0) for own in settings)]), known.bits)


def build_chosen(codes: Codes, asked: str, radius: int, folder: Path | None = None) -> HashIndex:
    """Index codes so that every radius up to ``radius`` is answered.

    Args:
        codes: ``uint8[n, bytes]``.
        asked: One of ``CHOICES``. Where ``radius`` is 0, equal codes are looked up, whatever was asked.
        radius: Inclusive, in bits.
        folder: As for ``indexes.build``.
    """
    bits = 8 * codes.shape[1]
    kind = indexes.auto(len(codes), bits, radius) if asked == AUTO or not radius else asked
    return indexes.build(codes, kind, bits if kind == ANY_RADIUS else radius, folder)


class IndexChoice:
    """The indexes over one algorithm's codes: the one that was published, and others in memory if they are needed.

    It is safe from many threads at once, and survives a fork.
    """

    def __init__(self, published: HashIndex, asked: str, algorithm: str, settings: Iterable[ListSettings]) -> None:
        """Choose among indexes.

        Args:
            published: The index of the snapshot.
            asked: One of ``CHOICES``. With ``"auto"`` the published index answers up to its largest radius; another
                kind up to the algorithm's and the lists' radii, in memory unless it was published. Beyond, a scan
                of all codes answers. Digests are always looked up in the published index.
            algorithm: Whose codes they are.
            settings: Of every list.
        """
        self.published = published
        self._codes = published.codes
        self._exact = published.radius_limit == 0
        self._usual = usual_radius(algorithm, settings)
        self._asked = asked
        self._built: dict[str, HashIndex] = {}

    def reaching(self, radius: int) -> HashIndex:
        """The index that answers a radius; one that no index can answer is refused when it is searched."""
        asked = self._asked
        if self._exact or (asked in (AUTO, self.published.name) and radius <= self.published.max_radius):
            return self.published
        kind = ANY_RADIUS if asked == AUTO or radius > self._usual else asked
        if kind not in self._built:
            with _building:
                if kind not in self._built:
                    self._built[kind] = build_chosen(self._codes, kind, self._usual)
        return self._built[kind]
