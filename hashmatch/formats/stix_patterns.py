"""STIX patterns: the hashes that a pattern asks for, if hashes are all that it asks for.

``[file:hashes.'SHA-256' = '…' OR file:hashes.MD5 = '…'] OR [file:hashes.PDQ = '…']``

The language (STIX 2.1, part 9) can say much more, and none of it can be looked up in a list of hashes. A pattern is
taken whole or not at all.
"""

from __future__ import annotations

import re

from ..errors import InvalidValue

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<mark> [][()] )
    | (?P<join> OR ) (?![\w:.-])
    | file:hashes\. (?: '(?P<quoted> [^'\\]+ )' | (?P<plain> [\w-]+ ) ) \s* ==? \s* '(?P<digest> [^'\\]* )'
    )\s*""",
    re.VERBOSE | re.ASCII,
)


def pattern_hashes(pattern: str) -> list[tuple[str, str]]:
    """Algorithm, as the pattern spells it, and digest of each hash, in order.

    Raises:
        InvalidValue: If the pattern is anything but equalities of file hashes, joined by OR.
    """
    hashes: list[tuple[str, str]] = []
    place, wanting, inside, depths = 0, True, False, [0, 0]
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        mark = token and (token["mark"] or token["join"] or "hash")
        if token is None or wanting is not (mark in ("[", "(", "hash")):
            raise _objection(pattern, place)
        if mark in ("[", "]"):
            if inside is (mark == "[") or depths[True]:
                raise _objection(pattern, place)
            inside = not inside
        elif mark in ("(", ")"):
            depths[inside] += 1 if mark == "(" else -1
            if depths[inside] < 0:
                raise _objection(pattern, place)
        elif mark == "hash":
            if not inside:
                raise _objection(pattern, place)
            hashes.append((token["quoted"] or token["plain"], token["digest"]))
        wanting = mark in ("[", "(", "OR")
        place = token.end()
    if wanting or inside or depths[False]:
        raise _objection(pattern, len(pattern))
    return hashes


def _objection(pattern: str, place: int) -> InvalidValue:
    rest = pattern[place : place + 48].strip()
    what = repr(rest if len(rest) < 45 else f"{rest[:42]}...") if rest else "an end in the middle"
    return InvalidValue(f"of a pattern only equalities of file hashes, joined by OR, can be taken, not {what}")
