"""The commands of ``python -m triage_app``."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from triage_app.errors import TriageError

MODULES = (
    "assess",
    "cases",
    "check",
    "compare",
    "deliver",
    "demo.command",
    "hospital",
    "lint",
    "rotate_keys",
    "serve",
)


@click.group(help="Nerve Triage: a self-assessment that an EHR launches and a clinician reviews.")
def commands() -> None:
    """Hold the commands together."""


def load_commands() -> None:
    """Import every module that adds a command."""
    for module in MODULES:
        import_module(f"triage_app.cli.{module}")


def main() -> None:
    """Run one command; a known error is one sentence and exit code 2, never a stack trace."""
    load_commands()
    try:
        commands(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        sys.exit(130)
    except TriageError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
