"""Named columns: which of our fields the columns of a table hold, by their names or by what the user says."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import FormatError
from .base import ReadOptions
from .fields import named_as, normal_name, unclear_withdrawal
from .layout import Layout, check_columns, find_layout

MAX_COLUMNS = 16_384
"""As many as a spreadsheet has; a file with more is no list."""


def unique_names(header: Sequence[str], file: str) -> list[str]:
    """The columns' names, each once; those that have none are called by their place.

    Raises:
        FormatError: If they are more than ``MAX_COLUMNS``.
    """
    if len(header) > MAX_COLUMNS:
        raise FormatError(f"{file} has more than {MAX_COLUMNS} columns")
    names: dict[str, None] = {}
    for position, cell in enumerate(header, start=1):
        name = cell.strip() or f"column_{position}"
        while name in names:
            name = f"{name}_{position}"
        names[name] = None
    return list(names)


def layout_of(header: Sequence[str], names: Sequence[str], file: str, options: ReadOptions) -> Layout:
    """The layout of a table.

    Args:
        header: What the file calls its columns.
        names: The same, each once.
        file: Its name, for errors.
        options: What the user says of the columns.

    Raises:
        FormatError: If several columns may hold the hash, or say that a row is withdrawn, and none is said to; if
            no column holds hashes; or if there is none of those that ``options`` asks for.
        InvalidValue: If ``options.columns`` maps something that is no field of ours.
    """
    if "digest" not in options.columns:
        _check_one_digest(header, file)
    if "withdrawn" not in options.columns and (unclear := unclear_withdrawal(header)):
        raise FormatError(f"{file} has {unclear}")
    normal = [normal_name(name) for name in names]
    shown = ", ".join(name[:40] for name in names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    check_columns(options.columns, options.algorithms)
    stated = {}
    for field, column in options.columns.items():
        if column in names:
            stated[field] = names.index(column)
        elif normal_name(column) in normal:
            stated[field] = normal.index(normal_name(column))
        else:
            raise FormatError(f"{file} has no column {column!r} for {field}; its columns are {shown}")
    layout = find_layout(names, stated, options.algorithms)
    if not layout.has_hashes:
        raise FormatError(
            f"{file} has no column that is known to hold hashes; map one as digest; its columns are {shown}"
        )
    return layout


def _check_one_digest(header: Sequence[str], file: str) -> None:
    """Raise FormatError if several columns could hold the hash: which one counts must not be a guess."""
    several = named_as("digest", header)
    if len(several) > 1:
        raise FormatError(f"{file} has several columns that may hold hashes ({', '.join(several)}): map one as digest")
