"""What a contender is: codes in, and for queries what it says lies within the radius."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from hashmatch.hashes import Codes

from ..truth import Answers


@dataclass(frozen=True)
class Way:
    """How a contender is asked."""

    batch: int = 1
    """Queries in one call."""
    threads: int = 1
    """Python threads that call at the same time."""

    def __str__(self) -> str:
        """The way in words."""
        asked = "single" if self.batch == 1 else f"batch of {self.batch:,}".replace(",", " ")
        return asked if self.threads == 1 else f"{asked}, {self.threads} threads"


class Contender(ABC):
    """An index over codes of 256 bits, searched within 31 bits inclusive, as its users would."""

    title: ClassVar[str]
    """What people know it by."""

    ways: ClassVar[tuple[Way, ...]]
    """How it is asked; the last way of one thread is its fastest."""

    complete: ClassVar[bool] = False
    """Whether it promises every answer. If one is missing, or false, the benchmark fails."""

    largest: ClassVar[int | None] = None
    """With more codes it is not measured, since that would take too long; None: always."""

    largest_quick: ClassVar[int | None] = None
    """The same in a quick run."""

    @abstractmethod
    def __init__(self, codes: Codes) -> None:
        """Index codes: ``uint8[n, 32]``. Whoever keeps them, rather than a copy, is welcome to them."""

    def prepare(self, queries: Codes) -> Any:
        """Queries, ``uint8[q, 32]``, in the form in which its users have them. Takes no part in any figure."""
        return queries

    @abstractmethod
    def search(self, queries: Any) -> Any:
        """Search prepared queries, on the calling thread alone. This is what is measured."""

    @abstractmethod
    def answers(self, found: Any) -> Answers:
        """What ``search`` returned, in one form for all. Takes no part in any figure."""
