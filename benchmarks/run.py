"""A run's results as a file of JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

import click
import msgspec

_Run = TypeVar("_Run", bound="Run")


class Run:
    """What a run of a benchmark found: a base for dataclasses, which are written and read field by field."""

    def end(
        self: _Run,
        faults: Sequence[str],
        out: Path | None,
        plot: Path | None = None,
        draw: Callable[[_Run, Path], None] | None = None,
    ) -> NoReturn:
        """Write it and draw it, where that was asked for, and end: with 1 if there are faults, each of which is said."""
        if out is not None:
            self.write(out)
        if plot is not None and draw is not None:
            draw(self, plot)
        for fault in faults:
            click.echo(f"Error: {fault}", err=True)
        sys.exit(1 if faults else 0)

    def write(self, path: Path) -> None:
        """Write it as JSON; the folder is made if there is none."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n")

    @classmethod
    def read(cls: type[_Run], path: Path) -> _Run:
        """Read what ``write`` wrote.

        Raises:
            msgspec.ValidationError: If it is not the JSON of such results.
            msgspec.DecodeError: If it is no JSON.
        """
        return msgspec.json.decode(path.read_bytes(), type=cls)

    @classmethod
    def read_again(cls: type[_Run], path: Path) -> _Run:
        """Read results that somebody asks to see again.

        Raises:
            click.ClickException: If there are none in the file.
        """
        try:
            return cls.read(path)
        except msgspec.DecodeError as error:
            raise click.ClickException(f"{path} holds no results of this benchmark: {error}") from error
