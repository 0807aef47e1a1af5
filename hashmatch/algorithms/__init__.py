"""The hash algorithms. Adding one is one class and one line in this table."""

from __future__ import annotations

from ..registry import Registry
from .base import Algorithm

ALGORITHMS: Registry[Algorithm] = Registry(
    "algorithm",
    {
        "pdq": "hashmatch.algorithms.pdq:PDQ",
        "ahash": "hashmatch.algorithms.imagehashes:AHASH",
        "phash": "hashmatch.algorithms.imagehashes:PHASH",
        "dhash": "hashmatch.algorithms.imagehashes:DHASH",
        "whash": "hashmatch.algorithms.imagehashes:WHASH",
        "phash256": "hashmatch.algorithms.imagehashes:PHASH256",
        "md5": "hashmatch.algorithms.digests:MD5",
        "sha1": "hashmatch.algorithms.digests:SHA1",
        "sha256": "hashmatch.algorithms.digests:SHA256",
        "sha512": "hashmatch.algorithms.digests:SHA512",
    },
)
"""Every algorithm by the name that it has in lists and on the command line: one instance each."""
