"""``serve``: the app under gunicorn, one process with threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from triage_app import create_app, create_services
from triage_app.cli import commands
from triage_app.cli.housekeeping import start_housekeeping
from triage_app.settings import Settings, read_settings


class _Server(BaseApplication):
    """Gunicorn around one app, told what to do in Python."""

    def __init__(self, make_app: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        return self._make_app()


@commands.command()
@click.option("--bind", default="127.0.0.1:8600", show_default=True, help="Address and port to listen on.")
@click.option("--threads", default=8, show_default=True, help="Requests that are answered at once.")
def serve(bind: str, threads: int) -> None:
    """Serve the app; settings come from the environment (docs/settings.md)."""
    settings = read_settings(os.environ)
    rehearse(settings)
    options = {
        "bind": bind,
        "workers": 1,
        "worker_class": "gthread",
        "threads": threads,
        "graceful_timeout": 30,
        "accesslog": None,  # paths hold launch ids; the app writes its own line for each request
    }
    _Server(lambda: make_app(settings), options).run()


def rehearse(settings: Settings) -> None:
    """Start everything once and let go of it, so that what is wrong is one sentence and no worker starts."""
    create_services(settings).storage.close()


def make_app(settings: Settings) -> Flask:
    """Return the app of one worker: database connections are never shared across a fork."""
    services = create_services(settings)
    start_housekeeping(services)
    return create_app(settings, services=services)
