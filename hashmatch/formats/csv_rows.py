"""Rows of CSV, RFC 4180 and what people make of it, with bounds on what a forgotten quote may cost."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator

from ..errors import InvalidValue
from .blocks import Line
from .chunk import TOO_LONG
from .source import LINE_BYTES

ROW_LINES = 1000
"""Most lines that one row goes over."""

_UNCLOSED_ROWS = 100
"""After so many rows whose quote was never closed every row must stand on one line, since looking for
the quote again and again would take time without bound."""

_BLANK = (b"\n", b"\r\n")
_OPENING = re.compile(r' *"')
_QUOTES = re.compile(r'"+')

RowOrReason = tuple[int, list[str] | None, str]
"""Number of the row's first line, its cells, or None and why it could not be read."""


class RowReader:
    """Reads the rows of one file, blank lines left out.

    A row whose quote is not closed within bounds is a reject of its first line alone; reading goes on
    with the next line, so that a lone quote swallows nothing.
    """

    def __init__(self, next_line: Callable[[], Line | None], delimiter: str) -> None:
        """A reader of rows.

        Args:
            next_line: Gives the lines of the file, with their ends, one by one; None at the end.
            delimiter: One character.
        """
        self._next_line = next_line
        self.delimiter = delimiter
        self._waiting: deque[Line] = deque()
        self._unclosed = 0

    @property
    def waiting(self) -> bool:
        """Whether lines were taken that are not read as rows yet."""
        return bool(self._waiting)

    def row(self) -> RowOrReason | None:
        """The next row; None at the end."""
        while (line := self._line()) is not None:
            if (row := self.begun_by(line)) is not None:
                return row
        return None

    def begun_by(self, line: Line) -> RowOrReason | None:
        """The row that begins with a line, which may go on over lines that follow; None if the line is blank."""
        number, content = line
        if content in _BLANK:
            return None
        try:
            text = _text(content)
            if '"' in text:
                return number, self._quoted(text), ""
        except InvalidValue as error:
            return number, None, str(error)
        text = text.removesuffix("\n").removesuffix("\r")
        return (number, text.split(self.delimiter), "") if text.strip() else None

    def _line(self) -> Line | None:
        return self._waiting.popleft() if self._waiting else self._next_line()

    def _quoted(self, text: str) -> list[str]:
        """The cells of the row that begins with a line."""
        row = _Row(self.delimiter)
        followed: list[Line] = []
        closed = row.feed(text)
        if not closed and self._unclosed < _UNCLOSED_ROWS:
            closed = self._follow(row, followed)
        if not closed:
            self._unclosed += 1
            self._waiting.extendleft(reversed(followed))
            raise InvalidValue("a quote that is not closed")
        return row.cells

    def _follow(self, row: _Row, followed: list[Line]) -> bool:
        """Feed the row with the lines after it, which are noted in ``followed``, until it is closed."""
        length = 0
        while len(followed) + 1 < ROW_LINES and (item := self._line()) is not None:
            followed.append(item)
            length += len(item[1] or b"")
            if length > LINE_BYTES:
                return False
            try:
                if row.feed(_text(item[1])):
                    return True
            except InvalidValue:
                # That line is none of this row: it will be judged for itself.
                return False
        return False


def read_rows(lines: Iterator[Line], delimiter: str) -> Iterator[RowOrReason]:
    """The rows of a file, as ``RowReader`` gives them.

    Args:
        lines: Of the file, with their ends, as ``Source.lines(whole=True)`` gives them.
        delimiter: One character.
    """
    reader = RowReader(lambda: next(lines, None), delimiter)
    while (row := reader.row()) is not None:
        yield row


def split(text: str, delimiter: str) -> list[str]:
    """The cells of a row on one line; of one that goes on after it, those that are complete."""
    row = _Row(delimiter)
    try:
        row.feed(text)
    except InvalidValue:
        return text.split(delimiter)
    return row.cells


def _text(line: bytes | None) -> str:
    if line is None:
        raise InvalidValue(TOO_LONG)
    if b"\0" in line:
        raise InvalidValue("a NUL byte")
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise InvalidValue(f"not UTF-8: {error.reason} at byte {error.start + 1}") from None


class _Row:
    """A row that is put together line by line."""

    def __init__(self, delimiter: str) -> None:
        self.cells: list[str] = []
        self._delimiter = delimiter
        self._open: list[str] | None = None

    def feed(self, line: str) -> bool:
        """Take one line, with its end; whether the row is complete.

        Raises:
            InvalidValue: If text follows a closing quote.
        """
        text = line.removesuffix("\n").removesuffix("\r")
        at = 0
        while True:
            if self._open is None:
                opening = _OPENING.match(text, at)
                if opening is None:
                    end = text.find(self._delimiter, at)
                    self.cells.append(text[at:] if end < 0 else text[at:end])
                    if end < 0:
                        return True
                    at = end + 1
                    continue
                self._open, at = [], opening.end()
            end = _closing(text, at)
            if end < 0:
                self._open.append(text[at:].replace('""', '"') + line[len(text) :])
                return False
            self._open.append(text[at:end].replace('""', '"'))
            self.cells.append("".join(self._open))
            self._open = None
            at = self._after(text, end + 1)
            if at < 0:
                return True

    def _after(self, text: str, at: int) -> int:
        """Where the next cell begins, after a closing quote; -1 at the end of the row."""
        end = text.find(self._delimiter, at)
        if text[at : end if end >= 0 else None].strip():
            raise InvalidValue("text after a closing quote")
        return end + 1 if end >= 0 else -1


def _closing(text: str, at: int) -> int:
    """Position of the quote that closes the cell which is open at ``at``, or -1: pairs stand for a quote."""
    for run in _QUOTES.finditer(text, at):
        if (run.end() - run.start()) % 2:
            return run.end() - 1
    return -1
