r"""Checksum files: what md5sum, sha1sum, sha256sum, sha512sum, shasum, BSD's tools and hashdeep write.

::

    0123456789abcdef0123456789abcdef  name of the file
    \0123456789abcdef0123456789abcdef *a name with\nline ends, marked by the first backslash
    SHA256 (name of the file) = abab…

The GNU coreutils manual describes the first two forms and, as ``--tag``, the third; hashdeep's own form begins with
``%%%% HASHDEEP-1.0`` and names its columns.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from ..errors import InvalidValue
from ..hashes import parse_digest
from .base import ListFormat, RawRows, ReadOptions
from .chunk import TOO_LONG, Chunk, Row
from .entry import remainder
from .fields import DIGESTS, algorithm_name, media_type_of, squeezed
from .source import Source

_SEEN = 20
"""Lines at the beginning that must all be in form."""

_PLAIN = re.compile(r"(\\?)([0-9A-Fa-f]{8,}) [ *](.+)", re.DOTALL)
_TAGGED = re.compile(r"(\\?)([A-Za-z0-9][A-Za-z0-9/-]*) ?\((.*)\) ?= ([0-9A-Fa-f]{8,})", re.DOTALL)
_OPENSSL = re.compile("SHA2-(?=[0-9])", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.?)", re.DOTALL)
_MEANT = {"n": "\n", "r": "\r", "\\": "\\"}

_BY_DIGITS: Mapping[int, str] = {32: "md5", 40: "sha1", 128: "sha512"}
"""What tools write digests of so many digits. 64 may be SHA-256, or PDQ, whose tools list names as well."""
_FOREIGN: Mapping[int, str] = {56: "SHA-224", 96: "SHA-384"}
_DIGITS: Mapping[str, int] = {"md5": 32, "sha1": 40, "sha256": 64, "pdq": 64, "sha512": 128}
_SHORT: Mapping[str, int] = {"md2": 32, "md4": 32, "ripemd128": 32, "rmd160": 40, "ripemd160": 40, "has160": 40}
"""Algorithms that we do not have whose digests are as long as an MD5 or a SHA-1; those of others are longer."""
_IN_NAME = re.compile(
    r"(?<![a-z0-9])(md5|sha-?1|sha-?256|sha-?512|pdq|sha3(?:-?[0-9]+)?|b2|b3|blake2[bs]?|blake3|md[24]|has-?160"
    r"|(?:ripemd|rmd)-?[0-9]{3}|whirlpool|sm3|streebog(?:-?[0-9]+)?|skein|keccak)(?:sums?)?(?![a-z0-9])"
)
"""What the name of a list says of its digests: ``SHA256SUMS``, ``partner.sha256``, ``RMD160SUMS``."""

_HASHDEEP = b"%%%% HASHDEEP-1."
_COLUMNS = "%%%% "
_MOST_COLUMNS = 20

Hash = tuple["str | None", str]
"""Algorithm, None where nothing names it, and digest."""


class Checksums(ListFormat):
    """Checksum files. Each file that they name is a claim, known by its strongest digest."""

    name = "checksums"
    suffix = ".txt"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether the first lines are all in form; a digest alone, or before a single blank, is in none."""
        if source.head.startswith(_HASHDEEP):
            return True
        lines = [line for line in source.head_lines if not line.startswith(b"#")][:_SEEN]
        return bool(lines) and all(map(_is_in_form, lines))

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The hashes of each line; 64 digits that neither line, user nor the list's name speak of name no algorithm."""
        chunk, lines = Chunk(source.name, self.name), _Lines(source.name, options)
        for number, line in source.lines():
            try:
                if line is None:
                    raise InvalidValue(TOO_LONG)
                if line.strip() and not line.startswith(b"#") and (rows := lines.rows(number, line)):
                    chunk.add(rows, len(line))
            except InvalidValue as error:
                chunk.reject(number, str(error))
            if chunk.full:
                yield chunk.take()
        yield chunk.finish()


def _is_in_form(line: bytes) -> bool:
    text = line.decode(errors="replace")
    if plain := _PLAIN.fullmatch(text):
        return len(plain[2]) in {*_DIGITS.values(), *_FOREIGN}
    return _TAGGED.fullmatch(text) is not None


