"""Loading: lists straight from their files into a snapshot, without a bank."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from .changes import Change, nothing, plan, report
from .checking import sizes
from .choice import check_choice
from .errors import FormatError, InvalidValue
from .formats import recognise
from .formats.source import Source
from .importing import read_list
from .indexes import AUTO
from .publishing import build
from .records import SCHEMA, Mode, settings_from_json
from .results import ImportReport
from .snapshot import Snapshot

SETTINGS_FILE = "lists.json"
"""Beside lists: file name -> name, partner, role, share_level, algorithm, map, format, radius of the list in it, source_id
of the claim that it is."""

_NO_CLOCK = 0
"""In place of the time of import, so that equal files give an equal snapshot."""

_STATED = {"name", "format", "map", "partner", "role", "share_level", "algorithm", "radius", "source_id"}


@dataclass(frozen=True)
class Loaded:
    """Lists that were loaded."""

    snapshot: Snapshot
    reports: tuple[ImportReport, ...]
    """What was taken of each file, and what was not."""
    left: tuple[tuple[str, str], ...]
    """Files in folders that are in no known format, and why they were left."""


def load_lists(paths: Iterable[str | os.PathLike[str]], index: str = AUTO) -> Loaded:
    """Load list files, and what is recognised in folders, each as a whole list.

    Args:
        paths: Files and folders. In a folder what is in no known format is left; a file that is named must load.
        index: Which kind of index to build and search over perceptual codes, one of ``indexes.CHOICES``.

    Raises:
        InvalidValue: If there is no such index, or it finds equal codes only.
        FormatError: If a named file is in no known format, or a file that was recognised holds no good row, two
            files hold lists of one name, or ``lists.json`` beside them is wrong; or if nothing was loaded.
    """
    check_choice(index)
    changes: dict[str, Change] = {}
    reports: list[ImportReport] = []
    left: list[tuple[str, str]] = []
    for path in map(Path, paths):
        for source, stated in _sources(path, left):
            taken, told = _load(source, stated)
            for change in taken:
                if change.after.name in changes:
                    raise FormatError(f"{source.name} holds the list {change.after.name}, which another file holds too")
                changes[change.after.name] = change
            reports.append(told)
    if not changes:
        raise FormatError("there is no list to load" + "".join(f"; {path}: {why}" for path, why in left))
    settings = {name: change.after for name, change in changes.items()}
    # What is mapped stays when its files are gone, so that nothing of a list is left behind on the disk.
    with tempfile.TemporaryDirectory(prefix="hashmatch-", ignore_cleanup_errors=True) as folder:
        version = build(Path(folder), 0, _records(changes.values()), settings, index=index)
        snapshot = Snapshot.open(Path(folder) / version, index)
    return Loaded(snapshot, tuple(reports), tuple(left))


def _sources(path: Path, left: list[tuple[str, str]]) -> Iterator[tuple[Source, Mapping[str, object]]]:
    """The list files at a path, each with what ``lists.json`` says of it."""
    if not path.is_dir():
        stated = _stated(path.parent)
        yield Source(path), stated.get(path.name, {})
        return
    stated = _stated(path)
    for name in sorted(stated):
        if Path(name).name != name or not (path / name).is_file():
            raise FormatError(f"{path / SETTINGS_FILE} speaks of {name!r}, which is not a file beside it")
    for file in sorted(path.iterdir()):
        if file.name == SETTINGS_FILE:
            continue
        try:
            source = Source(file)
            said = stated.get(file.name, {})
            if "format" not in said:
                mapped = said.get("map")
                recognise(source, sizes(), [*map(str, mapped.values())] if isinstance(mapped, dict) else ())
        except FormatError as error:
            if file.name in stated:
                raise
            left.append((str(file), str(error)))
            continue
        yield source, said


def _stated(folder: Path) -> dict[str, Mapping[str, object]]:
    """What ``lists.json`` in a folder says, by file name; nothing if there is none."""
    path = folder / SETTINGS_FILE
    if not path.is_file():
        return {}
    try:
        stated = json.loads(path.read_bytes(), object_pairs_hook=_each_once)
        if not isinstance(stated, dict) or not all(isinstance(value, dict) for value in stated.values()):
            raise ValueError("it must map file names to objects")
    except (OSError, ValueError, RecursionError) as error:
        raise FormatError(f"{path} cannot be read: {error}") from error
    # An unknown key may be a misspelt role: a list that is meant to allow must not block.
    for name, said in stated.items():
        if unknown := sorted(set(said) - _STATED):
            raise FormatError(f"{path} says {unknown[0]!r} of {name}; it may say {', '.join(sorted(_STATED))}")
    return stated


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object, if it names nothing twice: which of two roles counts must not be a guess."""
    named = dict(pairs)
    if len(named) < len(pairs):
        raise ValueError("it says something twice")
    return named


def _load(source: Source, stated: Mapping[str, object]) -> tuple[list[Change], ImportReport]:
    try:
        columns = stated.get("map")
        said = settings_from_json({**stated, "columns": columns})
        name, format, source_id = (
            None if stated.get(key) is None else str(stated[key]) for key in ("name", "format", "source_id")
        )
        algorithm = said.get("algorithm")
        file = read_list(
            source,
            format=format,
            columns=columns if isinstance(columns, dict) else None,
            algorithm=None if algorithm is None else str(algorithm),
            source_id=source_id,
        )
        if name is not None and len(file.parts) > 1:
            raise FormatError(f"{source.name} holds {len(file.parts)} lists: leave out their name in {SETTINGS_FILE}")
        said["mode"] = Mode.REPLACE
        taken = [
            plan(file, part, name or part.name or _slug(source.stem), said, None, nothing, _NO_CLOCK)
            for part in file.parts
        ]
    except InvalidValue as error:
        raise FormatError(f"{source.name}: {error}") from error
    return taken, report(file, tuple(taken), batch=None)


def _slug(stem: str) -> str:
    """A file's stem as the name of a list."""
    return re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-._")[:64] or "list"


def _records(changes: Iterable[Change]) -> Iterator[pa.Table]:
    """The records that stand once the files are taken."""
    for change in changes:
        # Nothing stood before, so nothing is withdrawn for not being named.
        for rows in change.rows(0, lambda _: pa.array([], type=pa.string())):
            yield rows.filter(pc.is_null(rows.column("withdrawal"))).select(SCHEMA.names)
