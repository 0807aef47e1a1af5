"""What a variant is: one way in which somebody may have changed a picture, undone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from ..sketch import Sketch
from ..views import View


class Variant(ABC):
    """One kind of views. Implementations are stateless; the registry holds one instance of each."""

    name: ClassVar[str]
    """Lower-case; ``View.kind`` of its views."""

    telling: ClassVar[bool] = False
    """Whether its first view, where there is one, is hardly by chance."""

    @abstractmethod
    def views(self, sketch: Sketch) -> Iterator[View]:
        """The views that are worth a look, the likeliest first; few, whatever the picture is.

        Args:
            sketch: Of the picture, as fine as ``Sketch.of`` makes it; of any size from one pixel up.
        """

    def within(self, view: View) -> Iterator[View]:
        """The views inside that of another variant which are worth a look; none from most.

        Args:
            view: The first of a variant that is ``telling``.
        """
        yield from ()
