"""Registry: the one table that lists the implementations of a kind.

A room's ``__init__`` holds one registry, name -> ``"module:attribute"``. Nothing is imported
before it is asked for, so ``import hashmatch`` stays light and an optional package is only
needed by those who use it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from .errors import MissingExtra, UnknownName

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """A read-only mapping from names to implementations, imported on first use.

    Iteration gives the names in the order of the table; where order carries meaning (which
    format is tried first) the table says why.
    """

    def __init__(self, kind: str, table: Mapping[str, str], extras: Mapping[str, str] | None = None) -> None:
        """Make a registry.

        Args:
            kind: What one entry is, in words ("algorithm"), for error texts.
            table: Name -> ``"package.module:attribute"``.
            extras: Name -> the extra that installs what this entry needs (``"video"``).
        """
        self.kind = kind
        self._table = dict(table)
        self._extras = dict(extras or {})
        self._loaded: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        """The implementation called ``name``.

        Raises:
            UnknownName: If the table has no such name.
            MissingExtra: If a package that the implementation needs is not installed.
        """
        if name not in self._loaded:
            if name not in self._table:
                raise UnknownName(self.kind, name, self._table)
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._table

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def _load(self, name: str) -> T:
        module, _, attribute = self._table[name].partition(":")
        try:
            loaded: T = getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            # A missing module of our own is a bug, and must not be dressed up as a missing extra.
            if error.name is not None and error.name.split(".")[0] == __package__:
                raise
            install = f"hashmatch[{self._extras[name]}]" if name in self._extras else error.name
            raise MissingExtra(f"the {self.kind} {name!r} needs {error.name}: pip install {install}") from error
        return loaded
