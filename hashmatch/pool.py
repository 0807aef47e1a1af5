"""Pool: worker processes that hash files, and what becomes of each file, in order.

A worker that dies or overruns its time takes one file with it, and is replaced. Nothing of the caller's is imported or
forked: workers are started anew by their own command, so that a script needs no guard, and threads of a server none
either. Everything here happens in the thread that asks for the next result; there are no others.
"""

from __future__ import annotations

import contextlib
import multiprocessing.spawn
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from .errors import WorkerError
from .hashing import HashOptions
from .results import HashReport
from .wire import READY, Job, Unpacker, called, packed, unpacked

DEPTH = 2
"""Jobs that a worker has: while it answers one it can begin the next."""

_AHEAD = 32
"""Files for each worker that may be under way while an earlier one takes long."""
_AHEAD_BYTES = 256 << 20
"""Of contents that are held meanwhile."""
_GRACE = 5.0
"""Seconds beyond the limit after which a worker is ended from outside: the system may not have been able to."""
_START = 120.0
"""Seconds that a worker may take to start: nothing is compiled yet on a machine that never ran it."""
_IDLE = 0.02
"""Seconds after which a source that has nothing yet is asked again."""
_CHUNK = 1 << 20
_COMPLAINT = 1 << 14
"""Bytes of what a worker complains of that are kept."""
_COMMAND = "import sys; sys.path[:] = sys.argv[1:]; from hashmatch.worker import main; main()"
"""Nothing is imported before the path is ours: Python's own begins with the folder that we stand in, and what lies there."""
_LONGEST = 86_400.0
"""Seconds that are waited for at once."""
_ATTEMPTS = 3
"""Workers that may fail to start, one after the other, before it is said that they cannot."""


@dataclass(eq=False)
class Task:
    """One file, and what became of it."""

    file: str | None = None
    """The path as it was given."""
    job: Job = field(default_factory=Job)
    report: HashReport | None = None
    failure: Exception | None = None
    """An error of whoever gives the files, which is raised in its turn."""

    def finish(self, report: HashReport) -> None:
        """Take what became of it; the content is needed no more."""
        self.report, self.job = called(report, self.file), Job()

    @property
    def done(self) -> bool:
        """Whether there is something to give."""
        return self.report is not None or self.failure is not None

    @property
    def held(self) -> int:
        """Bytes of content that it holds."""
        return len(self.job.content or b"")


