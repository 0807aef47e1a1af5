"""What an edit is: what somebody does to a picture before it is uploaded again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

Picture = Image.Image
"""In mode RGB."""
Change = Callable[[Picture, np.random.Generator], Picture]
"""Makes the edited picture of a picture; what is at random comes from the generator."""

SAVED_WITH = 90
"""Quality of the JPEG in which an edited picture is uploaded."""


@dataclass(frozen=True)
class Edit:
    """One edit, with its parameters."""

    name: str
    """What is done, with its parameters."""
    change: Change
    quality: int = SAVED_WITH
    original: Change | None = None
    """Makes the picture that is listed, where that is not the picture itself."""

    def listed(self, picture: Picture) -> Picture:
        """The picture whose hash is listed."""
        return picture if self.original is None else self.original(picture, np.random.default_rng(0))

    def applied(self, picture: Picture, rng: np.random.Generator) -> Picture:
        """The edited picture, as it is uploaded.

        Args:
            picture: What ``listed`` gave.
            rng: For what is at random.
        """
        return self.change(picture, rng)

    def then(self, other: Edit, name: str | None = None) -> Edit:
        """This edit, and another one after it."""
        return Edit(
            name or f"{self.name}, {other.name}",
            lambda picture, rng: other.change(self.change(picture, rng), rng),
            min(self.quality, other.quality),
            self.original,
        )


def saved(picture: Picture, quality: int) -> bytes:
    """A picture as a JPEG file."""
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return stream.getvalue()
