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
from .wire import Answer, Job, Order, packed, read

_GRACE = 1.0
"""Seconds beyond the limit after which the kernel ends us."""

_LONGEST = 365 * 86_400.0

READY = Answer()
"""The first answer."""


def main() -> None:
    """Hash what standard input asks for, and answer on standard output."""
    # Whoever presses Ctrl-C means the process that we work for, which ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asking, answering = _pipes()
    order = read(asking, Order)
    if order is None:
        return
    _bound(order.limits)
    lift_process_limits()
    options = HashOptions(order.algorithms, order.limits, order.fast)
    options.wanted()
    _write(answering, READY)
    while (job := read(asking, Job)) is not None:
        # A file of many frames is asked first, so that those it has shown are not lost.
        signal.setitimer(signal.ITIMER_REAL, min(order.limits.seconds + _GRACE, _LONGEST))
        answer = _answer(job, options)
        # Whoever reads the answer may take any time.
        signal.setitimer(signal.ITIMER_REAL, 0)
        _write(answering, answer)


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


def _answer(job: Job, options: HashOptions) -> Answer:
    try:
        if job.path is None:
            return Answer.of(hash_one(job.content, options))
        if job.content is not None:
            return Answer.of(hash_one(FileContent(job.path.decode("utf-8", "surrogatepass"), job.content), options))
        return Answer.of(hash_one(os.fsdecode(job.path), options, os.fsdecode(job.file or job.path)))
    except InvalidValue as error:
        return Answer(error=str(error))
    except MemoryError:
        return Answer(error="there is not enough memory to hash it")


def _write(answering: int, answer: Answer) -> None:
    content = memoryview(packed(answer))
    try:
        while content:
            content = content[os.write(answering, content) :]
    except BrokenPipeError:
        # Nobody reads it any more.
        os._exit(0)