@dataclass(eq=False)
class _Worker:
    """One process and what it has to do."""

    process: subprocess.Popen[bytes]
    inbox: int
    outbox: int
    complaints: int
    """The pipe into which it, or a decoder in it, complains."""
    complained: bytes = b""
    """The end of that."""
    tasks: deque[Task] = field(default_factory=deque)
    unsent: deque[memoryview] = field(default_factory=deque)
    received: Unpacker = field(default_factory=Unpacker)
    ready: bool = False
    since: float = field(default_factory=time.monotonic)
    """When it was started, or began with its first task."""

    @classmethod
    def start(cls, order: bytes) -> _Worker:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        process = subprocess.Popen(
            [_python(), "-c", _COMMAND, *_search_path()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            bufsize=0,
        )
        inbox, outbox, complaints = (stream.fileno() for stream in _streams(process))
        for descriptor in (inbox, outbox, complaints):
            os.set_blocking(descriptor, False)
        worker = cls(process, inbox, outbox, complaints)
        worker.unsent.append(memoryview(order))
        return worker

    def take(self, task: Task, now: float) -> None:
        if not self.tasks and self.ready:
            self.since = now
        self.tasks.append(task)
        self.unsent.append(memoryview(packed(task.job)))

    def send(self) -> None:
        """Send as much as the pipe holds."""
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            while self.unsent:
                sent = os.write(self.inbox, self.unsent[0])
                self.unsent[0] = self.unsent[0][sent:]
                if not self.unsent[0]:
                    self.unsent.popleft()

    def receive(self) -> bool:
        """Take what it answered; whether it goes on."""
        try:
            content = os.read(self.outbox, _CHUNK)
        except BlockingIOError:
            return True
        try:
            for message in self.received.add(content):
                self._took(unpacked(message, HashReport))
        except ValueError:
            # What it says makes no sense: it is as good as dead.
            return False
        return bool(content)

    def _took(self, report: HashReport) -> None:
        self.since = time.monotonic()
        if not self.ready:
            self.ready = report == READY
            return
        if not self.tasks:
            raise ValueError("an answer to nothing")
        self.tasks.popleft().finish(report)

    def end(self) -> int | None:
        """End it however it is; how it ended, None if it cannot be told."""
        self.process.kill()
        for stream in _streams(self.process):
            stream.close()
        # One that waits for a disk that does not answer cannot be ended, and must not be waited for.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1.0)
        return self.process.returncode

    def hear(self) -> bool:
        """Take what it complains of, or it would have to wait; whether it may go on."""
        with contextlib.suppress(BlockingIOError):
            content = os.read(self.complaints, _CHUNK)
            self.complained = (self.complained + content)[-_COMPLAINT:]
            return bool(content)
        return True

    def complaint(self) -> str:
        """The last line of what it complained of."""
        lines = self.complained.decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it said nothing"


class Pool:
    """Some workers; good for one run."""

    def __init__(self, options: HashOptions, workers: int) -> None:
        """At most so many workers, which are started when there is something to do."""
        self._options = options
        self._most = workers
        self._order = packed(options)
        self._workers: list[_Worker] = []
        self._waiting: deque[Task] = deque()
        self._under_way: deque[Task] = deque()
        self._selector = selectors.DefaultSelector()
        self._failed = 0
        self._looked = time.monotonic()
        """When the workers were looked at last."""

    def run(self, tasks: Iterable[Task | None]) -> Generator[HashReport | None, None, None]:
        """The report of each task, in their order.

        Args:
            tasks: Taken as they are needed. None says that there is nothing yet.

        Yields:
            None where there is nothing yet: all that could be given was given.

        Raises:
            WorkerError: If workers cannot be started.
        """
        source = iter(tasks)
        more = True
        try:
            while more or self._under_way:
                nothing_yet = False
                while more and self._wants_more():
                    task = next(source, _END)
                    if task is _END:
                        more = False
                    elif task is None:
                        nothing_yet = True
                        break
                    else:
                        self._admit(task)  # type: ignore[arg-type]
                self._assign()
                given = False
                for report in self._finished():
                    given = True
                    yield report
                if given:
                    continue
                if self._under_way:
                    self._wait(_IDLE if nothing_yet else None)
                elif nothing_yet:
                    yield None
        finally:
            self._close()

    def _wants_more(self) -> bool:
        return (
            len(self._waiting) < self._most
            and len(self._under_way) < _AHEAD * self._most
            and sum(task.held for task in self._under_way) < _AHEAD_BYTES
        )

    def _admit(self, task: Task) -> None:
        self._under_way.append(task)
        if not task.done:
            self._waiting.append(task)

    def _assign(self) -> None:
        """Give what waits to those who have least to do; start one more where all have something."""
        while self._waiting:
            worker = min(self._workers, key=lambda one: len(one.tasks), default=None)
            if (worker is None or worker.tasks) and len(self._workers) < self._most:
                worker = self._start() or worker
            if worker is None or len(worker.tasks) >= DEPTH:
                break
            # As all their times do, it runs from when they were looked at last.
            worker.take(self._waiting.popleft(), self._looked)
            self._send(worker)

    def _start(self) -> _Worker | None:
        """One more worker; None if there cannot be one, and others go on."""
        try:
            worker = _Worker.start(self._order)
        except OSError as error:
            self._do_with_fewer(error.strerror or str(error))
            return None
        # It counts from when it is looked at.
        worker.since = self._looked
        self._workers.append(worker)
        for descriptor in (worker.outbox, worker.complaints):
            self._selector.register(descriptor, selectors.EVENT_READ, worker)
        return worker

    def _send(self, worker: _Worker) -> None:
        worker.send()
        watched = worker.inbox in self._selector.get_map()
        if worker.unsent and not watched:
            self._selector.register(worker.inbox, selectors.EVENT_WRITE, worker)
        elif watched and not worker.unsent:
            self._selector.unregister(worker.inbox)

    def _finished(self) -> Iterator[HashReport]:
        while self._under_way and self._under_way[0].done:
            task = self._under_way.popleft()
            if task.failure is not None:
                raise task.failure
            assert task.report is not None
            yield task.report

    def _wait(self, seconds: float | None) -> None:
        """Wait until a worker answers, dies or overruns its time, at most so many seconds."""
        now = time.monotonic()
        for one in self._workers:
            # Whoever asks us, or gives us files, may take any time: that is no worker's.
            one.since += now - self._looked
        ends = [self._end_of(worker) for worker in self._workers if worker.tasks or not worker.ready]
        until = min(_LONGEST, max(0.0, min(ends, default=now + 1.0) - now))
        for key, _ in self._selector.select(until if seconds is None else min(until, seconds)):
            worker: _Worker = key.data
            if worker not in self._workers:
                continue
            if key.fd == worker.inbox:
                self._send(worker)
            elif key.fd == worker.complaints:
                if not worker.hear():
                    self._selector.unregister(worker.complaints)
            elif not worker.receive():
                self._bury(worker)
        self._looked = now = time.monotonic()
        for worker in [worker for worker in self._workers if worker.tasks and self._end_of(worker) <= now]:
            self._bury(worker, overran=True)

    def _end_of(self, worker: _Worker) -> float:
        """When a worker has overrun its time."""
        return worker.since + (self._options.limits.seconds + _GRACE if worker.ready else _START)

    def _bury(self, worker: _Worker, *, overran: bool = False) -> None:
        """Take leave of a worker that died, and of the file that it had in hand; the others are another's."""
        self._workers.remove(worker)
        for descriptor in (worker.outbox, worker.inbox, worker.complaints):
            if descriptor in self._selector.get_map():
                self._selector.unregister(descriptor)
        # It may have died by itself: that is to be known before it is ended.
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.process.wait(0.0 if overran else 1.0)
        worker.hear()
        status = worker.end()
        if not worker.ready:
            self._do_with_fewer(worker.complaint())
        elif worker.tasks:
            task = worker.tasks.popleft()
            reason = self._reason(None if overran else status)
            task.finish(HashReport.failed(task.file, reason))
        self._waiting.extendleft(reversed(worker.tasks))

    def _do_with_fewer(self, complaint: str) -> None:
        """Go on with the workers that there are, or try again; not without end."""
        self._failed += 1
        if any(worker.ready for worker in self._workers):
            self._most = len(self._workers)
        elif self._failed >= _ATTEMPTS:
            raise WorkerError(f"worker processes cannot be started: {complaint}")

    def _reason(self, status: int | None) -> str:
        if status is None or status == -signal.SIGALRM:
            return f"it took longer than the limit of {self._options.limits.seconds:g} s"
        if status == -signal.SIGKILL:
            return "the worker that hashed it was killed, as it is where memory is short"
        known = {one.value: one.name for one in signal.Signals}
        how = f"status {status}" if status >= 0 else known.get(-status, f"signal {-status}")
        return f"the worker that hashed it died ({how})"

    def _close(self) -> None:
        for worker in self._workers:
            worker.end()
        self._workers.clear()
        self._selector.close()


_END = object()


def _search_path() -> list[str]:
    """Where we import from, whatever folder we stand in; that of this library first."""
    return [str(Path(__file__).parent.parent), *(path for path in sys.path if isinstance(path, str) and path)]


def _streams(process: subprocess.Popen[bytes]) -> list[IO[bytes]]:
    """What it reads, what it writes, and what it complains into."""
    return [stream for stream in (process.stdin, process.stdout, process.stderr) if stream is not None]


def _python() -> str:
    """The interpreter: where Python is embedded in another program, that of its environment."""
    executable = os.fsdecode(multiprocessing.spawn.get_executable() or "")
    if "python" in Path(executable).name.lower():
        return executable
    return str(Path(sys.prefix, "bin", "python3"))
