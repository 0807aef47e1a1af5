"""How much more memory a long file takes than a short one, each read in chunks that are let go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_READ = """
import resource, sys
from hashmatch.checking import sizes
from hashmatch.formats import FORMATS
from hashmatch.formats.base import ReadOptions
from hashmatch.formats.source import Source

unit = 1 if sys.platform == "darwin" else 1024
for path in sys.argv[2:]:
    chunks = FORMATS[sys.argv[1]].read(Source(path), ReadOptions(algorithms=sizes()))
    rows = sum(len(chunk.rows) for chunk in chunks)
    print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
"""


def growth(name: str, short: Path, long: Path) -> tuple[int, int]:
    """Rows of the long file, and by how many bytes it raised the peak that the short one left.

    Args:
        name: Of the format.
        short: A file of several chunks.
        long: One of many more.
    """
    command = [sys.executable, "-c", _READ, name, str(short), str(long)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (_, before), (rows, after) = ([int(word) for word in line.split()] for line in run.stdout.splitlines())
    return rows, after - before
