"""Where everything is: the SMART and OpenID configuration documents, and the published keys."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from triage_app.sandbox.auth.clients import ALGORITHMS
from triage_app.sandbox.auth.scopes import PLAIN_SCOPES
from triage_app.sandbox.hospital import hospital

blueprint = Blueprint("discovery", __name__)
_BY_KIND = {
    "public": ("client-public", ["none"]),
    "symmetric": ("client-confidential-symmetric", ["client_secret_basic", "client_secret_post"]),
    "asymmetric": ("client-confidential-asymmetric", ["private_key_jwt"]),
}
_CAPABILITIES = [
    "launch-ehr",
    "launch-standalone",
    "authorize-post",
    "sso-openid-connect",
    "context-banner",
    "context-ehr-patient",
    "context-ehr-encounter",
    "context-standalone-patient",
    "permission-offline",
    "permission-online",
    "permission-patient",
    "permission-user",
    "permission-v1",
    "permission-v2",
]


def _configuration() -> dict[str, Any]:
    options = hospital().options
    capability, methods = _BY_KIND[options.client_kind]
    endpoints = {
        "authorization_endpoint": "authorize",
        "token_endpoint": "token",
        "jwks_uri": "jwks",
        "introspection_endpoint": "introspect",
        "revocation_endpoint": "revoke",
    }
    return {
        "issuer": options.fhir_url,
        **{name: f"{options.auth_url}/{path}" for name, path in endpoints.items()},
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "response_types_supported": ["code"],
        "scopes_supported": [*sorted(PLAIN_SCOPES), "patient/*.cruds", "user/*.cruds"],
        "code_challenge_methods_supported": ["S256"],
        "id_token_signing_alg_values_supported": [options.id_token_algorithm],
        "subject_types_supported": ["public"],
        "capabilities": [*_CAPABILITIES, capability],
    }


@blueprint.get("/fhir/.well-known/smart-configuration")
@blueprint.get("/fhir/.well-known/openid-configuration")
def configuration() -> Response:
    """Both documents at once: OpenID's members are among SMART's."""
    return jsonify(_configuration())


@blueprint.get("/auth/jwks")
def jwks() -> Response:
    """The public keys."""
    answer = jsonify(hospital().keys.published())
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer
