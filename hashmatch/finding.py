"""Finding: which files are meant by paths of files, folders and archives."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator

from .archives import archived_files, is_archive
from .frames import DEFAULT_LIMITS, Limits
from .hashing import FileContent, shown_path
from .results import HashReport

Found = str | FileContent | HashReport
"""A path; or what stands in an archive; or why a file is not to be opened. ``hash_many`` takes them all."""


def find_files(
    paths: Iterable[str | os.PathLike[str]], *, recursive: bool = True, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Found]:
    """Each file that is meant, one after the other, for ``hash_many`` and ``Matcher.match_many``.

    A folder stands for all files below it, sorted by name, hidden ones too; each folder is entered once, however many
    links lead there, and a link that leads out of the folder that was named is a report that says so. A tar or zip
    archive, told by its name, stands for the files in it. A pattern (``*``, ``?``, ``[``, ``**``) that is no path itself
    stands for what it fits. What is missing, or is not to be entered, is given as it is, so that it shows up among the
    failures.

    Args:
        paths: Of files, folders and archives; taken as they are needed.
        recursive: Whether folders and archives are entered.
        limits: Of files in archives.
    """
    for path in paths:
        for one in _fitting(os.fspath(path)):
            if recursive:
                yield from _below(one, os.path.realpath(one) if "\0" not in one else one, set(), limits)
            else:
                yield one


def _fitting(path: str) -> Iterable[str]:
    """What a pattern fits; the path itself, if it is none or fits nothing."""
    if "\0" in path or not glob.has_magic(path) or os.path.lexists(path):
        return (path,)
    return sorted(glob.iglob(path, recursive=True)) or (path,)  # noqa: PTH207 - the path's own bytes stay unchanged


def _below(path: str, root: str, entered: set[tuple[int, int]], limits: Limits) -> Iterator[Found]:
    try:
        status = os.stat(path)  # noqa: PTH116 - the path's own bytes are to come through unchanged
        if _leaves(path, root):
            yield HashReport(path, None, f"{shown_path(path)} is a link that leads out of the folder")
            return
        if not stat.S_ISDIR(status.st_mode):
            if stat.S_ISREG(status.st_mode) and is_archive(path):
                yield from archived_files(path, limits)
            else:
                yield path
            return
        if (status.st_dev, status.st_ino) in entered:
            return
        entered.add((status.st_dev, status.st_ino))
        names = sorted(os.listdir(path))  # noqa: PTH208 - as above
    except (OSError, ValueError):
        # Missing, or not to be read: whoever hashes it says why.
        yield path
        return
    for name in names:
        yield from _below(os.path.join(path, name), root, entered, limits)  # noqa: PTH118 - as above


def _leaves(path: str, root: str) -> bool:
    """Whether a link leads out of the folder that was named; what was named itself may be a link."""
    if not os.path.islink(path):  # noqa: PTH114 - as above
        return False
    real = os.path.realpath(path)
    return real != root and not real.startswith(root.rstrip(os.sep) + os.sep)
