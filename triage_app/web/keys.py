"""/.well-known/jwks.json: the public keys with which EHRs check that it is us."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from triage_app.web.current import current_services

KEPT_SECONDS = 3600
"""A key is published at least so long before it signs."""

blueprint = Blueprint("keys", __name__)


@blueprint.get("/.well-known/jwks.json")
def jwks() -> ResponseReturnValue:
    """Answer with the current keys and those that come next; open to all, as SMART asks."""
    answer = jsonify(current_services().smart.published_keys())
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return answer
