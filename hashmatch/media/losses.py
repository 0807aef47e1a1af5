"""Losses: what of a video could not be decoded, said in one sentence."""

from __future__ import annotations

from dataclasses import dataclass

from ..escaping import one_line


@dataclass
class Losses:
    """Counts, kept while a video is decoded."""

    parts: int = 0
    """Packets that a decoder was given."""
    lost: int = 0
    """Of these that it made nothing of, since the first frame."""
    early: int = 0
    """Of these that it made nothing of before the first frame: a recording may begin anywhere."""
    faulty: int = 0
    """Frames that were decoded with errors, as players show them."""
    ended: str | None = None
    """Why there may be more of it than was read."""
    reason: str | None = None
    """The first error."""

    def note(self, error: Exception) -> None:
        """Remember what a decoder said."""
        if self.reason is None:
            self.reason = one_line(getattr(error, "strerror", None) or error)

    def lose(self, error: Exception, begun: bool) -> None:
        """Count a part that could not be decoded."""
        self.note(error)
        if begun:
            self.lost += 1
        else:
            self.early += 1

    @property
    def sentence(self) -> str | None:
        """All of it; None if nothing was lost."""
        said = []
        if self.lost:
            said.append(f"{self.lost} of its {self.parts} parts could not be decoded")
        if self.faulty:
            frames = "frame was" if self.faulty == 1 else "frames were"
            said.append(f"{self.faulty} {frames} decoded with errors")
        if self.ended is not None:
            said.append(self.ended)
        return "; ".join(said) or None

    @property
    def nothing(self) -> str:
        """Why there is no frame at all."""
        if not self.parts:
            return f"its video holds no frames{self._because}"
        return f"none of its frames can be decoded{self._because}"

    @property
    def _because(self) -> str:
        return "" if self.reason is None else f": {self.reason}"
