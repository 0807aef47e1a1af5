"""The output of ``hashmatch hash --json``: one file a line, with all its hashes.

::

    {"file": "a.jpg", "error": null, "media_type": "image",
     "hashes": {"pdq": {"hex": "...", "quality": 97, "orientations": {...}}, "sha256": {"hex": "..."}}}

A video's entry holds ``frames``, each with ``frame``, ``hex``, ``quality`` and ``timestamp``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ..errors import InvalidValue
from .base import ListFormat, RawRows, ReadOptions
from .chunk import TOO_LONG, Chunk, Row
from .entry import remainder
from .fields import DIGESTS
from .json_text import OBJECT, decode, text_of
from .source import Source

_KNOWN = frozenset({"file", "error", "hashes", "media_type"})
_MOST_BYTES = 64 * 1024 * 1024
"""That the rows of one file may take together: each repeats what is said of the file."""
_QUOTED = 100
"""Characters that a reason quotes of what the file says."""


class Hashes(ListFormat):
    """The output of ``hashmatch hash --json``: a platform's own removals. Each file is one claim."""

    name = "hashes"
    suffix = ".jsonl"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether its first line names a file and hashes, and no matches."""
        line = next(iter(source.head_lines), source.head)
        if not line.lstrip().startswith(b"{"):
            return False
        try:
            keys = decode(line, OBJECT).keys()
        except InvalidValue:
            return b'"file"' in line and b'"hashes"' in line and b'"hex"' in line
        return {"file", "hashes"} <= keys and "matches" not in keys

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """A row for each hash of each frame; a file that was not hashed is a reject."""
        chunk = Chunk(source.name, self.name)
        for number, line in source.lines():
            if line is not None and not line.strip():
                continue
            try:
                if line is None:
                    raise InvalidValue(TOO_LONG)
                record = decode(line, OBJECT)
                if "matches" not in record and ("hashes" in record or "error" in record):
                    chunk.in_form = True
                chunk.add(_rows(number, record), len(line))
            except InvalidValue as error:
                chunk.reject(number, str(error))
            if chunk.full:
                yield chunk.take()
        yield chunk.finish()


def _rows(number: int, record: Mapping[str, object]) -> list[Row]:
    """The rows of one file.

    Raises:
        InvalidValue: If it has no hashes, or something has not the shape that we write.
    """
    if "matches" in record:
        # The file was looked up, not taken down. Of a long line that is not told by its beginning.
        raise InvalidValue("a line of what match found, not of hash")
    file, media_type = text_of(record.get("file"), "file"), text_of(record.get("media_type"), "media_type")
    hashes = record.get("hashes") or {}
    if not isinstance(hashes, dict):
        raise InvalidValue("hashes are something else than an object")
    if not hashes:
        error = text_of(record.get("error"), "error")
        named = (file or "the file")[:_QUOTED]
        raise InvalidValue(f"{named} could not be hashed: {error[:_QUOTED]}" if error else "no hash")
    extra = {key: value for key, value in record.items() if key not in _KNOWN}
    extra |= {key: record[key] for key in ("file", "error") if record.get(key) is not None}
    known = remainder(extra)
    source_id = _source_id(hashes)
    rows: list[Row] = [
        (number, None, source_id, algorithm, digest, frame, media_type, timestamp, quality, *[None] * 7, known)
        for algorithm, entry in hashes.items()
        for digest, frame, timestamp, quality in _frames(algorithm, entry)
    ]
    repeated = sum(map(len, filter(None, (source_id, media_type, known, max(hashes, key=len)))))
    if len(rows) * repeated > _MOST_BYTES:
        raise InvalidValue(f"{len(rows)} hashes that repeat more than {_MOST_BYTES} bytes of what is said of the file")
    return rows


def _source_id(hashes: Mapping[str, object]) -> str | None:
    """What names a file that has no id: its strongest digest, else its first hash; never its name, which others bear."""
    for algorithm in (*DIGESTS, *hashes):
        entry = hashes.get(algorithm)
        digest = text_of(entry.get("hex"), "hex") if isinstance(entry, dict) else None
        if digest:
            return f"{algorithm}:{digest.lower()}"
    return None


def _frames(algorithm: str, entry: object) -> Iterator[tuple[str | None, ...]]:
    """Digest, frame, timestamp and quality of each frame of one hash."""
    if not isinstance(entry, dict):
        raise InvalidValue(f"{algorithm[:_QUOTED]} is something else than an object")
    frames = entry.get("frames") or [entry]
    if not isinstance(frames, list) or not all(isinstance(frame, dict) for frame in frames):
        raise InvalidValue(f"the frames of {algorithm[:_QUOTED]} are something else than objects")
    for frame in frames:
        digest = text_of(frame.get("hex"), "hex")
        if not digest:
            raise InvalidValue(f"no hash in {algorithm[:_QUOTED]}")
        yield (digest, *(text_of(frame.get(field), field) for field in ("frame", "timestamp", "quality")))


HASHES = Hashes()
