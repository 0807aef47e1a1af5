"""VideoRule: when the frames that an upload and a known video share make a match."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import InvalidValue

ALIGNED, VPDQ = "aligned", "vpdq"


@dataclass(frozen=True)
class VideoRule:
    """What an upload must share with a known video to match it.

    By default, ``"aligned"``, it matches by any of these, of which the first that holds is told:

    - ``segments``: frames that agree and come in the same order and at the same pace, at any offset and at
      ``slowest`` to ``fastest`` of the speed. A segment needs ``frames`` of the upload that agree and ``pictures``
      clearly different ones among them: what many clips share, a black frame, a held title or logo, is one picture
      however long it is held, and 10 seconds of any film are several.
    - ``known``: at least ``known`` of the video's different hashes are found, and they show ``pictures`` clearly different
      pictures, in whatever order. That is vPDQ's idea, for what is cut into pieces too short to be segments.
    - ``both``: a video of fewer pictures (a still with a sound track, a clip of two seconds, an animation of two frames)
      is found to the share ``known``, and makes up at least the share ``upload`` of the upload.
    - ``scattered``: the pieces are too short and too few for that, but ``scattered`` clearly different pictures are found,
      and they are at least ``most`` of the upload or of the video: a montage, a slide show, a film backwards.

    With ``"vpdq"`` it matches as vPDQ says, whatever the order: at least ``known`` of the video's different hashes are
    found, and at least ``upload`` of the upload's. One title that is held is enough to match a clip of nothing else.

    Shares are of different hashes of quality 50 or more.
    """

    kind: str = ALIGNED
    known: float = 0.8
    """Least share of a known video, 0 to 1, inclusive; vPDQ's own."""
    upload: float = 0.8
    """Least share of the upload, 0 to 1, inclusive; under ``"aligned"`` only for videos of too few pictures."""
    frames: int = 3
    """Two frames are on a line with any others; of three the third one confirms."""
    pictures: int = 3
    """A title or a logo is one picture, with the black before or after it two."""
    bits: int = 10
    """Two frames are clearly different if they are farther apart, and farther than twice what agreeing frames differ by.
    A title held under visible grain stays within 12 bits of itself in one encoding, and then differs from the same title
    under other grain by 8; a speaker before a still camera moves by 12 to 26."""
    slowest: float = 0.5
    fastest: float = 2.0
    """Known seconds in a second of the upload, inclusive: what players offer."""
    scattered: int = 10
    most: float = 0.5

    def __post_init__(self) -> None:
        if self.kind not in (ALIGNED, VPDQ):
            raise InvalidValue(f"a video rule is {ALIGNED} or {VPDQ}, not {self.kind!r}")
        for share in (self.known, self.upload, self.most):
            if not 0 <= share <= 1:
                raise InvalidValue(f"a share of a video is from 0 to 1, not {share}")
        if not 0.1 <= self.slowest <= 1 <= self.fastest <= 10:
            raise InvalidValue(f"speeds are from 0.1 to 1 and from 1 to 10, not {self.slowest} to {self.fastest}")
        if min(self.frames, self.pictures, self.scattered) < 1 or self.bits < 0:
            raise InvalidValue("frames and pictures of a video rule are counted from 1, bits from 0")

    @classmethod
    def vpdq(cls, known: float = 0.8, upload: float = 0.0) -> VideoRule:
        """The rule of vPDQ: the least shares of the video's and of the upload's different hashes, inclusive, 0 to 1.

        Raises:
            InvalidValue: If a share is not.
        """
        return cls(VPDQ, known, upload)

    @classmethod
    def parse(cls, text: str) -> VideoRule:
        """The rule as it is written: ``aligned``, ``vpdq``, or ``vpdq:KNOWN:UPLOAD`` in percent.

        Raises:
            InvalidValue: If it is none of them.
        """
        kind, *shares = text.split(":")
        try:
            known, upload = (float(share) / 100 for share in shares or ("80", "0"))
        except ValueError:
            raise InvalidValue(f"{text[:80]!r} is none of aligned, vpdq and vpdq:KNOWN:UPLOAD (percent)") from None
        if kind == VPDQ:
            return cls.vpdq(known, upload)
        if shares:
            raise InvalidValue(f"{kind[:80]} takes no shares")
        return cls(kind)
