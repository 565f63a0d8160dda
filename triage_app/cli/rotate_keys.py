"""``rotate-keys``: brings everything under the newest sealing key, so that the old one can be removed."""

from __future__ import annotations

import os
import sys
from collections import Counter

import click

from triage_app.cli import commands
from triage_app.settings import read_settings
from triage_app.storage import Storage


@commands.command()
def rotate_keys() -> None:
    """Seal drafts, tokens and what waits with the first key of NERVE_TRIAGE_SEALING_KEYS.

    The app may go on running, started with that key in front. Exit 1 when a value could not be opened.
    """
    settings = read_settings(os.environ)
    storage = Storage(settings.database_url, settings.sealing_keys)
    storage.migrate()
    done, lost = storage.reseal()
    left = storage.sealed_with()
    storage.close()
    newest = settings.sealing_keys[0].key_id
    click.echo(f"sealed anew with {newest}: {_told(done)}")
    for key in settings.sealing_keys[1:]:
        used = left[key.key_id]
        click.echo(f"key {key.key_id}: {f'{used} values left' if used else 'not needed any more; remove it'}")
    if lost:
        click.echo(f"no key opens: {_told(lost)}", err=True)
        sys.exit(1)


def _told(counted: Counter[str]) -> str:
    return ", ".join(f"{count} of {table}" for table, count in sorted(counted.items())) or "nothing"
