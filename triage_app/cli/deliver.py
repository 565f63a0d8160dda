"""``deliver``: sends what still waits, with the tokens of launches that are still good."""

from __future__ import annotations

import os
import time
from collections import Counter

import click

from triage_app import create_services
from triage_app.cli import commands
from triage_app.cli.housekeeping import purge
from triage_app.settings import read_settings
from triage_app.workflow.deliver import deliver as deliver_one
from triage_app.workflow.services import Services


@commands.command()
@click.option("--loop", type=click.IntRange(min=1), metavar="SECONDS", help="Go on, every so many seconds.")
def deliver(loop: int | None) -> None:
    """Send every waiting submission whose launch still has a token; print how many stand where."""
    services = create_services(read_settings(os.environ))
    while True:
        click.echo(_summary(send_waiting(services)))
        purge(services)
        if loop is None:
            return
        time.sleep(loop)


def send_waiting(services: Services) -> Counter[str]:
    """Try each waiting delivery once, oldest first; return how many then stand in each state."""
    stand: Counter[str] = Counter()
    for waiting in services.storage.pending_deliveries():
        launch = services.storage.fetch_launch(waiting.launch) if waiting.launch else None
        usable = launch is not None and launch.access_token is not None
        state = deliver_one(services, launch, waiting.id) if launch and usable else waiting.state
        stand[str(state)] += 1
    return stand


def _summary(stand: Counter[str]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(stand.items())) or "nothing waits"
