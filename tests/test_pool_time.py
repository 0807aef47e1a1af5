"""Workers and time: whose it is, and that none passes while everything stands still."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from hashmatch import frames, worker_process
from hashmatch.frames import Limits
from hashmatch.hashing import hash_file
from hashmatch.results import HashReport
from hashmatch.uploads import hash_many

from . import odd_worker
from .drawing import textured
from .processes import children

ROOT = Path(__file__).parent.parent
LIMIT = 60.0
"""Seconds after which a test has hung."""


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(worker_process, "_COMMAND", odd_worker.COMMAND)
    Image.fromarray(textured(60, 70)).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_frames_before_the_limit_are_kept_however_long_each_takes(
    picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever the machine does, the worker is not ended.
    monkeypatch.setattr(frames, "_LEAST_MORE", 1000.0)
    monkeypatch.setattr(frames, "_MOST_MORE", 1000.0)
    slow = picture.rename(picture.with_name("slow.gif"))
    (report,) = hash_many([slow], ("pdq", "sha256"), workers=1, limits=Limits(seconds=1))
    assert report.error is None
    assert report.hashed is not None
    assert report.hashed.damage == "only its first frame was hashed: it took longer than the limit of 1 s"
    assert len(report.hashed["pdq"].frames) == 1
    assert report.hashed["sha256"].digest == hash_file(slow, ("sha256",))["sha256"].digest


STOPPING = """
import sys
from hashmatch import worker_process
from hashmatch.frames import Limits
from hashmatch.uploads import hash_many
from tests import odd_worker
worker_process._COMMAND = odd_worker.COMMAND
for report in hash_many(sys.argv[1:], ("sha256",), workers=1, limits=Limits(seconds=2)):
    print(report.error)
"""


def test_a_file_is_not_late_because_everything_was_stopped(picture: Path) -> None:
    waits = picture.rename(picture.with_name("waits"))
    begun, go = waits.with_name("waits.begun"), waits.with_name("waits.go")
    command = [sys.executable, "-c", STOPPING, str(waits), str(waits)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as running:
        until(begun.exists)
        os.killpg(running.pid, signal.SIGSTOP)
        time.sleep(1.5 * Limits(seconds=2).last_second)
        os.killpg(running.pid, signal.SIGCONT)
        go.touch()
        out, _ = running.communicate(timeout=LIMIT)
    assert out == "None\nNone\n"


def state(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_worker_that_nobody_watches_ends_by_itself(picture: Path) -> None:
    works = picture.with_name("works")
    works.touch()
    others = children()
    reports = hash_many([picture, works, picture], workers=1, limits=Limits(seconds=1))
    assert next(reports).error is None
    (worker,) = children() - others
    until(lambda: state(worker) == "Z")
    assert list(reports) == [
        HashReport(str(works), error=f"{works}: it took longer than the limit of 1 s"),
        HashReport(str(picture), hash_file(picture)),
    ]
