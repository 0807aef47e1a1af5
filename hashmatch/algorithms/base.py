"""What a hash algorithm is: of frames (perceptual) or of bytes (digests)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from ..frames import Frame
from ..hashes import Codes, FrameHash
from ..sketch import Sketch
from ..views import View, ViewHashes


class Algorithm(ABC):
    """One way to hash. Implementations are stateless; the registry holds one instance of each."""

    name: ClassVar[str]
    """Lower-case, as it stands in lists and on the command line."""

    bits: ClassVar[int]
    """Length of a digest in bits, a multiple of 8."""

    radius: ClassVar[int]
    """Default radius for matching: inclusive Hamming distance in bits; 0 for exact digests."""

    @property
    def size(self) -> int:
        """Length of a digest in bytes."""
        return self.bits // 8

    @abstractmethod
    def degenerate(self, codes: Codes) -> npt.NDArray[np.object_]:
        """Why each code must not match, or None where it may.

        Args:
            codes: ``uint8[n, size]``.

        Returns:
            ``object[n]``: None, or a short reason ("all bits are zero"). A degenerate code is one
            that blank or striped pictures, empty files or broken exporters produce: it would
            match content that nobody meant.
        """


class ExactPixelsNeeded(Exception):
    """The bits of a fast still hang on what its decoding left out: it must be decoded exactly."""


class PerceptualAlgorithm(Algorithm):
    """A hash of pixels: equal pictures give near codes."""

    min_quality: ClassVar[int | None] = None
    """Below it a query is not matched unless asked, and a record is not live; None: no quality."""

    has_views: ClassVar[bool] = False
    """Whether it has ``hash_views``; one that has not is searched in all orientations at the most."""

    def hash_views(self, sketch: Sketch, views: Sequence[View]) -> ViewHashes:
        """The hashes of other views of a picture than the whole.

        Args:
            sketch: Of the picture, as fine as ``Sketch.of`` makes it.
            views: Of it, at least one.
        """
        raise NotImplementedError(f"{self.name} hashes no views")

    @abstractmethod
    def hash_frame(self, frame: Frame) -> FrameHash:
        """The hash of one frame, with its quality and all eight orientations.

        Raises:
            ExactPixelsNeeded: If the frame is a ``fast`` still and the hash might be further off than a few bits.
        """


class Digester(Protocol):
    """A digest that is being computed, as in ``hashlib``."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""

    def digest(self) -> bytes:
        """The digest of all bytes so far."""


class DigestAlgorithm(Algorithm):
    """A hash of a file's bytes: matched exactly."""

    radius = 0

    @abstractmethod
    def new(self) -> Digester:
        """A fresh digest, fed with ``update`` and read with ``digest``."""
