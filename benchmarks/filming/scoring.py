"""Scoring: what a seeker tells of an upload, held against what is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..seekers import Span, Told
from .edits import Part
from .results import Judged


@dataclass
class Score:
    """What one seeker said of uploads so far."""

    uploads: int = 0
    parts: int = 0
    found: int = 0
    false: int = 0
    ends: list[float] = field(default_factory=list)
    covered: list[float] = field(default_factory=list)
    speeds: list[float] = field(default_factory=list)

    def add(self, parts: Sequence[Part], told: Mapping[str, Told]) -> None:
        """Take what was told of one upload.

        Args:
            parts: What is in it, at most one piece of each clip.
            told: Clip -> what is said of it.
        """
        self.uploads += 1
        self.parts += len(parts)
        self.false += len(told.keys() - {part.known for part in parts})
        for part in parts:
            if part.known in told:
                self.found += 1
                if spans := told[part.known].spans:
                    self._add_spans(part, spans)

    def judged(self, edit: str, seeker: str, title: str) -> Judged:
        """All of it."""
        return Judged(
            edit,
            seeker,
            title,
            self.uploads,
            self.parts,
            self.found,
            self.false,
            tuple(self.ends),
            tuple(self.covered),
            tuple(self.speeds),
        )

    def _add_spans(self, part: Part, spans: Sequence[Span]) -> None:
        self.ends += [
            abs(min(span.begin for span in spans) - part.begin),
            abs(max(span.end for span in spans) - part.end),
            abs(min(span.known_begin for span in spans) - part.known_begin),
            abs(max(span.known_end for span in spans) - part.known_end),
        ]
        self.covered.append(covered(part, spans))
        self.speeds.append(max(spans, key=lambda span: span.end - span.begin).speed)


def covered(part: Part, spans: Sequence[Span]) -> float:
    """The share of a piece's seconds of the upload that is in any span, 0 to 1."""
    total, until = 0.0, part.begin
    for span in sorted(spans, key=lambda span: span.begin):
        begin, end = max(span.begin, until), min(span.end, part.end)
        total += max(0.0, end - begin)
        until = max(until, end)
    return total / (part.end - part.begin)
