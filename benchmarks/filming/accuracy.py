"""Accuracy: known clips, edited and uploaded, and clips that only share black, a title and a logo with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np

import hashmatch

from ..progress import say
from ..seekers import Frames, Seeker
from ..workloads import RADIUS
from . import files
from .clips import Clip
from .edits import EDITS, Beside, Footage, Part, Upload
from .lookup import build
from .plan import AccuracyPlan
from .results import STRANGERS, Absence, Judged
from .scoring import Score
from .shots import Frame

JUDGES = ("ours", "thorough", "known", "upload", "vpdq_index")
"""Who is asked, by names in ``SEEKERS``."""

PART = "accuracy"
"""What it is called beside sets of videos."""

FORM = files.QUICK_H264

SAMPLING = 1.0
"""Seconds from one hashed frame to the next, of what is known and of what is uploaded."""

_SHORT = 0.2
"""Every second stranger has so much less of its own, so that what is shared is much of it."""
_STEADY_CLIPS = 4
_STEADY_QUALITY = 50


@dataclass(frozen=True)
class Filmed:
    """A clip that stands in a file."""

    clip: Clip
    path: Path

    def frames(self) -> Iterable[Frame]:
        """All of its frames, decoded."""
        return files.read(self.path)


@dataclass(frozen=True)
class Archive:
    """All clips."""

    known: list[Filmed]
    beside: list[Filmed]
    strangers: list[Filmed]

    @classmethod
    def drawn(cls, folder: Path, plan: AccuracyPlan, seed: int) -> Archive:
        """Clips of the same form that share what they are framed by, in files of a folder."""
        kinds = [
            [_film(folder, clip, plan.size.bit_rate) for clip in _clips(plan, seed, kind, count)]
            for kind, count in (("known", plan.known), ("beside", plan.beside), ("stranger", plan.strangers))
        ]
        return cls(*kinds)


def measure(folder: Path, plan: AccuracyPlan, seed: int) -> tuple[list[Judged], float | None, list[Absence]]:
    """What every judge says of every edit of every clip, and of strangers; and how steady the clips are."""
    say(f"accuracy: making {plan.known + plan.beside + plan.strangers} clips")
    archive = Archive.drawn(folder, plan, seed)
    videos = {one.clip.name: sampled(one.path) for one in (*archive.known, *archive.beside)}
    built, absences = build(JUDGES, videos, PART)
    judges = {name: seeker for name, (seeker, _) in built.items()}
    scores: dict[tuple[str, str], Score] = defaultdict(Score)
    for place, one in enumerate(archive.known[: plan.edited]):
        say(f"accuracy: clip {place + 1} of {plan.edited}, edited in {len(EDITS)} ways")
        footage = Footage(one.clip, np.stack(list(one.frames())))
        for name, edit in EDITS.items():
            beside = _beside(archive, place, [seed, 5, place, list(EDITS).index(name)])
            upload = edit.make(footage, beside)
            bits = int(plan.size.bit_rate * upload.bits)
            _judge(judges, scores, name, _shown(upload, archive), _hashed(folder, upload, bits))
    for one in archive.strangers:
        _judge(judges, scores, STRANGERS, (), sampled(one.path, views=True))
    judged = [scores[key].judged(*key, judges[key[1]].title) for key in scores]
    return judged, steadiness(archive.known[:_STEADY_CLIPS]), absences


def sampled(path: Path, seconds: float = SAMPLING, *, views: bool = False) -> Frames:
    """The hashes of a file's frames, with those of their views if asked for."""
    return hashmatch.hash_file(path, ("pdq",), sampling=seconds, views=views)["pdq"].frames


def steadiness(clips: Iterable[Filmed]) -> float | None:
    """The share of frames that are within radius of the one half a second later; None if there are none."""
    near = []
    for one in clips:
        frames = [frame for frame in sampled(one.path, 0.5) if (frame.quality or 0) >= _STEADY_QUALITY]
        codes = np.frombuffer(b"".join(frame.digest for frame in frames), np.uint8).reshape(len(frames), -1)
        near.append(np.bitwise_count(codes[1:] ^ codes[:-1]).sum(axis=1) <= RADIUS)
    return float(np.concatenate(near).mean()) if near else None


def _judge(
    judges: dict[str, Seeker], scores: dict[tuple[str, str], Score], edit: str, parts: Sequence[Part], frames: Frames
) -> None:
    for name, judge in judges.items():
        scores[edit, name].add(parts, judge.told(judge.search(judge.prepare(frames))))


def _shown(upload: Upload, archive: Archive) -> tuple[Part, ...]:
    """The pieces in it without the black that clips begin with, which nobody hashes."""
    begins = {one.clip.name: one.clip.begin for one in archive.known}
    return tuple(part.shown(begins[part.known]) for part in upload.parts)


def _hashed(folder: Path, upload: Upload, bit_rate: int) -> Frames:
    """The hashes of an upload's file, which is gone again."""
    path = folder / f"upload{FORM.suffix}"
    files.write(path, upload.frames, FORM, upload.rate, bit_rate)
    frames = sampled(path, views=True)
    path.unlink()
    return frames


def _beside(archive: Archive, place: int, seed: list[int]) -> Beside:
    rng = np.random.default_rng(seed)
    joined = archive.known[(place + 1) % len(archive.known)]
    long = archive.strangers[::2]
    strangers = iter(rng.permutation(len(long)).tolist() * 2)

    def foreign(seconds: float) -> Iterable[Frame]:
        stranger = long[next(strangers)]
        first = round(stranger.clip.shots_begin * stranger.clip.rate)
        return islice(stranger.frames(), first, first + round(seconds * stranger.clip.rate))

    return Beside(lambda: (joined.clip, joined.frames()), foreign, rng)


def _clips(plan: AccuracyPlan, seed: int, kind: str, count: int) -> Iterable[Clip]:
    rng = np.random.default_rng([seed, 4])
    framed = [seed, 4]
    lengths = [round(rng.uniform(*plan.seconds)) for _ in range(count)]
    for number, seconds in enumerate(lengths):
        short = kind == "stranger" and number % 2
        size = plan.size
        yield Clip(
            f"{kind} {number}",
            size.width,
            size.height,
            plan.rate,
            seconds * _SHORT if short else float(seconds),
            [seed, 4, ("known", "beside", "stranger").index(kind), number],
            framed,
        )


def _film(folder: Path, clip: Clip, bit_rate: int) -> Filmed:
    path = folder / f"{clip.name}{FORM.suffix}"
    files.write(path, clip.frames(), FORM, Fraction(clip.rate), bit_rate)
    return Filmed(clip, path)
