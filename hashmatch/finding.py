"""Finding: which files are meant by paths of files, folders and archives."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator

from .archives import archived_files, is_archive
from .frames import DEFAULT_LIMITS, Limits
from .hashing import FileContent
from .results import HashReport

Found = str | FileContent | HashReport
"""A path; or what stands in an archive; or why a file is not to be opened. ``hash_many`` takes them all."""


def find_files(
    paths: Iterable[str | os.PathLike[str]],
    *,
    recursive: bool = True,
    patterns: bool = True,
    archives: bool = True,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Found]:
    """Each file that is meant, one after the other, for ``hash_many`` and ``Matcher.match_many``.

    A folder stands for all files below it, sorted by name, hidden ones too; each folder is entered once, however many
    links lead there, and a link that leads out of the folder that was named is a report that says so. A tar or zip
    archive, told by its name, stands for the files in it. What is missing, or is not to be entered, is given as it is, so
    that it shows up among the failures.

    Args:
        paths: Of files, folders and archives; taken as they are needed.
        recursive: Whether folders and archives are entered.
        patterns: Whether a pattern (``*``, ``?``, ``[``) that is no path itself stands for what it fits.
        archives: Whether archives are entered where folders are; else they are given as they are.
        limits: Of files in archives.
    """
    for path in paths:
        text = os.fsdecode(path)
        for one in _fitting(text) if patterns else (text,):
            if not recursive:
                yield one
                continue
            for found in _below(one, _root(text, one)):
                entered = archives and isinstance(found, str) and is_archive(found) and _is_regular(found)
                yield from archived_files(str(found), limits) if entered else (found,)


def _fitting(path: str) -> Iterable[str]:
    """What a pattern fits; the path itself, if it is none or fits nothing."""
    if "\0" in path or not glob.has_magic(path) or os.path.lexists(path):
        return (path,)
    return sorted(glob.iglob(path)) or (path,)  # noqa: PTH207 - the path's own bytes stay unchanged


def _root(named: str, path: str) -> str:
    """Where links must not lead out of: what was named, or what stands before a pattern."""
    try:
        if path == named:
            return os.path.realpath(path)
        fixed = named[: next(place for place, sign in enumerate(named) if sign in "*?[")]
        return os.path.realpath(os.path.dirname(fixed) or ".")  # noqa: PTH120 - as above
    except (OSError, ValueError):
        return path


def _below(path: str, root: str) -> Iterator[str | HashReport]:
    entered: set[tuple[int, int]] = set()
    # Not by calling itself: a folder may be as deep as an attacker likes.
    waiting = [path]
    while waiting:
        path = waiting.pop()
        try:
            status = os.stat(path)  # noqa: PTH116 - the path's own bytes are to come through unchanged
            if _leaves(path, root):
                yield HashReport.failed(path, "it is a link that leads out of the folder")
                continue
            if not stat.S_ISDIR(status.st_mode):
                yield path
                continue
            if (status.st_dev, status.st_ino) in entered:
                continue
            entered.add((status.st_dev, status.st_ino))
            names = sorted(os.listdir(path), reverse=True)  # noqa: PTH208 - as above
        except (OSError, ValueError):
            # Missing, or not to be read: whoever hashes it says why.
            yield path
            continue
        waiting += [os.path.join(path, name) for name in names]  # noqa: PTH118 - as above


def _is_regular(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116 - as above
    except (OSError, ValueError):
        return False


def _leaves(path: str, root: str) -> bool:
    """Whether a link leads out of the folder that was named; what was named itself may be a link."""
    if not os.path.islink(path):  # noqa: PTH114 - as above
        return False
    real = os.path.realpath(path)
    return real != root and not real.startswith(root.rstrip(os.sep) + os.sep)
