"""Worker: a process that hashes files for another one, until that ends.

It is started without the caller's main module, so that a script needs no guard, and a notebook none either. Its time for
one file is hard: the kernel ends it. So is its memory, where the system knows such a bound.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from typing import BinaryIO

from .errors import InvalidValue
from .frames import Limits
from .hashing import FileContent, HashOptions, hash_one
from .media import lift_process_limits
from .results import HashReport
from .wire import READY, Job, called, packed, read

_GRACE = 1.0
"""Seconds beyond the limit after which the kernel ends us."""

_LONGEST = 365 * 86_400.0
"""Seconds: more than the system can count would be an error."""


def main() -> None:
    """Hash what standard input asks for, and answer on standard output."""
    # Whoever presses Ctrl-C means the process that we work for, which ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asking, answering = _pipes()
    options = read(asking, HashOptions)
    if options is None:
        return
    _bound(options.limits)
    lift_process_limits()
    options.wanted()
    _write(answering, READY)
    while (job := read(asking, Job)) is not None:
        # A file of many frames is asked first, so that those it has shown are not lost.
        signal.setitimer(signal.ITIMER_REAL, min(options.limits.seconds + _GRACE, _LONGEST))
        report = _report(job, options)
        # Whoever reads the answer may take any time.
        signal.setitimer(signal.ITIMER_REAL, 0)
        _write(answering, called(report, None))


def _pipes() -> tuple[BinaryIO, int]:
    """The two pipes, out of the way of whatever a decoder reads from standard input or prints."""
    asking, answering = os.fdopen(os.dup(0), "rb"), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return asking, answering


def _bound(limits: Limits) -> None:
    """Let the system watch over memory, and leave no image of it behind."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = limits.memory if most == resource.RLIM_INFINITY else min(most, limits.memory)
    # Not every system has such a bound, or lets it be that low.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (wanted, most))


def _report(job: Job, options: HashOptions) -> HashReport:
    try:
        if job.path is None:
            return hash_one(job.content, options)
        if job.content is not None:
            return hash_one(FileContent(job.path.decode("utf-8", "surrogatepass"), job.content), options)
        return hash_one(os.fsdecode(job.path), options, os.fsdecode(job.file or job.path))
    except InvalidValue as error:
        return HashReport(None, error=str(error))
    except MemoryError:
        return HashReport(None, error="there is not enough memory to hash it")


def _write(answering: int, report: HashReport) -> None:
    content = memoryview(packed(report))
    try:
        while content:
            content = content[os.write(answering, content) :]
    except BrokenPipeError:
        # Nobody reads it any more.
        os._exit(0)
