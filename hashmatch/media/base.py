"""What a media reader is: the one place where bytes of one kind of file become pixels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import BinaryIO, ClassVar

from ..frames import Frame, Limits
from ..records import MediaType


class MediaReader(ABC):
    """Decodes one kind of media. Implementations are stateless."""

    name: ClassVar[str]

    media_type: ClassVar[MediaType]

    @abstractmethod
    def recognises(self, head: bytes) -> bool:
        """Whether a file that begins with ``head`` (at least 64 bytes, if it has them) is of this kind."""

    @abstractmethod
    def frames(self, stream: BinaryIO, limits: Limits) -> Iterator[Frame]:
        """The frames, pixels as they are stored.

        Args:
            stream: The whole file, seekable, at its beginning.
            limits: Bounds that are checked before pixels are decoded.

        Raises:
            MediaError: If it cannot be decoded.
            LimitExceeded: If it is beyond the limits.
        """
