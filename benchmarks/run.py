"""A run's results as a file of JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import click
import msgspec

_Run = TypeVar("_Run", bound="Run")


class Run:
    """What a run of a benchmark found: a base for dataclasses, which are written and read field by field."""

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
