"""The group of all commands, and the one place where errors become exit codes."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from ..errors import ChangeTooLarge, HashmatchError, InvalidValue
from .exits import DONE, FAILED, INTERRUPTED, PIPE_CLOSED, USAGE
from .text import shown

TRACEBACK_VARIABLE = "HASHMATCH_TRACEBACK"

_COMMANDS = {
    "hash": "hash:hash_command",
    "match": "match:match_command",
    "import": "import_:import_command",
    "lists": "lists:lists_command",
    "history": "history:history_command",
    "rollback": "rollback:rollback_command",
    "withdraw": "withdraw:withdraw_command",
    "drop": "drop:drop_command",
    "allow": "allow:allow_command",
    "export": "export:export_command",
    "diff": "diff:diff_command",
    "overlap": "overlap:overlap_command",
    "quarantine": "quarantine:quarantine_command",
    "snapshot": "snapshot:snapshot_command",
    "compact": "compact:compact_command",
}
"""Command -> module and attribute below this package, in the order of the help."""


class CommandGroup(click.Group):
    """Loads a command's file when the command is asked for, and answers errors with exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported on first use."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(f"{__package__}.{module}"), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; its return value is the exit code."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Caught here, since click would answer 1, as if we had failed.
            _discard_stdout()
            return PIPE_CLOSED
        return code

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run the command line and end the process with an exit code."""
        _stand_in_for_closed_streams()
        try:
            code = super().main(
                args, prog_name, complete_var, standalone_mode=False, windows_expand_args=windows_expand_args, **extra
            )
        except Exception as error:
            code = _answer(error)
        sys.exit(code or DONE)


def _stand_in_for_closed_streams() -> None:
    """Let standard streams that whoever started us has closed be empty, and their descriptors nobody else's."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115 - a device, for as long as we live


def _answer(error: Exception) -> int:
    """Say on standard error what went wrong, and give the exit code for it."""
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, click.Abort):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    if os.environ.get(TRACEBACK_VARIABLE):
        import traceback

        traceback.print_exception(error)
    click.echo(f"Error: {shown(_sentence(error))}", err=True)
    return USAGE if isinstance(error, InvalidValue) else FAILED


def _sentence(error: Exception) -> str:
    """What went wrong, and where there is an option against it, which."""
    if isinstance(error, ChangeTooLarge):
        return f"{error} (--accept-change)"
    if isinstance(error, HashmatchError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror + (f": {os.fsdecode(error.filename)}" if error.filename else "")
    reason = str(error) or "no reason given"
    return f"unforeseen {type(error).__name__}: {reason} ({TRACEBACK_VARIABLE}=1 shows the rest)"


def _discard_stdout() -> None:
    """Let what is still buffered go nowhere, so that closing standard output at exit cannot fail."""
    with contextlib.suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _print_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        import hashmatch

        click.echo(f"hashmatch {hashmatch.__version__}")
        context.exit()


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but some files or rows failed, "
    "10 matched under --fail-on-match, 11 different under --fail-on-difference.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Match files against shared hash lists of known terrorist and violent-extremist content."""
