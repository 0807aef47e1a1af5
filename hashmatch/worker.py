"""Worker: a process that hashes files for another one, until that ends.

It is started without the caller's main module, so that a script needs no guard, and a notebook none either. Its memory is
bounded by the system, where that knows such a bound. Its time is looked at by who started it, who hurries it and then ends
it; should nobody look, the system ends it when processors have worked for too long at one file. A video may take longer than
any other file: for each part of it that was decoded there is a sign that it goes on.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from collections.abc import Callable
from types import FrameType
from typing import BinaryIO

from .errors import InvalidValue
from .frames import Limits
from .hashing import HashOptions, hash_one
from .media import own_process
from .patience import Patience
from .results import HashReport
from .shelf import Shelved
from .wire import GOES_ON, READY, Job, called, packed, read

_UNSEEN = 2
"""So many times the time after which we are ended may be worked where nobody looks: decoders may have threads."""

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
    own_process()
    options.wanted()
    patience = Patience(options.limits.seconds)
    # Told that its time is over: a file's, whichever it is by now, since whoever tells us has watched us all the time.
    _take(signal.SIGUSR1, lambda *_: patience.go_by_clock())
    _take(signal.SIGPROF, signal.SIG_DFL)
    _write(answering, READY)

    def goes_on() -> None:
        _wind_up(options.limits)
        _write(answering, GOES_ON)

    while (job := read(asking, Job)) is not None:
        patience = Patience(options.limits.seconds, goes_on)
        _wind_up(options.limits)
        report = _report(job, options, patience)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _write(answering, called(report, None))


def _wind_up(limits: Limits) -> None:
    """Let the system end us when this was done for the last time too long ago."""
    signal.setitimer(signal.ITIMER_PROF, min(_UNSEEN * limits.last_second, _LONGEST))


def _take(number: signal.Signals, handler: signal.Handlers | Callable[[int, FrameType | None], object]) -> None:
    """Handle a signal, also where whoever started us has blocked it."""
    signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (number,))


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


def _report(job: Job, options: HashOptions, patience: Patience) -> HashReport:
    try:
        if job.path is not None:
            return hash_one(os.fsdecode(job.path), options, os.fsdecode(job.file or job.path), patience)
        content = job.content if job.place is None else Shelved(job.place)
        name = None if job.file is None else job.file.decode("utf-8", "surrogatepass")
        return hash_one(content, options, name, patience)
    except InvalidValue as error:
        return HashReport(None, error=str(error))


def _write(answering: int, report: HashReport) -> None:
    content = memoryview(packed(report))
    try:
        while content:
            content = content[os.write(answering, content) :]
    except BrokenPipeError:
        # Nobody reads it any more.
        os._exit(0)
