"""``hashmatch hash``: hash files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

import hashmatch

from .exits import DONE, PARTLY
from .lines import hash_line, write_line
from .options import ALGORITHM, json_option
from .paths import media_paths
from .render import say, show_hashes

if TYPE_CHECKING:
    from ..results import HashedMedia


@click.command("hash")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--algorithm",
    "algorithms",
    multiple=True,
    type=ALGORITHM,
    default=("pdq", "sha256"),
    show_default=True,
    help="What to compute; may be given several times.",
)
@click.option("-r", "--recursive", is_flag=True, help="Hash what is in folders.")
@json_option
def hash_command(files: tuple[str, ...], algorithms: tuple[str, ...], recursive: bool, as_json: bool) -> int:
    """Hash files; - reads their paths from standard input.

    The lines of --json are a list that `hashmatch import` reads.
    """
    code = DONE
    for file, hashed, error in _hashed(files, algorithms, recursive):
        if as_json:
            write_line(hash_line(file, hashed, error))
        else:
            show_hashes(file, hashed)
            if error:
                say(error if hashed is None else f"{file}: {error}", aside=True)
        if error:
            code = PARTLY
    return code


def _hashed(
    files: tuple[str, ...], algorithms: tuple[str, ...], recursive: bool
) -> Iterator[tuple[str, HashedMedia | None, str | None]]:
    """Each file with what was computed of it, and why something was not."""
    for file in media_paths(files, recursive=recursive):
        try:
            hashed = hashmatch.hash_file(file, algorithms=algorithms)
        except hashmatch.MediaError as error:
            yield file, None, str(error)
        else:
            yield file, hashed, "; ".join(dict.fromkeys(hashed.failures.values())) or None
