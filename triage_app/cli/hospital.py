"""``hospital``: the pretend hospital alone, for anyone's app, which says what it saw the app do."""

from __future__ import annotations

import signal
import threading
import time

import click

from triage_app.cli import commands
from triage_app.sandbox import Fault, RunningSandbox, SandboxOptions, serve_sandbox
from triage_app.sandbox.duties import Duties, report
from triage_app.sandbox.options import CLIENT_KINDS, DEFAULT_SECRET
from triage_app.sandbox.store.abilities import PERSONALITIES
from triage_app.sandbox.watching import watcher_of

QUIET_SECONDS = 3.0
"""A launch is taken to be over when the app has asked nothing for so long."""

_LOOK_SECONDS = 0.5


@commands.command()
@click.option(
    "--port", default=8090, show_default=True, help="Where the hospital answers; 0 takes a free port."
)
@click.option(
    "--app", "app_url", default="http://127.0.0.1:5000", show_default=True, help="Where the app is."
)
@click.option("--launch-path", default="/launch", show_default=True, help="The app's launch address, there.")
@click.option(
    "--redirect-path",
    "redirect_paths",
    multiple=True,
    default=("/callback",),
    show_default=True,
    help="A redirect address that the app has registered, there; may stand several times.",
)
@click.option("--client-id", default="my-app", show_default=True, help="The id of the app.")
@click.option("--client-kind", type=click.Choice(CLIENT_KINDS), default="symmetric", show_default=True)
@click.option("--client-secret", default=DEFAULT_SECRET, show_default=True, help="Good on loopback only.")
@click.option("--personality", type=click.Choice(list(PERSONALITIES)), default="open", show_default=True)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    type=click.Choice([str(fault) for fault in Fault]),
    help="What goes wrong, or lies; may stand several times.",
)
def hospital(
    port: int,
    app_url: str,
    launch_path: str,
    redirect_paths: tuple[str, ...],
    client_id: str,
    client_kind: str,
    client_secret: str,
    personality: str,
    faults: tuple[str, ...],
) -> None:
    """Serve a pretend hospital on loopback, and tell after each launch which duties the app kept."""
    try:
        options = SandboxOptions(
            port=port,
            app_url=app_url.rstrip("/"),
            launch_path=launch_path,
            callback_paths=redirect_paths,
            client_id=client_id,
            client_kind=client_kind,
            client_secret=client_secret,
            personality=personality,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    running = serve_sandbox(options)
    try:
        for fault in faults:
            running.faults.set(fault)
        click.echo(what_to_do(running, faults))
        tell(watcher_of(running.app).duties, _until_interrupted())
    finally:
        running.stop()


def what_to_do(running: RunningSandbox, faults: tuple[str, ...]) -> str:
    """Return what the app must be told, and where to launch it."""
    options = running.hospital.options
    redirects = ", ".join(f"{options.app_url}{path}" for path in options.callback_paths)
    proof = f", secret {options.client_secret}" if options.client_kind == "symmetric" else ""
    return "\n".join(
        [
            "A pretend hospital is running. Everybody in it is invented.",
            "",
            f"  issuer (FHIR base)  {options.fhir_url}",
            f"  client              {options.client_id} ({options.client_kind}{proof})",
            f"  redirect addresses  {redirects}",
            f"  launch, patient     {options.base_url}/launch/alice/patient",
            f"  launch, clinician   {options.base_url}/launch/alice/clinician",
            f"  every exchange      {options.base_url}/wire",
            f"  break something     {options.base_url}/faults",
            f"  broken already      {', '.join(faults) or 'nothing'}",
            "",
            "Launch the app. Press Ctrl-C to stop; nothing is kept.",
        ]
    )


def tell(duties: Duties, stop: threading.Event, *, quiet_seconds: float = QUIET_SECONDS) -> None:
    """Print the book whenever the app has done something and is quiet again, and once more at the end."""
    told_at: float | None = None
    while not stop.wait(min(_LOOK_SECONDS, quiet_seconds)):
        last = duties.quiet_since()
        if last is not None and last != told_at and time.monotonic() - last >= quiet_seconds:
            told_at = last
            click.echo(f"\n{report(duties.all())}")
    if duties.quiet_since() != told_at:
        click.echo(f"\n{report(duties.all())}")


def _until_interrupted() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
