"""Options that several commands share, as decorators."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ..video_rule import VideoRule

Command = TypeVar("Command", bound=Callable[..., Any])


class Choice(click.types.StringParamType):
    """One name of a table that is imported only when a name is to be checked or the choices shown."""

    name = "choice"

    def __init__(self, module: str, attribute: str) -> None:
        """The table ``attribute`` (an iterable of names) of ``hashmatch.<module>``."""
        self._module = module
        self._attribute = attribute

    @property
    def choices(self) -> list[str]:
        """The names, in the table's order."""
        table = getattr(importlib.import_module(f"hashmatch.{self._module}"), self._attribute)
        return [str(name) for name in table]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, if the table has it."""
        if value not in self.choices:
            self.fail(f"{value!r} is none of {', '.join(self.choices)}.", param, ctx)
        return str(value)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """The choices, as the help shows them."""
        return f"[{'|'.join(self.choices)}]"


ALGORITHM = Choice("algorithms", "ALGORITHMS")
FORMAT = Choice("formats", "FORMATS")
INDEX = Choice("indexes", "CHOICES")
SEARCH = Choice("thoroughness", "Thoroughness")
ROLE = Choice("records", "Role")
SHARE_LEVEL = Choice("records", "ShareLevel")


def bank_option(command: Command) -> Command:
    """``--bank DIR``, which must be given."""
    return click.option(
        "--bank",
        "bank_folder",
        metavar="DIR",
        required=True,
        type=click.Path(path_type=Path),
        help="The bank's folder.",
    )(command)


def json_option(command: Command) -> Command:
    """``--json``."""
    return click.option(
        "--json", "as_json", is_flag=True, help="One JSON object a line on standard output, nothing else."
    )(command)


def workers_option(command: Command) -> Command:
    """``--workers N``."""
    return click.option(
        "--workers",
        type=click.IntRange(min=0),
        default=None,
        help="How many processes hash; by default one for each core. With 0 a hostile file can hold up the command.",
    )(command)


def sampling_option(command: Command) -> Command:
    """``--sampling every|keyframes|SECONDS``."""
    return click.option(
        "--sampling",
        metavar="every|keyframes|SECONDS",
        callback=parse_sampling,
        help="Which frames of a video are hashed; by default one a second, and of an animated picture every frame.",
    )(command)


def video_rule_option(command: Command) -> Command:
    """``--video-rule RULE``."""
    return click.option(
        "--video-rule",
        metavar="aligned|vpdq[:KNOWN:UPLOAD]",
        callback=parse_video_rule,
        help="What a video must share with a known one: frames that run in time with it, or vPDQ's least shares of both, "
        "in percent (80:0).  [default: aligned]",
    )(command)


def search_option(command: Command) -> Command:
    """``--search LEVEL``."""
    return click.option(
        "--search",
        type=SEARCH,
        default="turned",
        show_default=True,
        help="As what else pictures are searched than as they are: turned and mirrored; thorough: also without borders and "
        "captions, and with cropped margins put back, which takes longer.",
    )(command)


def publish_option(command: Command) -> Command:
    """``--no-publish``."""
    return click.option("--no-publish", is_flag=True, help="Do not publish a new snapshot.")(command)


def algorithm_option(command: Command) -> Command:
    """``--algorithm NAME`` of hashes that do not name theirs."""
    return click.option(
        "--algorithm",
        type=ALGORITHM,
        default=None,
        help="Of hashes that do not name theirs and whose length fits several.",
    )(command)


def map_option(words: str = "") -> Callable[[Command], Command]:
    """``--map FIELD=COLUMN``, with what else a command says of it."""
    return click.option(
        "--map",
        metavar="FIELD=COLUMN",
        multiple=True,
        callback=parse_columns,
        help=f"Which column holds what, as in digest=hash_value; may be given several times.{words}",
    )


def radius_option(own: str) -> Callable[[Command], Command]:
    """``--radius [ALGORITHM=]N``; ``own`` says whose it is by default."""
    return click.option(
        "--radius",
        metavar="[ALGORITHM=]N",
        multiple=True,
        callback=parse_radius,
        help="Inclusive distance in bits: N for the longest codes (PDQ), or ALGORITHM=N; may be given several times. "
        f"By default {own}.",
    )


def parse_columns(_: click.Context, parameter: click.Parameter, pairs: tuple[str, ...]) -> Mapping[str, str] | None:
    """``FIELD=COLUMN`` of each ``--map`` as a mapping; None where there is none."""
    columns: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not (field and equals and column):
            raise click.BadParameter(f"{pair!r} is not FIELD=COLUMN, as in digest=hash_value.", param=parameter)
        if field in columns:
            raise click.BadParameter(f"{field} is given twice.", param=parameter)
        columns[field] = column
    return columns or None


def parse_sampling(_: click.Context, parameter: click.Parameter, given: str | None) -> str | float | None:
    """What ``--sampling`` names, its seconds as a number; what makes no sense is a usage error."""
    from ..errors import InvalidValue
    from ..sampling import Sampling

    wanted: str | float | None = given
    with contextlib.suppress(TypeError, ValueError):
        wanted = float(given)  # type: ignore[arg-type]
    try:
        Sampling.of(wanted)
    except InvalidValue:
        raise click.BadParameter(
            f"{given!r} is neither every, nor keyframes, nor a number of seconds above 0.", param=parameter
        ) from None
    return wanted


def parse_radius(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> int | Mapping[str, int] | None:
    """The one plain ``N`` of ``--radius``, or each ``ALGORITHM=N`` as a mapping; None where there is none."""
    bits = click.IntRange(min=0)
    named: dict[str, int] = {}
    for text in given:
        name, equals, number = text.partition("=")
        if not equals:
            if len(given) > 1:
                raise click.BadParameter(
                    "give either one N, or ALGORITHM=N for each that is meant.", context, parameter
                )
            return int(bits(text, parameter, context))
        algorithm = ALGORITHM.convert(name, parameter, context)
        if algorithm in named:
            raise click.BadParameter(f"{algorithm} is given twice.", context, parameter)
        named[algorithm] = int(bits(number, parameter, context))
    return named or None


def parse_video_rule(context: click.Context, parameter: click.Parameter, text: str | None) -> VideoRule | None:
    """The rule that ``--video-rule`` says; None where it does not."""
    from ..errors import InvalidValue
    from ..video_rule import VideoRule

    try:
        return None if text is None else VideoRule.parse(text)
    except InvalidValue as error:
        raise click.BadParameter(str(error), context, parameter) from None
