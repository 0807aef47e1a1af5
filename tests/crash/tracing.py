"""Tracing every call that changes files, and dying at one of them."""

from __future__ import annotations

import builtins
import io
import os
import pathlib
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

WRITABLE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

BUFFER = 512
"""Bytes that a file keeps back before it writes: fewer than Python's own, so that small files are torn too."""


@dataclass(frozen=True)
class Point:
    """One call that changes files below the traced folder, or makes a change durable."""

    call: str
    path: str
    """Relative to the folder that is traced, as is ``target``."""
    target: str = ""
    failed: bool = False
    """It raised, and changed nothing."""


@dataclass(frozen=True)
class Death:
    """Where to die: ``before`` or ``after`` point ``number``, or ``torn``: with half of its bytes written."""

    moment: str
    number: int


Watch = Callable[[str, int], None]
"""Is told each moment: ``before`` or ``after``, and the point's number."""


class Tracer:
    """Records points, and ends its process by SIGKILL at one of them."""

    def __init__(self, root: Path, death: Death | None = None, watch: Watch | None = None) -> None:
        self.root = root
        self.death = death
        self.watch = watch
        self.points: list[Point] = []
        self.audited: list[tuple[str, str]] = []
        self._folders: dict[int, str] = {}
        self._open = os.open

    def call(self, point: Point | None, perform: Callable[[], Any], tear: Callable[[], Any] | None = None) -> Any:
        if point is None:
            return perform()
        number = len(self.points)
        self.points.append(point)
        self._reach("before", number)
        if tear is not None and self.death == Death("torn", number):
            tear()
        self._reach("torn", number)
        try:
            return perform()
        except OSError:
            self.points[number] = replace(point, failed=True)
            raise
        finally:
            self._reach("after", number)

    def point(self, call: str, path: Any, target: Any = None, folder: int | None = None) -> Point | None:
        """The point of a call on a path, or None if that does not lie below the root."""
        inside = self.inside(path, folder)
        return None if inside is None else Point(call, inside, (self.inside(target, None) or "") if target else "")

    def inside(self, path: Any, folder: int | None) -> str | None:
        if isinstance(path, int):
            return self._folders.get(path)
        full = Path(os.fsdecode(path))
        if folder is not None and not full.is_absolute():
            full = self.root / self._folders.get(folder, "..") / full
        full = Path(os.path.abspath(full))  # noqa: PTH100 - a link is unlinked, not what it leads to
        return full.relative_to(self.root).as_posix() if full.is_relative_to(self.root) else None

    def remember(self, descriptor: int, path: Any, folder: int | None = None) -> None:
        self._folders.pop(descriptor, None)
        if (inside := self.inside(path, folder)) is not None:
            self._folders[descriptor] = inside

    def os_open(self, path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        point = self.point("open", path, folder=dir_fd) if flags & WRITABLE else None
        descriptor: int = self.call(point, lambda: self._open(path, flags, mode, dir_fd=dir_fd))
        self.remember(descriptor, path, dir_fd)
        return descriptor

    def open(self, file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
        if isinstance(file, int) or not set(mode) & set("wax+") or self.inside(file, None) is None:
            return _OPEN(file, mode, *arguments, **named)
        if "b" not in mode:
            raise NotImplementedError("nothing of a bank is written as text")
        raw = self.call(self.point("open", file), lambda: TracedFile(self, file, mode.replace("b", "")))
        return (io.BufferedRandom if "+" in mode else io.BufferedWriter)(raw, BUFFER)

    def _reach(self, moment: str, number: int) -> None:
        if self.watch is not None and moment != "torn":
            self.watch(moment, number)
        if self.death == Death(moment, number):
            os.kill(os.getpid(), signal.SIGKILL)


_OPEN = io.open


class TracedFile(io.FileIO):
    """A file open for writing: what reaches the kernel is a point."""

    def __init__(self, tracer: Tracer, path: Any, mode: str) -> None:
        self._tracer = tracer
        self._path = path
        super().__init__(path, mode)
        tracer.remember(self.fileno(), path)

    def write(self, content: Any) -> int:
        octets = memoryview(content).cast("B")
        write = super().write
        written: int = self._traced("write", lambda: write(octets), lambda: write(octets[: len(octets) // 2]))
        return written

    def truncate(self, size: int | None = None) -> int:
        truncate = super().truncate
        length: int = self._traced("truncate", lambda: truncate(size))
        return length

    def close(self) -> None:
        if not self.closed:
            self._traced("close", super().close)

    def _traced(self, call: str, perform: Callable[[], Any], tear: Callable[[], Any] | None = None) -> Any:
        return self._tracer.call(self._tracer.point(call, self._path), perform, tear)


@contextmanager
def traced(root: Path, death: Death | None = None, watch: Watch | None = None) -> Iterator[Tracer]:
    """Trace what this process does below a folder. Meant for a process that ends soon: an audit hook stays."""
    tracer = Tracer(Path(os.path.abspath(root)), death, watch)  # noqa: PTH100 - as above
    sys.addaudithook(lambda event, arguments: _audit(tracer, event, arguments))
    # Until Python 3.10 pathlib keeps its own references.
    accessor = getattr(pathlib, "_NormalAccessor", None)
    patches = {("open", io.open): tracer.open, ("open", os.open): tracer.os_open} | {
        (name, original): _wrapped(tracer, name, original)
        for name in ("fsync", "write", "rename", "replace", "unlink", "remove", "rmdir", "mkdir")
        if (original := getattr(os, name))
    }
    undo: list[tuple[Any, str, Any]] = []
    for (name, original), patch in patches.items():
        for owner in (os, io, builtins, accessor):
            if owner is not None and vars(owner).get(name) in (original, staticmethod(original)):
                undo.append((owner, name, vars(owner)[name]))
                setattr(owner, name, staticmethod(patch) if owner is accessor else patch)
    try:
        yield tracer
    finally:
        for owner, name, original in undo:
            setattr(owner, name, original)


def _wrapped(tracer: Tracer, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    call = {"remove": "unlink", "replace": "rename"}.get(name, name)

    def wrapper(first: Any, *arguments: Any, **named: Any) -> Any:
        target = arguments[0] if call == "rename" else None
        point = tracer.point(call, first, target, named.get("dir_fd"))
        return tracer.call(point, lambda: original(first, *arguments, **named))

    return wrapper


_AUDITED = {"os.rename": "rename", "os.remove": "unlink", "os.rmdir": "rmdir", "os.mkdir": "mkdir"}


def _audit(tracer: Tracer, event: str, arguments: tuple[Any, ...]) -> None:
    """Note what the interpreter itself sees being changed, whoever does it."""
    if event == "open" and (arguments[2] & WRITABLE) and isinstance(arguments[0], (str, bytes, os.PathLike)):
        call, folder = "open", None
    elif event in _AUDITED:
        call = _AUDITED[event]
        folder = None if arguments[-1] == -1 or call == "rename" else arguments[-1]
    elif event in ("os.link", "os.symlink", "os.truncate"):
        call, folder = event, None
    else:
        return
    inside = tracer.inside(arguments[0], folder)
    if inside is not None:
        tracer.audited.append((call, inside))


def untraced(tracer: Tracer) -> list[tuple[str, str]]:
    """What was changed past the tracer, as far as the interpreter can tell."""
    seen = Counter(
        (point.call, point.path)
        for point in tracer.points
        if point.call in ("open", "rename", "unlink", "rmdir", "mkdir")
    )
    return sorted((Counter(tracer.audited) - seen).elements())
