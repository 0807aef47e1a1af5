"""Watching a fresh process: how long its step took, and how much private memory the process held at most."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ..memory import anonymous_of
from ..pinning import ONE_THREAD
from .steps import Facts

EVERY = 0.02
"""Seconds between two looks at a process's memory."""

_ROOT = Path(__file__).parent.parent.parent


class StepFailed(Exception):
    """A step ended without a result; the text is the last that it said."""


@dataclass(frozen=True)
class Usage:
    """What one step took."""

    seconds: float
    cpu_seconds: float
    """Of all threads together."""
    peak_bytes: int | None
    """The most private memory (RssAnon) that its process held at one time, from its start on: Python, imports and all.

    VmHWM and VmRSS would count pages of mapped files as well, which the kernel shares between all that map them and
    takes back whenever it needs to: a snapshot that is written through maps would seem to need memory that it does not.
    """
    written_bytes: int | None
    """What the step gave to the disk, scratch files that are gone again among it."""
    pinned: bool
    """Whether its process was kept to one core; False where the system cannot."""


@dataclass(frozen=True)
class Outcome:
    """What became of a step."""

    usage: Usage
    facts: Facts


class _Said(msgspec.Struct):
    seconds: float
    cpu_seconds: float
    written_bytes: int | None
    pinned: bool
    facts: Facts


def watch(step: str, form: str, source: Path, folder: Path) -> Outcome:
    """Let a fresh process take a step on one core.

    Args:
        step: A name in ``STEPS``.
        form: Of the file.
        source: The file; it is read once before, so that it is in the page cache.
        folder: For what the step makes of it.

    Raises:
        StepFailed: If the step fails.
    """
    _read(source)
    command = [sys.executable, "-m", "benchmarks.loading.fresh", step, form, str(source), str(folder)]
    peak = None
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command, cwd=_ROOT, env={**os.environ, **ONE_THREAD}, stdout=subprocess.PIPE, stderr=errors
        ) as child,
    ):
        try:
            while child.poll() is None:
                now = anonymous_of(child.pid)
                peak = max(filter(None, (peak, now)), default=None)
                time.sleep(EVERY)
        except BaseException:
            child.kill()
            raise
        said = child.stdout.read() if child.stdout else b""
        if child.returncode:
            errors.seek(0)
            words = errors.read().decode(errors="replace").strip().splitlines()
            raise StepFailed(words[-1] if words else f"ended with {child.returncode}")
    result = msgspec.json.decode(said, type=_Said)
    usage = Usage(result.seconds, result.cpu_seconds, peak, result.written_bytes, result.pinned)
    return Outcome(usage, result.facts)


def _read(path: Path) -> None:
    with path.open("rb") as stream:
        while stream.read(1 << 20):
            pass
