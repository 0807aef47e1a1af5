"""Pool: worker processes that hash files, and what becomes of each file, in order.

A worker that dies or overruns its time takes one file with it, and is replaced. Nothing of the caller's is imported or
forked: workers are started anew by their own command, so that a script needs no guard, and threads of a server none
either. Everything here happens in the thread that asks for the next result; there are no others.
"""

from __future__ import annotations

import contextlib
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator

from .errors import WorkerError
from .hashing import HashOptions
from .results import HashReport
from .tasks import Task
from .wire import packed
from .worker_process import WorkerProcess

DEPTH = 2
"""Jobs that a worker has: while it answers one it can begin the next."""

_AHEAD = 32
"""Files for each worker that may be under way while an earlier one takes long."""
_AHEAD_BYTES = 256 << 20
"""Of contents that are held meanwhile."""
_START = 120.0
"""Seconds that a worker may take to start: nothing is compiled yet on a machine that never ran it."""
_IDLE = 0.02
"""Seconds after which a source that has nothing yet is asked again."""
_LOOK = 1.0
"""Seconds after which workers are looked at, however long they may take yet: it may be that everything stood still."""
_LATE = 1.0
"""Seconds that a look may come late on a machine that does not stand still."""
_ATTEMPTS = 3
"""Workers that may fail to start, one after the other, before it is said that they cannot."""


class Pool:
    """Some workers; good for one run."""

    def __init__(self, options: HashOptions, workers: int) -> None:
        """At most so many workers, which are started when there is something to do."""
        self._options = options
        self._most = workers
        self._order = packed(options)
        self._workers: list[WorkerProcess] = []
        self._waiting: deque[Task] = deque()
        self._under_way: deque[Task] = deque()
        self._selector = selectors.DefaultSelector()
        self._failed = 0
        self._watched = 0.0
        """The clock by which workers are timed: seconds in which we watched them. It stands still while whoever asks us, or
        gives us files, takes any time, and while we are stopped or the machine sleeps: that is no worker's."""

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
            task = self._waiting.popleft()
            try:
                worker.take(task, self._watched)
            except OSError as error:
                task.fail(f"it cannot be handed to a worker: {error.strerror}")
            self._send(worker)

    def _start(self) -> WorkerProcess | None:
        """One more worker; None if there cannot be one, and others go on."""
        try:
            worker = WorkerProcess.start(self._order, self._watched)
        except OSError as error:
            self._do_with_fewer(error.strerror or str(error))
            return None
        self._workers.append(worker)
        for descriptor in (worker.outbox, worker.complaints):
            self._selector.register(descriptor, selectors.EVENT_READ, worker)
        return worker

    def _send(self, worker: WorkerProcess) -> None:
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
        """Wait until a worker answers, dies or has used up its time, or for so many seconds, or for a while."""
        for key, _ in self._watch(min([_LOOK if seconds is None else seconds, *self._left()])):
            worker: WorkerProcess = key.data
            if worker not in self._workers:
                continue
            if key.fd == worker.inbox:
                self._send(worker)
            elif key.fd == worker.complaints:
                if not worker.hear():
                    self._selector.unregister(worker.complaints)
            elif not worker.receive(self._watched):
                self._bury(worker)
        for worker in [worker for worker in self._workers if worker.tasks or not worker.ready]:
            if self._watched >= self._end_of(worker):
                self._bury(worker, overran=True)
            elif worker.ready and self._watched >= worker.since + self._options.limits.seconds:
                worker.hurry()

    def _watch(self, seconds: float) -> list[tuple[selectors.SelectorKey, int]]:
        """What comes from the workers within so many seconds."""
        began = time.monotonic()
        events = self._selector.select(seconds)
        # Whoever comes back much later than he wanted to was stopped, and the workers most likely with him.
        self._watched += min(time.monotonic() - began, seconds + _LATE)
        return events

    def _left(self) -> Iterator[float]:
        """Seconds until something is to be done about each worker."""
        for worker in self._workers:
            if worker.tasks or not worker.ready:
                enough = worker.since + self._options.limits.seconds
                hurries = worker.ready and self._watched < enough
                yield max(0.0, (enough if hurries else self._end_of(worker)) - self._watched)

    def _end_of(self, worker: WorkerProcess) -> float:
        """When a worker is to be ended."""
        return worker.since + (self._options.limits.last_second if worker.ready else _START)

    def _bury(self, worker: WorkerProcess, *, overran: bool = False) -> None:
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
            worker.tasks.popleft().fail(self._reason(None if overran else status))
        self._waiting.extendleft(reversed(worker.tasks))

    def _do_with_fewer(self, complaint: str) -> None:
        """Go on with the workers that there are, or try again; not without end."""
        self._failed += 1
        if any(worker.ready for worker in self._workers) or self._failed >= _ATTEMPTS:
            if not self._workers:
                raise WorkerError(f"worker processes cannot be started: {complaint}")
            # One that is not ready yet may become so; if it does not, there is none left, and that is said then.
            self._most = len(self._workers)

    def _reason(self, status: int | None) -> str:
        if status is None or status == -signal.SIGPROF:
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
