"""Uploads: files that are hashed one after another, and gathered so that many are looked up together."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

from .errors import InvalidValue
from .frames import DEFAULT_LIMITS, Limits
from .hashing import HashOptions, hash_one
from .results import HashReport
from .sampling import Wanted

_IDLE = 0.02
"""Seconds after which a source that has nothing yet is asked again."""

GATHERING_SECONDS = 0.5
"""How long uploads are gathered before they are looked up."""


def hash_many(
    sources: Iterable[Any],
    algorithms: Iterable[str] = ("pdq", "sha256"),
    *,
    workers: int | None = None,
    fast: bool = False,
    sampling: Wanted = None,
    views: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[HashReport]:
    """Hash many files in processes of their own, which a hostile file cannot hold up.

    Args:
        sources: Paths, what ``find_files`` finds, bytes of files, or whatever ``hash_image`` takes; taken as they are
            needed. None says that there is nothing yet, so that what was taken is answered.
        algorithms: As for ``hash_file``.
        workers: How many processes; None: one for each core (on systems that are not POSIX: 0); 0: none, everything in
            the calling thread, where limits of time are looked at between frames only.
        fast: As for ``hash_file``.
        sampling: As for ``hash_file``.
        views: As for ``hash_file``.
        limits: Bounds on each file.

    Returns:
        One report for each source, in their order; a bad file is a report with an ``error``.

    Raises:
        UnknownName: At once, if there is no such algorithm.
        InvalidValue: At once, if an argument makes no sense; in its turn, if a source is nothing that can be hashed.
        WorkerError: If workers cannot be started.
    """
    options = HashOptions.of(algorithms, limits, fast, sampling, views)
    reports = hash_each(sources, options, check_workers(workers))
    return (report for report in reports if report is not None)


def check_workers(workers: int | None) -> int:
    """How many processes are meant.

    Raises:
        InvalidValue: If there cannot be so many.
    """
    if os.name != "posix":
        if workers:
            raise InvalidValue("worker processes need a POSIX system")
        return 0
    if workers is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if workers < 0:
        raise InvalidValue(f"there cannot be {workers} workers")
    return workers


def hash_each(sources: Iterable[Any], options: HashOptions, workers: int) -> Generator[HashReport | None, None, None]:
    """The report of each source, in their order; sources are taken as they are needed.

    Args:
        sources: As ``hash_one`` takes them; None says that there is nothing yet.
        options: How.
        workers: How many processes; 0: the calling thread.

    Yields:
        None where a source that has nothing yet is to be asked again.

    Raises:
        InvalidValue: In its turn, if a source is none.
        WorkerError: If workers cannot be started.
    """
    reports = _in_workers(sources, options, workers) if workers else _here(sources, options)
    with contextlib.closing(reports):
        for report in reports:
            yield report
            if report is None:
                time.sleep(_IDLE)


def _here(sources: Iterable[Any], options: HashOptions) -> Generator[HashReport | None, None, None]:
    return (None if source is None else hash_one(source, options) for source in sources)


def _in_workers(sources: Iterable[Any], options: HashOptions, workers: int) -> Generator[HashReport | None, None, None]:
    # Only here, since it costs time that nobody else should spend.
    from .pool import Pool
    from .tasks import Task

    def tasks() -> Iterator[Task | None]:
        try:
            for source in sources:
                yield None if source is None else Task.of(source, options)
        except Exception as error:
            yield Task(failure=error)

    yield from Pool(options, workers).run(tasks())


def gather(
    uploads: Iterator[HashReport | None], most: int, clock: Callable[[], float] = time.monotonic
) -> Iterator[tuple[HashReport, ...]]:
    """Uploads in runs of at most ``most``, and of what came within half a second.

    Where they end in an error, what came before it is given first.

    Args:
        uploads: Of any number; None where there is nothing yet, so that what was gathered is not kept waiting.
        most: From 1 up.
        clock: Seconds, from anywhere. It runs from when a run is asked for, so that whoever asks does not wait longer.
    """
    failure: Exception | None = None
    ended = False
    while not ended:
        run: list[HashReport] = []
        end = clock() + GATHERING_SECONDS
        try:
            while not run or (len(run) < most and clock() < end):
                upload = next(uploads)
                if upload is not None:
                    run.append(upload)
                elif run:
                    break
        except StopIteration:
            ended = True
        except Exception as error:
            failure, ended = error, True
        if run:
            yield tuple(run)
    if failure is not None:
        raise failure
