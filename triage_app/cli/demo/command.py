"""``demo``: starts both, plays the stories, prints the links and waits."""

from __future__ import annotations

import signal
import tempfile
import threading
from pathlib import Path

import click

from triage_app.cli import commands
from triage_app.cli.demo.clock import DemoClock
from triage_app.cli.demo.running import RunningDemo, running_demo
from triage_app.cli.demo.seed import seed


@commands.command()
@click.option("--port", default=8600, show_default=True, help="Where the app answers; 0 takes a free port.")
@click.option("--hospital-port", default=8601, show_default=True, help="Where the hospital answers.")
@click.option("--fhir-server", metavar="URL", help="A real FHIR R4 server behind the pretend hospital.")
@click.option("--empty", is_flag=True, help="Start with charts in which nobody has answered yet.")
def demo(port: int, hospital_port: int, fhir_server: str | None, empty: bool) -> None:
    """Start the app with a pretend hospital on loopback: no account, no other server."""
    clock = DemoClock()
    with (
        tempfile.TemporaryDirectory(prefix="nerve-triage-") as folder,
        running_demo(
            Path(folder), app_port=port, hospital_port=hospital_port, upstream=fhir_server, clock=clock
        ) as running,
    ):
        if not empty:
            click.echo("Two people are answering for the past year …")
            seed(running, clock)
        stop = _stop_asked()
        click.echo(links(running))
        stop.wait()


def links(running: RunningDemo) -> str:
    """Return the links of a running demonstration, in the order in which to try them."""
    hospital = running.hospital.base_url
    return "\n".join(
        [
            "",
            "Nerve Triage and a pretend hospital are running. Everything in them is invented.",
            "",
            f"  be the patient     {hospital}/launch/alice/patient",
            f"  be the clinician   {hospital}/launch/alice/clinician",
            f"  look at the chart  {hospital}/chart/alice",
            f"  all five people    {hospital}/",
            f"  every exchange     {hospital}/wire",
            f"  break something    {hospital}/faults",
            f"  the form as FHIR   {running.app_url}/fhir/Questionnaire/nerve-symptoms",
            "",
            "Press Ctrl-C to stop; nothing is kept.",
        ]
    )


def _stop_asked() -> threading.Event:
    """Return an event that Ctrl-C, or the end of the terminal's patience, sets."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
