"""Thoroughness: as what else a picture is searched than as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from itertools import chain, islice, zip_longest

import numpy as np

from .algorithms.base import PerceptualAlgorithm
from .errors import UnknownName
from .frames import Frame
from .hashes import ORIENTATIONS, ViewHash
from .sketch import Sketch
from .variants import VARIANTS
from .variants.base import Variant
from .views import View, ViewHashes

SAME_WITHIN = 0.004
"""Views whose sides are no further apart, top and bottom together, or left and right, are one: a share of the picture."""
MOST_CUT = 12
"""Views with something taken off that are hashed, at most."""
MOST_OF_A_FRAME = 4
"""The same of a frame of a video, which has thousands of frames that mostly have the same borders."""


class Thoroughness(str, Enum):
    """How thoroughly a picture is searched."""

    PLAIN = "plain"
    """As it is."""
    TURNED = "turned"
    """In all eight orientations."""
    THOROUGH = "thorough"
    """And with its borders, bars and frames taken off, and with small margins put back, in all eight. Of a video, nothing
    is put back around its frames: a film that is cropped so little has other frames that are found."""

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def parse(cls, text: str) -> Thoroughness:
        """The member that ``text`` names.

        Raises:
            UnknownName: If there is none.
        """
        try:
            return cls(text)
        except ValueError:
            raise UnknownName("search", text, [member.value for member in cls]) from None

    @property
    def turns(self) -> bool:
        """Whether codes are searched in all orientations."""
        return self is not Thoroughness.PLAIN

    @property
    def views(self) -> bool:
        """Whether codes of views are searched."""
        return self is Thoroughness.THOROUGH


Search = str | Thoroughness
"""A level, or its name."""


def searched_views(frame: Frame, algorithm: PerceptualAlgorithm) -> tuple[ViewHash, ...]:
    """What a thorough search looks for besides the frame itself: views of enough quality, the likeliest first."""
    found = view_hashes(frame, algorithm)
    if found is None:
        return ()
    good = found.chosen(np.flatnonzero(found.qualities >= (algorithm.min_quality or 0)))
    # One copy, which is cut up, is faster than one for each of hundreds of codes.
    turned = good.codes.tobytes()
    size, turns = algorithm.size, len(ORIENTATIONS)
    digests = [turned[start : start + size] for start in range(0, len(turned), size)]
    return tuple(
        ViewHash(view, quality, dict(zip(ORIENTATIONS, digests[turns * number : turns * (number + 1)], strict=True)))
        for number, (view, quality) in enumerate(zip(good.views, good.qualities.tolist(), strict=True))
    )


def view_hashes(frame: Frame, algorithm: PerceptualAlgorithm) -> ViewHashes | None:
    """The hashes of the views of a picture that are worth a look; None if there are none, or none can be hashed."""
    if not algorithm.has_views:
        return None
    sketch = Sketch.of(frame)
    views = found_views(sketch, list(VARIANTS.values()), still=frame.still)
    return algorithm.hash_views(sketch, views) if views else None


def found_views(sketch: Sketch, variants: Sequence[Variant], *, still: bool = True) -> list[View]:
    """The views of several variants, and those within the likeliest of the last of them that is telling.

    Of what is not still, only those that take something off.
    """
    cuts: list[list[View]] = []
    others: list[View] = []
    likeliest = None
    for variant in variants:
        views = list(variant.views(sketch))
        others += (view for view in views if not view.cuts)
        new = distinct((view for view in views if view.cuts), list(chain.from_iterable(cuts)))
        if variant.telling and new:
            likeliest = new[0]
        cuts.append(new)
    if not still:
        # The likeliest of each, then the next: of so few there must be one of every kind.
        turns = chain.from_iterable(zip_longest(*cuts))
        return list(islice((view for view in turns if view is not None), MOST_OF_A_FRAME))
    cut = list(chain.from_iterable(cuts))
    if likeliest is not None:
        others += (view for variant in variants for view in variant.within(likeliest))
    return cut[:MOST_CUT] + others


def distinct(views: Iterable[View], known: Sequence[View] = ()) -> list[View]:
    """Of views that are nearly the same the first, and none that is nearly one of those that are known."""
    new: list[View] = []
    for view in views:
        if not any(view.near(other, SAME_WITHIN) for other in (*known, *new)):
            new.append(view)
    return new
