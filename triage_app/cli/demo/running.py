"""Starts the app and the hospital in threads of this process, and stops both."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from triage_app import create_app, create_services
from triage_app.cli.demo.setting import APP_HOST, CLIENT_ID, HOSPITAL_HOST, demo_settings
from triage_app.sandbox import RunningSandbox, SandboxOptions, serve_sandbox
from triage_app.workflow.services import Services

_PATIENT_SECONDS = 60.0


class _QuietHandler(WSGIRequestHandler):
    """Paths hold launch ids, which are not for the terminal."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class RunningDemo:
    """An app and a hospital that answer."""

    app: Flask
    services: Services
    hospital: RunningSandbox
    app_url: str


@contextmanager
def running_demo(
    folder: Path,
    *,
    app_port: int = 0,
    hospital_port: int = 0,
    upstream: str | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Iterator[RunningDemo]:
    """Run both while the block runs; port 0 takes a free one, ``upstream`` is a real FHIR server to use."""
    options = SandboxOptions(host=HOSPITAL_HOST, port=hospital_port, client_id=CLIENT_ID, upstream=upstream)
    if clock is not None:
        options = replace(options, clock=clock)
    hospital = serve_sandbox(options)
    try:
        with socket.create_server((APP_HOST, app_port)) as listener:
            port = listener.getsockname()[1]
            settings = demo_settings(
                app_port=port,
                fhir_base_url=hospital.fhir_url,
                client_secret=options.client_secret,
                folder=folder,
            )
            if upstream is not None:  # two hops, and a real server that may just have been started
                settings = replace(settings, read_timeout_seconds=_PATIENT_SECONDS)
            services = create_services(settings)
            services = replace(services, clock=clock) if clock is not None else services
            app = create_app(settings, services=services)
            hospital.use_app(settings.base_url)
            with _served(app, port, listener.fileno()):
                yield RunningDemo(app, services, hospital, settings.base_url)
    finally:
        hospital.stop()


@contextmanager
def _served(app: Flask, port: int, descriptor: int) -> Iterator[None]:
    server = make_server(APP_HOST, port, app, threaded=True, fd=descriptor, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, name="nerve-triage", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
