"""Terms: on what terms one call matches: which lists, how near, of what quality."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .algorithms import ALGORITHMS
from .algorithms.base import Algorithm, PerceptualAlgorithm
from .errors import InvalidValue, NotPublished, UnknownList
from .records import ListSettings, Role
from .snapshot import Snapshot
from .thoroughness import Search, Thoroughness
from .video_rule import VideoRule

Radius = int | Mapping[str, int] | None
"""Inclusive, in bits: for the longest perceptual codes that a snapshot holds, or by algorithm; None: as lists and
algorithms say."""


@dataclass(frozen=True)
class Terms:
    """What a hit must be, for one call, against one snapshot."""

    blocking: frozenset[str]
    """The block lists that are asked about."""
    allowing: frozenset[str]
    """Every allow list."""
    radii: Mapping[str, Mapping[str, int]]
    """Algorithm -> list -> inclusive radius in bits."""
    min_quality: Mapping[str, int]
    """Algorithm -> least quality of an upload; absent where the algorithm knows none."""
    videos: VideoRule
    """What a video must share with a known one."""
    search: Thoroughness
    """As what else than as it is an upload is searched."""

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        radius: Radius = None,
        lists: Iterable[str] | None = None,
        min_quality: int | None = None,
        video_rule: VideoRule | None = None,
        search: Search = Thoroughness.TURNED,
    ) -> Terms:
        """The terms of a call; see ``Matcher.match``.

        Raises:
            InvalidValue: If a radius or a quality makes no sense, or no list is named.
            UnknownName: If a radius is given for an algorithm that does not exist, or if there is no such level of search.
            UnknownList: If the snapshot has no block list of a name.
            NotPublished: If the lists that are named hold no record that could match.
        """
        algorithms = {name: ALGORITHMS[name] for name in snapshot.algorithms}
        allowing = frozenset(name for name, own in snapshot.settings.items() if own.role is Role.ALLOW)
        blocking = _blocking(snapshot, allowing, lists)
        asked = asked_radii(radius, algorithms)
        if min_quality is not None and min_quality < 0:
            raise InvalidValue(f"the least quality must not be negative, as {min_quality} is")
        return cls(
            blocking,
            allowing,
            {
                name: {one: _radius(algorithm, asked, snapshot.settings[one]) for one in blocking | allowing}
                for name, algorithm in algorithms.items()
            },
            {
                name: algorithm.min_quality if min_quality is None else min_quality
                for name, algorithm in algorithms.items()
                if isinstance(algorithm, PerceptualAlgorithm) and algorithm.min_quality is not None
            },
            VideoRule() if video_rule is None else video_rule,
            Thoroughness.parse(search),
        )


def block_lists(snapshot: Snapshot) -> frozenset[str]:
    """The block lists of a snapshot.

    Raises:
        NotPublished: If none of them holds a record that could match.
    """
    names = frozenset(name for name, own in snapshot.settings.items() if own.role is Role.BLOCK)
    if not any(snapshot.manifest.lists[name].hashes for name in names):
        raise NotPublished(f"the snapshot {snapshot.version} is empty: no block list holds a hash that could match")
    return names


def asked_radii(radius: Radius, held: Mapping[str, Algorithm]) -> Mapping[str, int]:
    """The radius that is asked for, by algorithm; absent where none is.

    A plain number means bits of the longest codes: 31 of 256 is near, 31 of 64 is anything.

    Args:
        radius: What a call asks for.
        held: The algorithms of which codes are held, by name.

    Raises:
        InvalidValue: If a radius makes no sense.
        UnknownName: If one is given for an algorithm that does not exist.
    """
    if isinstance(radius, Mapping):
        for name, own in radius.items():
            if own and isinstance(own, int) and not ALGORITHMS[name].radius:
                raise InvalidValue(f"{name} is matched exactly; its radius is 0, not {own}")
        asked = {name: own for name, own in radius.items() if ALGORITHMS[name].radius}
    elif radius is None:
        asked = {}
    else:
        longest = max((algorithm.bits for algorithm in held.values() if algorithm.radius), default=0)
        asked = {name: radius for name, algorithm in held.items() if algorithm.radius and algorithm.bits == longest}
    for name, own in asked.items():
        if not isinstance(own, int) or not 0 <= own <= ALGORITHMS[name].bits:
            raise InvalidValue(f"a radius of {name} is a number of bits from 0 to {ALGORITHMS[name].bits}, not {own!r}")
    return asked


def _radius(algorithm: Algorithm, asked: Mapping[str, int], settings: ListSettings) -> int:
    """The call's word before the list's, the list's before the algorithm's; digests are matched exactly."""
    if algorithm.radius == 0:
        return 0
    own = settings.radius.get(algorithm.name, algorithm.radius)
    return min(asked.get(algorithm.name, own), algorithm.bits)


def _blocking(snapshot: Snapshot, allowing: frozenset[str], lists: Iterable[str] | None) -> frozenset[str]:
    """The block lists that are asked about."""
    blocking = block_lists(snapshot)
    if lists is None:
        return blocking
    if isinstance(lists, str):
        raise InvalidValue(f"lists are a sequence of names, such as ({lists!r},)")
    chosen = frozenset(lists)
    for name in sorted(chosen - blocking):
        if name in allowing:
            raise UnknownList(
                f"{name!r} is an allow list; lists are chosen among block lists, allow lists always apply"
            )
        raise UnknownList(f"there is no block list {name!r}; there are {', '.join(sorted(blocking))}")
    if not chosen:
        raise InvalidValue("at least one list must be named")
    if not any(snapshot.manifest.lists[name].hashes for name in chosen):
        raise NotPublished(f"no hash that could match is in {', '.join(sorted(chosen))}")
    return chosen
