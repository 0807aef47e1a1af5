"""What the README says, taken from it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
"""Language and text of each code block, in order."""


def blocks(language: str) -> list[str]:
    """The code blocks in a language, in order; those in none are output."""
    return [text for of, text in BLOCKS if of == language]


def commands() -> list[str]:
    """The two commands of the first screen."""
    return blocks("sh")[0].splitlines()
