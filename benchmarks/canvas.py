"""Pictures of results: what draws them, which is of an extra."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hashmatch.errors import MissingExtra


@dataclass(frozen=True)
class Bar:
    """How one of those that were measured is drawn."""

    name: str
    """As results call it."""
    label: str
    color: str


def load_figure() -> Any:
    """The class of pictures, ``matplotlib.figure.Figure``.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise MissingExtra("drawing needs matplotlib: pip install hashmatch[bench]") from error
    return Figure
