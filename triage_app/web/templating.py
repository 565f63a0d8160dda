"""Gives templates their tools: strict names, the design system's macros, asset addresses, ``tel:`` links."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

from triage_app.web.assets import asset_url, squeeze
from triage_app.web.assets import blueprint as assets
from triage_app.web.frame import telephone
from triage_app.web.ui import Macros


def install_templates(app: Flask) -> None:
    """Set up the template environment; a name that a view forgot is an error, not an empty place."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.globals.update(ui=Macros(), asset_url=asset_url, frame=None)
    environment.filters["tel"] = telephone
    app.register_blueprint(assets)
    app.after_request(squeeze)
