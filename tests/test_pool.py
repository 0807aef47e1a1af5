"""Worker processes: order, deaths, time, memory, and that nothing of the caller's is needed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from hashmatch import worker_process
from hashmatch.errors import WorkerError
from hashmatch.frames import Limits
from hashmatch.hashing import FileContent, hash_file
from hashmatch.results import HashReport
from hashmatch.tasks import Task
from hashmatch.uploads import hash_many
from hashmatch.wire import Job

from . import odd_worker
from .drawing import textured
from .processes import children

ROOT = Path(__file__).parent.parent
LIMIT = 60.0
"""Seconds after which a test has hung."""


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "_COMMAND", odd_worker.COMMAND)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.png" for number in range(6)]
    for number, path in enumerate(paths):
        Image.fromarray(textured(60, 70, seed=number)).save(path)
    return paths


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    before = children()
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    yield
    assert children() <= before
    assert len(os.listdir("/proc/self/fd")) <= descriptors + 1  # noqa: PTH208


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_reports_are_those_of_the_calling_process_in_order(workers: int, pictures: list[Path]) -> None:
    paths = [*pictures, pictures[0].parent, pictures[0].with_name("none")] * 8
    expected = list(hash_many(paths, workers=0))
    assert [report.file for report in expected] == list(map(str, paths))
    assert list(hash_many(paths, workers=workers)) == expected


def test_what_is_in_memory_is_hashed_too(pictures: list[Path]) -> None:
    content = pictures[0].read_bytes()
    sources = [content, memoryview(content), textured(60, 70, seed=0), Image.open(pictures[0]), pictures[0].open("rb")]
    found = [report.hashed for report in hash_many(sources, ("pdq",), workers=2)]
    assert [own.file for own in found if own] == [None] * 5
    assert [own["pdq"] for own in found if own] == [hash_file(pictures[0], ("pdq",))["pdq"]] * 5
    sources[-1].close()  # type: ignore[union-attr]


DEATHS = {
    "dies-19": "it took longer than the limit of 1 s",
    "dies-9": "the worker that hashed it was killed, as it is where memory is short",
    "dies-11": "the worker that hashed it died (SIGSEGV)",
    "leaves": "the worker that hashed it died (status 3)",
    "sleeps": "it took longer than the limit of 1 s",
    "cannot be ended by a clock": "it took longer than the limit of 1 s",
    "needs much": "there is not enough memory to hash it",
}


@pytest.mark.usefixtures("odd")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("word", DEATHS)
def test_a_worker_that_dies_takes_one_file_with_it(word: str, workers: int, pictures: list[Path]) -> None:
    paths: list[Path] = []
    for picture in pictures:
        paths += [picture, picture.with_name(word)] if len(paths) < 4 else [picture]
    reports = list(hash_many(paths, workers=workers, limits=Limits(seconds=1)))
    assert [report.file for report in reports] == list(map(str, paths))
    for path, report in zip(paths, reports, strict=True):
        if path.name != word:
            assert report == HashReport(str(path), hash_file(path))
        else:
            assert report.error == f"{path}: {DEATHS[word]}"


@pytest.mark.usefixtures("odd")
def test_every_file_may_kill_its_worker(tmp_path: Path) -> None:
    paths = [tmp_path / "dies-11"] * 12
    assert [report.error for report in hash_many(paths, workers=2)] == [f"{paths[0]}: {DEATHS['dies-11']}"] * 12


@pytest.mark.usefixtures("odd")
def test_content_that_kills_has_no_name() -> None:
    (report,) = hash_many([b"dies-11"], workers=1)
    assert report == HashReport(None, None, DEATHS["dies-11"])


@pytest.mark.usefixtures("odd")
def test_what_a_decoder_prints_disturbs_nothing(pictures: list[Path]) -> None:
    sources = [pictures[0], pictures[0].with_name("prints"), pictures[1]]
    reports = list(hash_many(sources, workers=1))
    assert [report.error is None for report in reports] == [True, False, True]


def test_time_runs_for_each_file_alone(pictures: list[Path]) -> None:
    reports = hash_many(pictures, workers=1, limits=Limits(seconds=0.5))
    for report in reports:
        assert report.error is None
        # A caller who takes long is no file that does.
        time.sleep(0.6)


def test_memory_is_bounded(tmp_path: Path, pictures: list[Path]) -> None:
    large = tmp_path / "large.png"
    Image.new("RGB", (9000, 9000)).save(large)
    limits = Limits(memory=900 << 20)
    reports = list(hash_many([pictures[0], large, pictures[1]], ("pdq",), workers=1, limits=limits))
    assert [report.error is None for report in reports] == [True, False, True]
    assert "memory" in str(reports[1].error)


def test_two_hundred_megapixels_are_hashed_in_a_worker_and_refused_in_the_calling_process(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    Image.fromarray(textured(125, 160)).resize((16_000, 12_500)).save(path, quality=60)
    before = Image.MAX_IMAGE_PIXELS
    (report,) = hash_many([path], ("pdq",), workers=1, fast=True)
    assert report.hashed is not None
    assert report.hashed.decoding == "fast"
    (refused,) = hash_many([path], ("pdq",), workers=0, fast=True)
    assert refused.error == f"{path}: the picture has more than 178956970 pixels, Pillow's limit in this process"
    (bounded,) = hash_many([path], ("pdq",), workers=1, fast=True, limits=Limits(pixels=10**8))
    assert bounded.error == f"{path}: the picture has 16000 x 12500 pixels, more than the limit of 100000000"
    assert before == Image.MAX_IMAGE_PIXELS


def test_many_large_contents_do_not_wait_for_each_other(pictures: list[Path]) -> None:
    content = pictures[0].read_bytes()
    padded = content + bytes(3 << 20)
    reports = list(hash_many((padded for _ in range(30)), ("pdq", "sha256"), workers=2))
    assert len({report.hashed["sha256"].hex for report in reports if report.hashed}) == 1
    assert len(reports) == 30


def test_a_run_can_be_left(pictures: list[Path]) -> None:
    def endless() -> Iterator[Path]:
        while True:
            yield from pictures

    reports = hash_many(endless(), workers=2)
    assert next(reports).error is None
    del reports


def test_workers_that_cannot_start_are_said_to(monkeypatch: pytest.MonkeyPatch, pictures: list[Path]) -> None:
    monkeypatch.setattr(worker_process, "_COMMAND", "import sys; sys.exit('there is no such library')")
    with pytest.raises(WorkerError, match=r"^worker processes cannot be started: there is no such library$"):
        list(hash_many(pictures, workers=2))


def test_threads_have_workers_of_their_own(pictures: list[Path]) -> None:
    found: list[list[HashReport]] = []
    threads = [threading.Thread(target=lambda: found.append(list(hash_many(pictures, workers=1)))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert found == [list(hash_many(pictures, workers=0))] * 3


def run_script(folder: Path, pictures: list[Path], text: str) -> subprocess.CompletedProcess[str]:
    """Run a script of these lines, with the pictures as its arguments."""
    script = folder / "script.py"
    script.write_text(text)
    command = [sys.executable, str(script), *map(str, pictures)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False, env=environment)


def test_a_script_needs_no_guard(tmp_path: Path, pictures: list[Path]) -> None:
    done = run_script(
        tmp_path,
        pictures,
        "import sys, hashmatch\n"
        "print('once')\n"
        "for report in hashmatch.hash_many(sys.argv[1:], workers=2):\n"
        "    print(report.file, report.error)\n",
    )
    assert done.returncode == 0
    assert done.stdout == "".join(["once\n", *(f"{path} None\n" for path in pictures)])
    assert done.stderr == ""


def test_workers_end_with_whoever_started_them(tmp_path: Path, pictures: list[Path]) -> None:
    done = run_script(
        tmp_path,
        pictures,
        "import os, sys, hashmatch, itertools\n"
        "reports = hashmatch.hash_many(itertools.cycle(sys.argv[1:]), workers=2)\n"
        "next(reports), next(reports)\n"
        "print(open(f'/proc/{os.getpid()}/task/{os.getpid()}/children').read(), flush=True)\n"
        "os.kill(os.getpid(), 9)\n",
    )
    assert done.returncode == -9
    workers = done.stdout.split()
    assert workers
    end = time.monotonic() + LIMIT
    while any(Path(f"/proc/{worker}/cmdline").exists() and _alive(worker) for worker in workers):
        assert time.monotonic() < end
        time.sleep(0.05)


def _alive(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_lies_in_the_folder_is_not_run(tmp_path: Path, pictures: list[Path]) -> None:
    for name in ("json", "sys", "os", "re", "numpy", "hashmatch", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'was-run')!r}, 'w').write({name!r})")
    script = (
        "import sys; sys.path.remove('') if '' in sys.path else None\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "import hashmatch\n"
        "for report in hashmatch.hash_many(sys.argv[1:], workers=1):\n"
        "    assert report.error is None, report.error\n"
    )
    command = [sys.executable, "-I", "-c", script, *map(str, pictures)]
    subprocess.run(command, cwd=tmp_path, timeout=LIMIT, check=True)
    assert not (tmp_path / "was-run").exists()


def test_paths_mean_what_they_meant_where_they_were_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.txt").write_text(name)

    def moving() -> Iterator[str]:
        for name in ("a", "b", "a"):
            monkeypatch.chdir(tmp_path / name)
            yield "x.txt"

    reports = list(hash_many(moving(), ("sha256",), workers=1))
    expected = [hash_file(tmp_path / name / "x.txt", ("sha256",))["sha256"].hex for name in ("a", "b", "a")]
    assert [report.hashed["sha256"].hex for report in reports if report.hashed] == expected
    assert [report.file for report in reports] == ["x.txt"] * 3


@pytest.mark.parametrize("kind", ["path", "content"])
def test_a_caller_who_takes_long_costs_no_file(kind: str, pictures: list[Path]) -> None:
    sources = [path.read_bytes() + bytes(1 << 20) if kind == "content" else path for path in pictures]

    def slow() -> Iterator[object]:
        for number, source in enumerate(sources):
            if number == 3:
                time.sleep(2.5)
            yield source

    for number, report in enumerate(hash_many(slow(), ("sha256",), workers=1, limits=Limits(seconds=0.5))):
        assert report.error is None
        if number < 2:
            time.sleep(2.5)


def test_a_replacement_that_cannot_start_leaves_the_others(
    pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    others = children()
    reports = hash_many(pictures * 20, workers=2)
    next(reports)
    monkeypatch.setattr(worker_process, "_COMMAND", "import sys; sys.exit('no')")
    os.kill(min(children() - others), 9)
    errors = [report.error for report in reports]
    assert len(errors) == 20 * len(pictures) - 1
    assert sum(error is not None for error in errors) <= 1


LATE = """
import os, sys, time
try:
    os.mkdir("begun")
