"""``python -m benchmarks NAME``: the commands of the table, each imported when it is asked for."""

from __future__ import annotations

import click

from . import BENCHMARKS


class BenchmarkGroup(click.Group):
    """The benchmarks of the table as commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(BENCHMARKS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The benchmark of that name."""
        if cmd_name not in BENCHMARKS:
            return None
        return BENCHMARKS[cmd_name]


@click.group(cls=BenchmarkGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Measure hashmatch, and beside it what people use today."""


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
