"""WorkerProcess: a process that hashes files, as who started it sees it."""

from __future__ import annotations

import contextlib
import multiprocessing.spawn
import os
import signal
import subprocess
import sys
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from .results import HashReport
from .shelf import Shelf
from .tasks import Task
from .wire import GOES_ON, READY, Unpacker, packed, unpacked

_SENT_BYTES = 64 << 20
"""Of contents that go through the pipe, of which there are several copies on the way; longer ones go on the shelf."""
_CHUNK = 1 << 20
_COMPLAINT = 1 << 14
"""Bytes of what a worker complains of that are kept."""
_COMMAND = "import sys; sys.path[:] = sys.argv[1:]; from hashmatch.worker import main; main()"
"""Nothing is imported before the path is ours: Python's own begins with the folder that we stand in, and what lies there."""


@dataclass(eq=False)
class WorkerProcess:
    """One process and what it has to do. Times are of whatever clock its owner has."""

    process: subprocess.Popen[bytes]
    shelf: Shelf
    inbox: int
    outbox: int
    complaints: int
    """The pipe into which it, or a decoder in it, complains."""
    since: float
    """When it was started, began with its first task, or last said anything."""
    complained: bytes = b""
    """The end of what it complained of."""
    tasks: deque[Task] = field(default_factory=deque)
    unsent: deque[memoryview] = field(default_factory=deque)
    received: Unpacker = field(default_factory=Unpacker)
    ready: bool = False

    @classmethod
    def start(cls, order: bytes, now: float) -> WorkerProcess:
        """Start one, which is told how to hash.

        Raises:
            OSError: If the system does not let us.
        """
        shelf = Shelf()
        try:
            process = subprocess.Popen(
                [_python(), "-c", _COMMAND, *_search_path()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                bufsize=0,
                pass_fds=(shelf.descriptor,),
            )
        except BaseException:
            shelf.close()
            raise
        inbox, outbox, complaints = (stream.fileno() for stream in _streams(process))
        for descriptor in (inbox, outbox, complaints):
            os.set_blocking(descriptor, False)
        worker = cls(process, shelf, inbox, outbox, complaints, now)
        worker.unsent.append(memoryview(order))
        return worker

    def take(self, task: Task, now: float) -> None:
        """Give it a task behind those that it has.

        Raises:
            OSError: If there is no room for what it is to be sent; it has not got the task then.
        """
        job = task.job
        if job.content is not None and len(job.content) > _SENT_BYTES:
            job = replace(job, content=None, place=self.shelf.put(job.content))
        if not self.tasks and self.ready:
            self.since = now
        self.tasks.append(task)
        self.unsent.append(memoryview(packed(job)))

    def send(self) -> None:
        """Send as much as the pipe holds."""
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            while self.unsent:
                sent = os.write(self.inbox, self.unsent[0])
                self.unsent[0] = self.unsent[0][sent:]
                if not self.unsent[0]:
                    self.unsent.popleft()

    def receive(self, now: float) -> bool:
        """Take what it answered; whether it goes on."""
        try:
            content = os.read(self.outbox, _CHUNK)
        except BlockingIOError:
            return True
        try:
            for message in self.received.add(content):
                self._took(unpacked(message, HashReport), now)
        except ValueError:
            # What it says makes no sense: it is as good as dead.
            return False
        return bool(content)

    def _took(self, report: HashReport, now: float) -> None:
        self.since = now
        if not self.ready:
            self.ready = report == READY
            return
        if report == GOES_ON:
            return
        if not self.tasks:
            raise ValueError("an answer to nothing")
        self.tasks.popleft().finish(report)
        if not any(task.held > _SENT_BYTES for task in self.tasks):
            self.shelf.clear()

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

    def hurry(self) -> None:
        """Tell it that the time for its file is over: what it has of it by then is enough."""
        self.process.send_signal(signal.SIGUSR1)

    def end(self) -> int | None:
        """End it however it is; how it ended, None if it cannot be told."""
        self.process.kill()
        for stream in _streams(self.process):
            stream.close()
        self.shelf.close()
        # One that waits for a disk that does not answer cannot be ended, and must not be waited for.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1.0)
        return self.process.returncode


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
