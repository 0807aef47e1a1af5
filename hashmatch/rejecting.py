"""Rejecting: every row that was not taken, written down with line and reason while a file is read.

What stands in a reject comes from strangers. Whatever is not printable is written as an escape, so that a terminal
shows the file and obeys nothing in it. In CSV an apostrophe stands before what a spreadsheet would take for a
formula; JSON lines hold the text itself.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .durable import output
from .errors import ChangeTooLarge, HashmatchError, InvalidValue
from .escaping import shown
from .records import RowError

COLUMNS = ("file", "line", "list", "source_id", "reason")
"""What is written of a reject."""

JSON_LINES = ".jsonl"
"""How the name of a file ends that is written as JSON lines; any other is CSV."""

_FORMULA = re.compile(r"""(^|;)([\s"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])""")
"""What a spreadsheet would take for a formula, also behind the semicolon at which some of them cut CSV."""


class RejectTable:
    """Rejects as CSV with a header, or as JSON lines, in the order in which they come."""

    def __init__(self, path: Path, sink: BinaryIO) -> None:
        """Use ``rejecting``."""
        self.path = path
        self.rows = 0
        """How many were written."""
        self._sink = sink
        self._as_json = path.name.endswith(JSON_LINES)
        if not self._as_json:
            self._write_cells(COLUMNS)

    def add(self, origin: str, reject: RowError) -> None:
        """Write a reject of the file that is called ``origin``."""
        self.rows += 1
        cells = (origin, reject.line, reject.list, reject.source_id, reject.reason)
        if self._as_json:
            line = json.dumps(dict(zip(COLUMNS, map(_unicode, cells), strict=True)))
            self._write(line.replace("\x7f", "\\u007f") + "\n")
        else:
            self._write_cells(["" if cell is None else _cell(str(cell)) for cell in cells])

    def _write_cells(self, cells: list[str] | tuple[str, ...]) -> None:
        line = io.StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(cells)
        self._write(line.getvalue())

    def _write(self, line: str) -> None:
        self._sink.write(line.encode())


@contextmanager
def rejecting(path: str | Path, *files: str | Path) -> Iterator[RejectTable]:
    """A table of rejects that takes the place of ``path`` when the block ends.

    So it does where a list turns out to be none and the table tells why, or where the list was read and the guard
    refuses the import. Any other error leaves what stood there before.

    Args:
        path: CSV, or JSON lines if the name ends in ``.jsonl``.
        files: The lists that are going to be read.

    Raises:
        InvalidValue: If it is one of the lists that are going to be read.
        OSError: If it cannot be written.
    """
    refused: HashmatchError | None = None
    for file in map(Path, files):
        if file.exists() and Path(path).exists() and file.samefile(path):
            raise InvalidValue(f"the rejects of {file} cannot be written over it")
    with output(Path(path)) as sink:
        table = RejectTable(Path(path), sink)
        try:
            yield table
        except HashmatchError as error:
            if not table.rows and not isinstance(error, ChangeTooLarge):
                raise
            refused = error
    if refused is not None:
        raise refused


def _cell(text: str) -> str:
    return _FORMULA.sub(r"\1\2'", shown(text))


def _unicode(cell: str | int | None) -> str | int | None:
    """The cell, with what is no character of Unicode as an escape, which every reader of JSON understands."""
    return cell.encode("utf-8", "backslashreplace").decode() if isinstance(cell, str) else cell
