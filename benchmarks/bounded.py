"""What a figure is held against; a base for targets, which say what figure it is."""

from __future__ import annotations


class Bounded:
    """Has a bound, inclusive."""

    bound: float
    least: bool
    """Whether a figure must be at least, rather than at most, the bound."""

    def kept_by(self, figure: float) -> bool:
        """Whether a figure keeps to it."""
        return figure >= self.bound if self.least else figure <= self.bound

    @property
    def reach(self) -> str:
        """The bound as people read it."""
        return f"{'≥' if self.least else '≤'} {self.bound:g}"
