r"""Plain lines: a hash a line, alone, with its algorithm, or as the PDQ reference tools print it; or a video.

::

    # a comment
    d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22
    pdq d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22
    md5:d41d8cd98f00b204e9800998ecf8427e
    video_md5 d41d8cd98f00b204e9800998ecf8427e
    hash=d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22,100,a, b.jpg
    hash=d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22,norm=128,delta=0,quality=100,filename=a.jpg
    vpdq ["d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22,100,0.0", ...]

The files that python-threatexchange reads as ``local_file`` are such lines too, with its names for signal types.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from ..codes import hex_column
from ..errors import InvalidValue
from ..records import ListSettings
from .base import ListFormat, RawRows, ReadOptions
from .blocking import harmful
from .chunk import TOO_LONG, Chunk, Row
from .json_text import canonical
from .signal_types import read_signal_type
from .source import Source
from .vpdq_frames import begins_signal, read_signal, signal_rows
from .written import WRITTEN

_SEEN = 20
"""Lines at the beginning that must all be in form."""
_SHOWN = 61
"""Characters of a line that a reason shows, and one more."""
_PDQ = "pdq"
_FOREIGN = frozenset(
    {
        *("tmk", "tmk_pdqf", "video_tmk", "photodna", "clip", "raw_text", "text_tlsh"),
        *("trend_query", "url", "url_md5", "pdf_tlsh"),
    }
)
"""Signal types of python-threatexchange that are no hashes of ours, but stand in the same files."""

_HASH = re.compile(r"(?:hash=)?([0-9A-Fa-f]{8,})(?:\s*,\s*(?:quality=)?([0-9]{1,3})\s*(?:,(.*))?)?", re.DOTALL)
_DETAILS = re.compile(r"hash=([0-9A-Fa-f]{8,})((?:,(?!filename=)[a-z_]{1,40}=[^,]*)+)(?:,filename=(.*))?", re.DOTALL)
_DIVIDED = re.compile(r"[\s:]")
_NAMED = re.compile(rb"\s*(?:hash_)?(?:video_)?vpdq[\s:]+", re.IGNORECASE)
"""What stands before all frames of a video. It may be missing: nothing else is JSON."""


class Lines(ListFormat):
    """Plain lines: bare hashes, ``algorithm hash``, ``hash,quality,filename``."""

    name = "lines"
    suffix = ".txt"
    losses = frozenset(WRITTEN) - {"algorithm", "digest"}

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether the first lines are all in form, but for those of signal types that we do not have."""
        lines = [line for line in source.head_lines if not line.lstrip().startswith(b"#")][:_SEEN]
        if not lines:
            # A video may be longer than what is looked at.
            return _begins_video(source.head.rpartition(b"\n")[2])
        ours = [line for line in lines if not (_NAMED.match(line) or _is_foreign(line))]
        try:
            for line in ours:
                _rows(0, line, ReadOptions(algorithms=dict.fromkeys(algorithms, 0)))
        except InvalidValue:
            return False
        return bool(ours) or any(map(_begins_video, lines))

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """A row a line, or one for each frame of a video.

        Hashes with a quality are PDQ unless the user names another algorithm, bare hashes name none.
        """
        chunk = Chunk(source.name, self.name)
        for number, line in source.lines():
            try:
                if line is None:
                    raise InvalidValue(TOO_LONG)
                if line.strip() and not line.lstrip().startswith(b"#"):
                    chunk.add(_rows(number, line, options), len(line))
            except InvalidValue as error:
                chunk.reject(number, str(error))
            if chunk.full:
                yield chunk.take()
        yield chunk.finish()

    def write(
        self, tables: Iterable[pa.Table], settings: Mapping[str, ListSettings], sink: BinaryIO, cut: Collection[str]
    ) -> None:
        """Write ``algorithm hash`` a line; negative records are left out, since a line cannot say so."""
        for table in tables:
            for batch in harmful(table).to_batches(max_chunksize=32_768):
                for algorithm in batch.column("algorithm").unique().drop_null().to_pylist():
                    digests = batch.column("digest").filter(pc.equal(batch.column("algorithm"), algorithm))
                    lines = pc.binary_join_element_wise(algorithm, hex_column(digests), " ")
                    sink.write(("\n".join(lines.to_pylist()) + "\n").encode())


def _rows(number: int, line: bytes, options: ReadOptions) -> list[Row]:
    """The row of one line, or those of a video.

    Raises:
        InvalidValue: If it has none of the forms.
    """
    named = _NAMED.match(line)
    if named or line.lstrip()[:1] in (b"[", b"{"):
        try:
            return signal_rows(number, read_signal(line[named.end() :] if named else line))
        except InvalidValue as error:
            raise InvalidValue(f"{error}: {_shown(line[:_SHOWN].decode(errors='replace'))}") from None
    try:
        text = line.decode().strip()
    except UnicodeDecodeError as error:
        raise InvalidValue(f"not UTF-8: {error.reason} at byte {error.start + 1}") from None
    return [_row(number, text, options)]


def _row(number: int, text: str, options: ReadOptions) -> Row:
    """The row of one hash.

    Raises:
        InvalidValue: If it has none of the forms.
    """
    algorithm, media_type, quality = None, None, None
    extra: dict[str, object] = {}
    if form := _HASH.fullmatch(text):
        digest, quality, file = form.groups()
        extra["filename"] = (file or "").strip()
    elif form := _DETAILS.fullmatch(text):
        digest, details, file = form.groups()
        stated = dict(detail.split("=", 1) for detail in details[1:].split(","))
        quality = stated.pop("quality", None)
        extra |= stated
        extra["filename"] = (file or "").strip()
    else:
        algorithm, media_type, digest = _named(text, options.algorithms)
    if quality is not None:
        if options.algorithm in (None, _PDQ):
            algorithm = _PDQ
        else:
            # What stands behind a hash of another kind is none of PDQ's qualities.
            extra["quality"], quality = quality, None
    extra = {name: value for name, value in extra.items() if value}
    said = canonical(extra) if extra else None
    return (number, None, None, algorithm, digest, None, media_type, None, quality, *[None] * 7, said)


def _named(text: str, known: Collection[str]) -> tuple[str, str | None, str]:
    """Algorithm, media type and digest of a line that names the algorithm.

    Raises:
        InvalidValue: If it does not.
    """
    name, *rest = _DIVIDED.split(text, maxsplit=1)
    digest = "".join(rest).lstrip(": \t")
    if digest and _is_foreign(text.encode()):
        raise InvalidValue(f"{name!r} is no kind of hash that is known here: {_shown(text)}")
    try:
        algorithm, media_type = read_signal_type(name, known)
    except InvalidValue:
        digest = ""
    if not digest or _DIVIDED.search(digest):
        raise InvalidValue(f"neither a hash nor an algorithm and a hash: {_shown(text)}")
    return algorithm, media_type, digest


def _begins_video(line: bytes) -> bool:
    """Whether a line, which may be cut, names the frames of a video and begins with one."""
    named = _NAMED.match(line)
    return named is not None and begins_signal(line[named.end() :])


def _is_foreign(line: bytes) -> bool:
    """Whether a line begins with the name of a signal type that we do not have."""
    name, *rest = line.split(maxsplit=1)
    return bool(rest) and name.decode(errors="replace").lower() in _FOREIGN


def _shown(text: str) -> str:
    return repr(text if len(text) < _SHOWN else f"{text[: _SHOWN - 4]}...")


LINES = Lines()
