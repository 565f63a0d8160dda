"""Runs a pretend hospital in threads of this process."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from triage_app.sandbox.auth.grants import Launch
from triage_app.sandbox.factory import create_sandbox
from triage_app.sandbox.faults import Faults
from triage_app.sandbox.hospital import Hospital, hospital_of
from triage_app.sandbox.options import SandboxOptions
from triage_app.sandbox.store.database import Store
from triage_app.sandbox.upstream import Upstream
from triage_app.sandbox.wire import Wire

_POLL_SECONDS = 0.05


class _QuietHandler(WSGIRequestHandler):
    """URLs of a hospital are not for the terminal."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class RunningSandbox:
    """A hospital that answers; ``stop`` ends it."""

    app: Flask
    hospital: Hospital
    server: BaseWSGIServer
    thread: threading.Thread

    @property
    def base_url(self) -> str:
        """Its pages."""
        return self.hospital.options.base_url

    @property
    def fhir_url(self) -> str:
        """Its FHIR base, the issuer."""
        return self.hospital.options.fhir_url

    @property
    def store(self) -> Store | Upstream:
        """Its record."""
        return self.hospital.store

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self.hospital.faults

    @property
    def wire(self) -> Wire:
        """What was exchanged."""
        return self.hospital.wire

    def use_app(self, app_url: str) -> None:
        """Launch, and redirect codes to, the app at this address from now on."""
        self.hospital.app_url = app_url

    def new_launch(self, *, patient: str | None = None, user: str | None = None, **context: Any) -> Launch:
        """Press a launch button; see ``Hospital.new_launch``."""
        return self.hospital.new_launch(patient=patient, user=user, **context)

    def stop(self) -> None:
        """Stop answering, and wait until it has stopped."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        self.hospital.store.close()


def serve_sandbox(options: SandboxOptions) -> RunningSandbox:
    """Start a hospital on ``options.host`` and ``options.port``; with port 0, on a free one."""
    address = "127.0.0.1" if options.host == "localhost" else options.host
    with socket.create_server((address, options.port), reuse_port=False) as listener:
        port = listener.getsockname()[1]
        app = create_sandbox(replace(options, port=port))
        server = make_server(
            address, port, app, threaded=True, fd=listener.fileno(), request_handler=_QuietHandler
        )
    thread = threading.Thread(
        target=server.serve_forever, args=(_POLL_SECONDS,), name="pretend-hospital", daemon=True
    )
    thread.start()
    return RunningSandbox(app, hospital_of(app), server, thread)
