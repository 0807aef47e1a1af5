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

    def own_process(self) -> None:
        """Set decoders up for a process that is ours alone: without bounds or threads of their own."""
        return

    @abstractmethod
    def recognises(self, head: bytes) -> bool:
        """Whether a file that begins with ``head`` (at least 64 bytes, if it has them) is of this kind."""

    @abstractmethod
    def frames(self, stream: BinaryIO, limits: Limits, *, fast: bool = False) -> Iterator[Frame]:
        """The frames, pixels as they are stored. Whoever asks for them counts them and watches the time.

        Args:
            stream: The whole file, seekable, at its beginning.
            limits: Bounds that are checked before pixels are decoded.
            fast: Whether pixels may be decoded smaller and as luma, so that hashes are a few bits off.

        Raises:
            MediaError: If it cannot be decoded.
            LimitExceeded: If it is beyond the limits.
        """