class _Lines:
    """Makes rows of the lines of one file."""

    def __init__(self, file: str, options: ReadOptions) -> None:
        self._known = options.algorithms
        self._said = options.algorithm
        self._named = [squeezed(name) for name in _IN_NAME.findall(file.lower())]
        self._columns: list[str] = []
        """What a line holds, in hashdeep's form; empty in the others."""

    def rows(self, number: int, line: bytes) -> list[Row]:
        """The rows of a line; none of a line that only says what others hold.

        Raises:
            InvalidValue: If it is in no form, or its digests are of no algorithm that we have.
        """
        if b"\0" in line:
            raise InvalidValue("a NUL byte; lists whose lines it ends (-z) are not read")
        # A name in another encoding must not cost the hash: its bytes are shown.
        text = line.decode(errors="backslashreplace")
        if text.startswith(_COLUMNS):
            self._columns = text.removeprefix(_COLUMNS).split(",") if "," in text else self._columns
            if len(self._columns) > _MOST_COLUMNS:
                raise InvalidValue(f"more than {_MOST_COLUMNS} columns")
            return []
        return _rows(number, *(self._deep(text) if self._columns else self._plain(text)))

    def _plain(self, text: str) -> tuple[list[Hash], dict[str, object]]:
        """The hash of a line in the form of GNU or BSD, and what else it says."""
        algorithm: str | None
        if found := _PLAIN.fullmatch(text):
            escaped, digest, name = found.groups()
            algorithm = self._algorithm(len(digest))
        elif found := _TAGGED.fullmatch(text):
            escaped, tag, name, digest = found.groups()
            algorithm = algorithm_name(_OPENSSL.sub("SHA-", tag), self._known)
            if algorithm not in self._known:
                raise InvalidValue(f"a checksum of {tag[:40]}, an algorithm that we do not have")
        else:
            raise InvalidValue(f"no line of a checksum file: {text[:60]!r}")
        return [(algorithm, digest)], {"filename": _unescaped(name) if escaped else name}

    def _algorithm(self, digits: int) -> str | None:
        """The algorithm of a digest that stands without its name: what the user says, else the list's name."""
        if self._said is not None and digits == 2 * self._known.get(self._said, 0):
            return self._said
        for name in self._named:
            if _DIGITS.get(name) == digits:
                return name
        others = [name for name in self._named if name not in _DIGITS]
        foreign = [name for name in others if digits == _SHORT.get(name) or digits > _DIGITS["sha1"]]
        if digits in _FOREIGN or foreign:
            raise InvalidValue(f"a checksum of {_FOREIGN.get(digits) or foreign[0]}, an algorithm that we do not have")
        return _BY_DIGITS.get(digits)

    def _deep(self, text: str) -> tuple[list[Hash], dict[str, object]]:
        """The hashes of a line of hashdeep's, in which a comma more belongs to the name, and what else it says."""
        cells = text.split(",", len(self._columns) - 1)
        if len(cells) != len(self._columns):
            raise InvalidValue(f"{len(cells)} cells where the columns are {len(self._columns)}")
        hashes: list[Hash] = []
        extra: dict[str, object] = {}
        for column, cell in zip(self._columns, cells, strict=True):
            algorithm = algorithm_name(column, self._known)
            if algorithm not in self._known:
                extra[column] = cell
            elif cell.strip():
                hashes.append((algorithm, cell))
        if not hashes:
            others = ", ".join(column for column in extra if column not in ("size", "filename"))
            raise InvalidValue(f"no hash of an algorithm that we have, only {others[:80]}" if others else "no hash")
        return hashes, extra


def _rows(number: int, hashes: Sequence[Hash], extra: Mapping[str, object]) -> list[Row]:
    """The rows of one file. A claim of one hash is named by it anyway, so only one of several is named here."""
    name = str(extra.get("filename", ""))
    media_type = media_type_of(name.rpartition(".")[2]) if "." in name else None
    source_id, known = _source_id(hashes) if len(hashes) > 1 else None, remainder(extra)
    return [
        (number, None, source_id, algorithm, digest, None, media_type, *[None] * 9, known)
        for algorithm, digest in hashes
    ]


def _source_id(hashes: Sequence[Hash]) -> str | None:
    """What names a file of several hashes: the strongest digest that is one."""
    for name in DIGESTS:
        for algorithm, digest in hashes:
            if algorithm == name:
                with contextlib.suppress(InvalidValue):
                    return f"{name}:{parse_digest(digest.strip(), _DIGITS[name] // 2).hex()}"
    return None


def _unescaped(name: str) -> str:
    """A name behind a line's leading backslash.

    Raises:
        InvalidValue: If a backslash in it means nothing.
    """
    if any(mark not in _MEANT for mark in _ESCAPED.findall(name)):
        raise InvalidValue("a backslash in the name that escapes nothing")
    return _ESCAPED.sub(lambda escape: _MEANT[escape[1]], name)


CHECKSUMS = Checksums()
