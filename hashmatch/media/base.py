"""What a media reader is: the one place where bytes of one kind of file become pixels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import BinaryIO, ClassVar

from ..frames import Frame, Limits
from ..records import MediaType
from ..sampling import EVERY, Sampling
from .course import Course


class MediaReader(ABC):
    """Decodes one kind of media. Implementations are stateless."""

    name: ClassVar[str]

    media_type: ClassVar[MediaType]

    sampling: ClassVar[Sampling] = EVERY
    """Which frames there are where nobody asks for others."""

    in_place: ClassVar[bool] = False
    """Whether a file may be of any length, since it is read where it is, and never held as a whole."""

    def own_process(self) -> None:
        """Set decoders up for a process that is ours alone: without bounds or threads of their own."""
        return

    @abstractmethod
    def recognises(self, head: bytes) -> bool:
        """Whether a file that begins with ``head`` is of this kind.

        Args:
            head: ``containers.HEAD`` bytes or more, if it has them.
        """

    @abstractmethod
    def frames(
        self,
        stream: BinaryIO,
        limits: Limits,
        *,
        fast: bool = False,
        sampling: Sampling | None = None,
        course: Course | None = None,
    ) -> Generator[Frame, None, None]:
        """The frames, pixels as they are stored. Whoever asks for them counts them.

        Args:
            stream: The whole file, seekable, at its beginning; where it is read in place, the file is what comes from
                where the stream stands.
            limits: Bounds that are checked before pixels are decoded.
            fast: Whether pixels may be decoded smaller and as luma, so that hashes are a few bits off.
            sampling: Which frames of a video or an animation; None: as ``sampling`` of the reader says.
            course: Kept up to date, and asked between two steps whether to go on.

        Raises:
            MediaError: If it cannot be decoded.
            LimitExceeded: If it is beyond the limits, or not to go on.
        """
