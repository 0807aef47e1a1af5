"""Loads: which lists are loaded."""

from __future__ import annotations

from dataclasses import dataclass

from ..figures import whole
from .forms import FORMS


@dataclass(frozen=True)
class Load:
    """Which list is loaded."""

    shape: str
    """Of its rows: a name in ``SHAPES``."""
    form: str
    """Of its file: a name in ``FORMS``."""
    n: int
    """Its rows, without those of a delta to it."""

    def __str__(self) -> str:
        """As titles have it: ``"1 000 000 plain rows, CSV"``."""
        return f"{whole(self.n)} {self.shape} rows, {FORMS[self.form]}"
