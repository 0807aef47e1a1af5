"""Uploads: files that are hashed one after another, and gathered so that many are looked up together."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from .errors import MediaError
from .hashing import hash_file, hash_image
from .results import HashedMedia

GATHERING_SECONDS = 0.5
"""How long uploads are gathered before they are looked up."""


@dataclass(frozen=True)
class Upload:
    """One upload: its hashes, or why it has none."""

    file: str | None
    """The path as it was given; None for what came from memory."""
    hashed: HashedMedia | None = None
    error: str | None = None

    @classmethod
    def of(cls, source: Any, algorithms: tuple[str, ...]) -> Upload:
        """Hash a path, or what ``hash_image`` takes.

        Raises:
            InvalidValue: If it is none of these.
        """
        path = os.fspath(source) if isinstance(source, (str, os.PathLike)) else None
        try:
            hashed = (hash_image if path is None else hash_file)(source, algorithms=algorithms)
        except MediaError as error:
            return cls(None if path is None else os.fsdecode(path), error=str(error))
        return cls(hashed.file, hashed)


def hash_each(sources: Iterable[Any], algorithms: tuple[str, ...], workers: int) -> Generator[Upload, None, None]:
    """The upload of each source, in their order; sources are taken as they are needed.

    Args:
        sources: As ``Upload.of`` takes them.
        algorithms: What to compute.
        workers: How many threads; 1: the calling one.

    Raises:
        InvalidValue: In its turn, if a source is none.
    """
    if workers == 1:
        yield from (Upload.of(source, algorithms) for source in sources)
        return
    waiting: deque[Future[Upload]] = deque()
    with ThreadPoolExecutor(workers, "hashmatch") as pool:
        try:
            for future in _submitted(pool, sources, algorithms):
                waiting.append(future)
                if len(waiting) >= 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def gather(
    uploads: Iterator[Upload], most: int, clock: Callable[[], float] = time.monotonic
) -> Iterator[tuple[Upload, ...]]:
    """Uploads in runs of at most ``most``, and of what came within half a second.

    Where they end in an error, what came before it is given first.

    Args:
        uploads: Of any number.
        most: From 1 up.
        clock: Seconds, from anywhere. It runs from when a run is asked for, so that whoever asks does not wait longer.
    """
    failure: Exception | None = None
    ended = False
    while not ended:
        run: list[Upload] = []
        end = clock() + GATHERING_SECONDS
        try:
            while not run or (len(run) < most and clock() < end):
                run.append(next(uploads))
        except StopIteration:
            ended = True
        except Exception as error:
            failure, ended = error, True
        if run:
            yield tuple(run)
    if failure is not None:
        raise failure


def _submitted(
    pool: ThreadPoolExecutor, sources: Iterable[Any], algorithms: tuple[str, ...]
) -> Iterator[Future[Upload]]:
    """Each upload under way; where the sources end in an error, it waits for its turn too."""
    try:
        for source in sources:
            yield pool.submit(Upload.of, source, algorithms)
    except Exception as error:
        failed: Future[Upload] = Future()
        failed.set_exception(error)
        yield failed
