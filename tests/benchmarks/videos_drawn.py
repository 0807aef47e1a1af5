"""Results of the video benchmark that nobody measured, for tests that need some."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.filming.edits import EDITS
from benchmarks.filming.lookup import LOOKERS
from benchmarks.filming.results import STRANGERS, Absence, Drift, Hashed, Judged, Sought, VideoResults
from benchmarks.machine import Machine
from benchmarks.timing import Timed

SETS = ("H.264, 480p", "H.264, 1080p", "VP9, 1080p")
SECONDS = {
    "decode": 1.0,
    "every": 1.8,
    "second": 0.9,
    "keyframes": 0.1,
    "vpdq_every": 4.0,
    "vpdq_second": 1.0,
    "framewise": 1.5,
}
MILLISECONDS = {"ours": 8.0, "upright": 2.0, "vpdq_index": 40.0, "brute": 100.0}


def timed(seconds: float) -> Timed:
    return Timed((seconds * 1e6,) * 3, seconds * 1e6, seconds * 1e6, 3)


def sought(seeker: str, missed: int = 0, false: int = 0, shares: float | None = 0.0) -> Sought:
    milliseconds = MILLISECONDS[seeker]
    return Sought(seeker, f"who: {seeker}", 2_000, 300, 60, 100, 1.0, timed(milliseconds / 1000), missed, false, shares)


def judged(edit: str, seeker: str, found: int, false: int = 0, ends: tuple[float, ...] = ()) -> Judged:
    parts = 0 if edit == STRANGERS else 40
    return Judged(
        edit, seeker, f"who: {seeker}", 40, parts, found, false, ends, (0.9,) * bool(ends), (1.0,) * bool(ends)
    )


def results(
    sets: tuple[str, ...] = SETS,
    seconds: Mapping[str, float] = SECONDS,
    drifts: tuple[Drift, ...] | None = None,
    lookups: tuple[Sought, ...] | None = None,
    judgements: tuple[Judged, ...] | None = None,
) -> VideoResults:
    """A run that keeps to every bound, but for what is given instead of the usual."""
    good = [judged(edit, "ours", 40 if one.required else 10, 0, (0.25, 1.25)) for edit, one in EDITS.items()]
    others = [judged(edit, "known", 20) for edit in EDITS]
    strangers = [judged(STRANGERS, seeker, 0) for seeker in ("ours", "known")]
    usual = (Drift(SETS[0], "every", "vpdq_every", 0, (90, 0, 10)), Drift(SETS[0], "second", "every", 0, (20,)))
    return VideoResults(
        machine=Machine.here(),
        seed=1,
        quick=False,
        pinned=True if sets else None,
        hashed=tuple(
            Hashed(name, sampler, f"who: {sampler}", 20.0, timed(own))
            for name in sets
            for sampler, own in seconds.items()
        ),
        drifts=usual if drifts is None else drifts,
        sought=tuple(map(sought, LOOKERS)) if lookups is None else lookups,
        judged=(*good, *others, *strangers) if judgements is None else judgements,
        steady=0.75,
        absences=tuple(Absence(name, "tmk", "it fails: of something") for name in sets),
    )
