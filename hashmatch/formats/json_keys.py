"""Keys of JSON: what the first page of a feed, or its first record, is known by."""

from __future__ import annotations

import re
from itertools import islice

_TOKEN = re.compile(rb'"([^"\\]*(?:\\.[^"\\]*)*)"?|[{}\[\]:]', re.DOTALL)
_PAGE, _RECORD = b"{", b"{[{"
_DEEPER = len(_RECORD) + 1
_MOST_TOKENS = 20_000
"""Texts, brackets and colons that are looked at: more than a record has, and few enough to look at for each feed."""


def record_keys(head: bytes) -> set[str]:
    """The keys of the first object in the beginning of a JSON document, and of the objects in lists of its own.

    These are a page and its records, or one record and what it has several of. What is nested otherwise is passed
    over, so that it does not matter which keys come first. The document may be cut anywhere.
    """
    text = head.lstrip().removeprefix(b"[").lstrip()
    keys: set[str] = set()
    path, depth, last = b"", 0, b""
    for found in islice(_TOKEN.finditer(text if text[:1] == b"{" else b""), _MOST_TOKENS):
        token = found[0]
        if token == b":":
            if path in (_PAGE, _RECORD):
                keys.add(last.decode("utf-8", "replace"))
        elif token in (b"{", b"["):
            depth += 1
            path = (path + token)[:_DEEPER]
        elif token in (b"}", b"]"):
            depth -= 1
            path = path[:depth]
            if not depth:
                break
        else:
            last = found[1]
    return keys
