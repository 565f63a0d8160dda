"""Nerve Triage: create_app(settings) wires everything together, on one screen."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from triage_app.catalogue.load import Catalogue
from triage_app.ehr import Gateway, SmartClient, Transport
from triage_app.settings import Settings
from triage_app.storage import Storage
from triage_app.web import fhir_api, finish, health, interview, keys, launch, review, style
from triage_app.web.logs import configure_logs, install_logs
from triage_app.web.problems import install_problems
from triage_app.web.security import install_security
from triage_app.web.templating import install_templates
from triage_app.workflow.services import Services

BLUEPRINTS = (
    health.blueprint,
    keys.blueprint,
    launch.blueprint,
    interview.blueprint,
    fhir_api.blueprint,
    finish.blueprint,
    review.blueprint,
    style.blueprint,
)


def create_app(settings: Settings, *, services: Services | None = None) -> Flask:
    """Return the app; ``services`` are those of the settings unless a test brings others."""
    configure_logs(settings)
    app = Flask(__name__, static_folder=None, template_folder="web/templates")
    app.debug = settings.debug
    app.config.update(
        MAX_CONTENT_LENGTH=settings.form_limit_kib * 1024,
        MAX_FORM_MEMORY_SIZE=settings.form_limit_kib * 1024,
        MAX_FORM_PARTS=500,
    )
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.extensions["services"] = services or create_services(settings)
    for install in (install_logs, install_security, install_templates, install_problems):
        install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def create_services(settings: Settings, *, catalogue: Catalogue | None = None) -> Services:
    """Return the collaborators, the database brought to this release's schema."""
    storage = Storage(settings.database_url, settings.sealing_keys)
    storage.migrate()
    transport = Transport(settings)
    return Services(
        settings=settings,
        catalogue=catalogue or Catalogue.load(settings.questionnaires or questionnaires_folder()),
        storage=storage,
        smart=SmartClient(settings, transport),
        gateway=Gateway(transport),
    )


def questionnaires_folder() -> Path:
    """Return the pathways that came with the app: inside an installed package, else beside it."""
    inside = Path(__file__).parent / "questionnaires"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "questionnaires"