except OSError:
    open(f"begun/{os.getpid()}", "wb").close()
    sys.exit("no")
while len(os.listdir("begun")) < 3:
    time.sleep(0.02)
"""


def test_one_that_starts_late_is_waited_for_though_no_other_can(
    pictures: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(worker_process, "_COMMAND", LATE + worker_process._COMMAND)
    monkeypatch.chdir(tmp_path)
    assert [report.error for report in hash_many(pictures, workers=2)] == [None] * len(pictures)


def test_contents_are_let_go_when_they_are_hashed(pictures: list[Path]) -> None:
    task = Task("a", Job(b"a", b"content"))
    task.finish(HashReport(None, error="no"))
    assert (task.held, task.job.content) == (0, None)


@pytest.mark.parametrize("seconds", [1e10, float("inf")])
def test_there_may_be_no_limit_of_time(seconds: float, pictures: list[Path]) -> None:
    (report,) = hash_many(pictures[:1], workers=1, limits=Limits(seconds=seconds))
    assert report.error is None


def test_names_that_cannot_be_encoded_come_through(pictures: list[Path]) -> None:
    content = pictures[0].read_bytes()
    (report,) = hash_many([FileContent("\ud800x.png", content)], workers=1)
    assert report.file == "\ud800x.png"
    assert report.error is None
