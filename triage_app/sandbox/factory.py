"""Builds one pretend hospital: all wiring, on one screen."""

from __future__ import annotations

from flask import Flask, abort, request

from triage_app.sandbox import exchange, fhir_api, watching
from triage_app.sandbox.auth import authorize, discovery, token
from triage_app.sandbox.auth.grants import Grants
from triage_app.sandbox.auth.keys import SigningKeys
from triage_app.sandbox.hospital import Hospital
from triage_app.sandbox.options import LOOPBACK, SandboxOptions
from triage_app.sandbox.pages import views
from triage_app.sandbox.people import add_people, load_people
from triage_app.sandbox.store.database import Store
from triage_app.sandbox.upstream import Upstream
from triage_app.sandbox.wire import Wire

_LARGEST_BODY = 5 * 1024 * 1024


def create_sandbox(options: SandboxOptions) -> Flask:
    """A Flask app that is the hospital; ``hospital_of(app)`` gives its inside."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    app.extensions["hospital"] = build_hospital(options)
    app.before_request(_only_own_hosts)
    exchange.install(app)
    watching.install(app)
    views.install(app)
    for module in (discovery, authorize, token, fhir_api):
        app.register_blueprint(module.blueprint)
    return app


def build_hospital(options: SandboxOptions) -> Hospital:
    """The hospital behind the pages, with its people in the record."""
    return Hospital(
        options=options,
        store=_record(options),
        keys=SigningKeys(options.id_token_algorithm),
        grants=Grants(options.clock, access_token_life=options.access_token_life),
        wire=Wire(options.clock),
        app_url=options.app_url,
    )


def _record(options: SandboxOptions) -> Store | Upstream:
    if options.upstream:
        upstream = Upstream(options.upstream, own_url=options.fhir_url)
        if options.people:
            upstream.load(load_people())
        return upstream
    store = Store(options.database, clock=options.clock, new_id=options.new_id)
    if options.people:
        add_people(store)
    return store


def _only_own_hosts() -> None:
    """On loopback, a request that was meant for another name came by a trick of naming."""
    own = request.environ.get("SERVER_NAME") in LOOPBACK or request.remote_addr in LOOPBACK
    if own and request.host.rpartition(":")[0].strip("[]") not in LOOPBACK and request.host not in LOOPBACK:
        abort(421)
