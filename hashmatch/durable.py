"""Durable: files that are there whole or not at all, whatever stops us, and the lock on a folder.

Every write of a bank goes through this module: written beside, fsynced, renamed, the folder fsynced.
The rename is the commit.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .errors import BankBusy, BankError

LOCK_SECONDS = 60.0
"""How long to wait for another process before giving up."""

TURNSTILE = "turnstile"
"""Name of the file beside a lock in which one stands while waiting for it."""


@contextlib.contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes the place of ``path`` when the block ends without an error.

    An error in the block leaves what stood there before, and nothing beside it.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        with open(beside, "wb") as stream:  # noqa: PTH123 - so that crash tests see every open in one place
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)  # noqa: PTH105 - as above
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


@contextlib.contextmanager
def output(path: Path) -> Iterator[BinaryIO]:
    """A file that somebody names for what we write: it takes the place of a file when the block ends without an error.

    A link is followed. What is no regular file (a pipe, a terminal, ``/dev/null``), or is open already
    (``/dev/stdout``), is written into as it is. Who may read a file that was there, may read the new one.

    Raises:
        OSError: If it cannot be written, or is a folder; it names the path.
    """
    target = Path(os.path.realpath(path))
    there = None
    with contextlib.suppress(FileNotFoundError):
        there = os.stat(path)  # noqa: PTH116 - what the kernel says, whatever the path reads like
    number = _descriptor(path)
    if number is not None or (there is not None and not stat.S_ISREG(there.st_mode)):
        try:
            opened = open(path if number is None else os.dup(number), "wb")  # noqa: PTH123, SIM115 - or a descriptor
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from error
        with opened as stream:
            yield stream
        return
    # A name that nobody can foresee, and that is nobody's yet: what stands beside the target is not ours.
    beside = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            if there is not None:
                _permit_as(descriptor, there)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


_DESCRIPTORS = re.compile(r"/dev/fd|/proc/(\d+)(/task/\d+)?/fd")
"""Folders that hold what processes have open, under its number."""


def _descriptor(path: Path) -> int | None:
    """The number under which this process has open what a path names, as ``/dev/stdout`` does; None: it names a file.

    Opened by its path, a file behind it would be written from its beginning, over what others write there.
    """
    for _ in range(40):
        folder = os.path.realpath(path.parent)
        inside = _DESCRIPTORS.fullmatch(folder)
        if inside is not None:
            ours = path.name.isdecimal() and int(inside[1] or os.getpid()) == os.getpid()
            return int(path.name) if ours else None
        path = Path(folder, path.name)
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
    return None


def _permit_as(descriptor: int, there: os.stat_result) -> None:
    """Give a new file the owner and the permissions of the one whose place it takes."""
    new = os.fstat(descriptor)
    if (new.st_uid, new.st_gid) != (there.st_uid, there.st_gid):
        with contextlib.suppress(OSError):
            os.fchown(descriptor, there.st_uid, there.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(there.st_mode))


def write_file(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of ``path``, atomically and durably."""
    with writing(path) as stream:
        stream.write(content)


def sync_folder(path: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_unfinished(folder: Path) -> None:
    """Remove what writers that were killed have left in a folder in which nobody is writing now."""
    for path in folder.glob(".*.new"):
        path.unlink(missing_ok=True)


def rename_folder(source: Path, target: Path) -> None:
    """Give a folder, whose files are synced, its final name, durably."""
    os.rename(source, target)  # noqa: PTH104 - as above
    sync_folder(target.parent)


@contextlib.contextmanager
def locked(path: Path, *, shared: bool = False, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the lock file at ``path`` (``flock``), for oneself or together with other readers.

    The kernel lets go of it when the process ends, however it ends. Whoever waits for it stands in the turnstile
    beside it, so that readers who come and go all the time do not keep a writer out.

    Raises:
        BankBusy: If it was not had in ``seconds``.
        BankError: If there can be no lock: the folder is gone or not ours, or the system has no ``flock``.
    """
    deadline = time.monotonic() + seconds
    busy = BankBusy(f"another process has held {path} for {seconds:g} s")
    with contextlib.ExitStack() as inside:
        with _held(path.with_name(TURNSTILE), shared, deadline, busy):
            inside.enter_context(_held(path, shared, deadline, busy))
        yield


@contextlib.contextmanager
def _held(path: Path, shared: bool, deadline: float, busy: BankBusy) -> Iterator[None]:
    """Hold one file by ``flock``."""
    try:
        import fcntl
    except ImportError:
        raise BankError("a bank needs a POSIX system: this one has no flock") from None
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BankError(f"{path} cannot be locked: {error.strerror}") from error
    try:
        while True:
            try:
                fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise busy from None
                time.sleep(0.02)
            except OSError as error:
                raise BankError(f"{path} cannot be locked: {error.strerror}") from error
        try:
            yield
        finally:
            # Closing would not do: a child that was forked meanwhile shares the descriptor, and with it the lock.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)
