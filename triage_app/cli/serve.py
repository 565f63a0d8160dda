"""``serve``: the app under gunicorn, one process with threads."""

from __future__ import annotations

import os
from typing import Any

import click
from gunicorn.app.base import BaseApplication

from triage_app import create_app
from triage_app.cli import commands
from triage_app.settings import read_settings


class _Server(BaseApplication):
    """Gunicorn around one app, told what to do in Python."""

    def __init__(self, app: Any, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._app


@commands.command()
@click.option("--bind", default="127.0.0.1:8600", show_default=True, help="Address and port to listen on.")
@click.option("--threads", default=8, show_default=True, help="Requests that are answered at once.")
def serve(bind: str, threads: int) -> None:
    """Serve the app; settings come from the environment (docs/settings.md)."""
    app = create_app(read_settings(os.environ))
    options = {
        "bind": bind,
        "workers": 1,
        "worker_class": "gthread",
        "threads": threads,
        "graceful_timeout": 30,
        "accesslog": None,  # paths hold launch ids; the app writes its own line for each request
    }
    _Server(app, options).run()
