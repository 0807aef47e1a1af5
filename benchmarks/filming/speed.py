"""Speed: sets of videos, each hashed by all samplers in a fresh process that is kept to one core."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import msgspec

from ..pinning import ONE_THREAD
from ..progress import say
from . import files
from .clips import Clip
from .plan import SpeedPlan
from .results import Absence, Drift, Hashed

_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class VideoSet:
    """Some videos that are measured together."""

    name: str
    paths: tuple[str, ...]
    seconds: float
    """Of all of them."""


@dataclass(frozen=True)
class Speed:
    """What was found on one set."""

    pinned: bool
    hashed: tuple[Hashed, ...]
    drifts: tuple[Drift, ...]
    absences: tuple[Absence, ...]


class SetFailed(Exception):
    """The process that was to measure a set ended without results; the text is what it wrote to standard error."""


def drawn_sets(folder: Path, plan: SpeedPlan, seed: int) -> Iterator[VideoSet]:
    """A clip of each size in each form, in files that are there until the next size."""
    for number, (name, size) in enumerate(plan.sizes.items()):
        say(f"{name}: making {plan.seconds:g} seconds of video")
        clip = Clip(name, size.width, size.height, plan.rate, plan.seconds, [seed, 1, number])
        targets = {folder / f"{name}{form.suffix}": (form, size.bit_rate) for form in files.FORMS.values()}
        files.write_many(targets, clip.frames(), Fraction(plan.rate))
        for form, path in zip(files.FORMS, targets, strict=True):
            yield VideoSet(f"{form}, {name}", (str(path),), clip.end)
            path.unlink()


def found_set(folder: Path) -> VideoSet:
    """The videos in a folder."""
    lengths = {str(path): files.seconds(path) for path in sorted(folder.resolve().rglob("*")) if path.is_file()}
    videos = {path: seconds for path, seconds in lengths.items() if seconds}
    return VideoSet(folder.name or "folder", tuple(videos), sum(videos.values()))


def measure(videos: VideoSet, rounds: int) -> Speed:
    """Hash a set.

    Raises:
        SetFailed: If the process that does it does not come to an end well.
    """
    asked = msgspec.json.encode({"videos": videos, "rounds": rounds})
    command = [sys.executable, "-m", "benchmarks.filming.fresh"]
    environment = {**os.environ, **ONE_THREAD}
    run = subprocess.run(command, cwd=_ROOT, env=environment, input=asked, capture_output=True, check=False)
    if run.returncode:
        raise SetFailed(f"{videos.name}: {run.stderr.decode(errors='replace')[-2000:]}")
    return msgspec.json.decode(run.stdout, type=Speed)
