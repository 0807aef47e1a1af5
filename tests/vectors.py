"""Where the reference vectors are: photos and clips with the hashes that the reference tools give them.

They are not part of this project. The environment variable ``HASHMATCH_VECTORS`` names their folder;
without it, ``../shared/vectors`` beside the repository is looked at.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

VECTORS = Path(
    os.environ.get("HASHMATCH_VECTORS") or Path(__file__).parent.parent.parent / "shared" / "vectors",
)

needs_vectors = pytest.mark.skipif(
    not (VECTORS / "pdq_expected.csv").is_file(),
    reason="the reference vectors are not here; HASHMATCH_VECTORS names their folder",
)
