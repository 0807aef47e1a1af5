"""Measuring: every edit of every picture, and how far each prober's codes are from the listed hash, and from those of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from hashmatch.errors import MissingExtra
from hashmatch.hashes import Codes

from ..edits import EDITS, Edit
from ..edits.base import saved
from ..probers import PROBERS, Prober
from ..progress import Say
from .pictures import Picture
from .results import CURVE, RADII, Absence, Curve, FalseMatches, Recall

OTHERS = 600
"""Listed pictures with which an edited one is compared, at most, to count false matches."""

Key = tuple[str, str, str, str, str]
"""Set, half, group, edit and level."""
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """What was counted."""

    recalls: tuple[Recall, ...]
    curves: tuple[Curve, ...]
    falses: tuple[FalseMatches, ...]
    codes: Mapping[str, float]
    """Level -> codes that were searched, in the mean."""


def present_probers() -> tuple[dict[str, Prober], list[Absence]]:
    """Those that are installed, and the others with the reason."""
    present, absences = {}, []
    for name in PROBERS:
        try:
            present[name] = PROBERS[name]
        except MissingExtra as error:
            absences.append(Absence(name, str(error)))
        except Exception as error:
            absences.append(Absence(name, f"it fails: {error}"[:200]))
    return present, absences


def measure(pictures: Sequence[Picture], probers: Mapping[str, Prober], seed: int, say: Say) -> Found:
    """Edit each picture in each way, and count who finds it; one picture is in memory at a time."""
    tally = _Tally(probers)
    for name, prober in probers.items():
        say(f"hashing {len(pictures)} pictures by {name}")
        tally.list_others(name, [prober.listed(picture.load()) for picture in pictures])
    for number, picture in enumerate(pictures):
        if number % 10 == 0:
            say(f"editing picture {number + 1} of {len(pictures)}")
        loaded = picture.load()
        for place, (group, edit) in enumerate(_edits()):
            rng = np.random.default_rng([seed, number, place])
            listed = edit.listed(loaded)
            content = saved(edit.applied(listed, rng), edit.quality)
            tally.count((picture.set, picture.half, group, edit.name), number, listed, content)
    return tally.found()


def _edits() -> Iterator[tuple[str, Edit]]:
    return ((group, edit) for group in EDITS for edit in EDITS[group])


class _Tally:
    """Counts distances as pictures come by."""

    def __init__(self, probers: Mapping[str, Prober]) -> None:
        self._probers = probers
        self._of = {level: prober for prober in probers.values() for level in prober.titles}
        self._distances: dict[Key, Counts] = {}
        self._false = {level: _none(prober) for level, prober in self._of.items()}
        self._codes = dict.fromkeys(self._of, 0)
        self._edited = dict.fromkeys(self._of, 0)
        self._others: dict[str, tuple[npt.NDArray[np.intp], Codes]] = {}

    def list_others(self, name: str, listed: Sequence[Codes | None]) -> None:
        """Keep the hashes of all pictures, or of some all over them, to count false matches against."""
        numbers = np.array([number for number, code in enumerate(listed) if code is not None], dtype=np.intp)
        chosen = numbers[:: max(1, -(-len(numbers) // OTHERS))]
        codes = [code for number in chosen if (code := listed[number]) is not None]
        nothing = np.empty((0, self._probers[name].bits // 8), np.uint8)
        self._others[name] = chosen, np.concatenate([nothing, *codes])

    def count(self, of: tuple[str, str, str, str], number: int, listed: Image.Image, content: bytes) -> None:
        """Count one edited picture."""
        for name, prober in self._probers.items():
            code = prober.listed(listed)
            if code is None:
                continue
            chosen, others = self._others[name]
            strangers = others[chosen != number]
            for level, codes in prober.probes(content).items():
                counts = self._distances.setdefault((*of, level), _none(prober))
                counts[_nearest(codes, code)[0]] += 1
                self._false[level] += np.bincount(_nearest(codes, strangers), minlength=prober.bits + 2)
                self._codes[level] += len(codes)
                self._edited[level] += 1

    def found(self) -> Found:
        """What was counted so far."""
        recalls = tuple(
            Recall(*key, int(counts.sum()), self._within(key[-1], counts, RADII))
            for key, counts in self._distances.items()
        )
        grouped: dict[tuple[str, str, str, str], Counts] = {}
        for (*part, _, level), counts in self._distances.items():
            key = part[0], part[1], part[2], level
            grouped[key] = grouped.get(key, 0) + counts
        curves = tuple(
            Curve(*key, int(counts.sum()), self._within(key[-1], counts, CURVE)) for key, counts in grouped.items()
        )
        falses = tuple(
            FalseMatches(level, int(counts.sum()), self._within(level, counts, RADII))
            for level, counts in self._false.items()
        )
        codes = {level: total / max(1, self._edited[level]) for level, total in self._codes.items()}
        return Found(recalls, curves, falses, codes)

    def _within(self, level: str, counts: Counts, radii: Sequence[int]) -> tuple[int, ...]:
        """How many lie within each radius, inclusive, of 256 bits."""
        within = np.cumsum(counts)
        return tuple(int(within[self._of[level].radius_of(radius)]) for radius in radii)


def _none(prober: Prober) -> Counts:
    """Nothing at any distance, the last of which stands for having no code."""
    return np.zeros(prober.bits + 2, np.int64)


def _nearest(codes: Codes, listed: Codes) -> npt.NDArray[np.int64]:
    """The distance of each listed code to the nearest of some codes; one more than there are bits if there are none."""
    bits = listed.shape[1] * 8
    if not len(codes) or not len(listed):
        return np.full(len(listed), bits + 1, np.int64)
    words = codes.view(np.uint64)[:, np.newaxis] ^ np.ascontiguousarray(listed).view(np.uint64)
    nearest: npt.NDArray[np.int64] = np.bitwise_count(words).sum(axis=2, dtype=np.int64).min(axis=0)
    return nearest
