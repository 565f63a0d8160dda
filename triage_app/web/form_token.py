"""The token in every form: it names EHR, launch, patient and page, and needs no database to be read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

from triage_app.errors import TamperedForm
from triage_app.settings import Settings
from triage_app.storage.rows import Launch

FIELD = "form_token"
"""The name of the hidden field."""

LATE_HOURS = 24
"""A form is still known as ours so long after its session, so that a late answer can be kept."""

_SALT = "nerve-triage form 1"


@dataclass(frozen=True)
class FormContext:
    """What a genuine token says. ``patient_hash`` is one-way: a page's source names no patient."""

    ehr: str
    launch_id: str
    patient_hash: str
    page: str

    def belongs_to(self, launch: Launch) -> bool:
        """Return whether the form was made for this launch and its patient."""
        return (self.ehr, self.launch_id, self.patient_hash) == (launch.ehr, launch.id, _patient_hash(launch))


def make_form_token(settings: Settings, launch: Launch, page: str) -> str:
    """Return the token for a form that posts to ``/l/<launch id>/<page>``."""
    return _serializer(settings).dumps([launch.ehr, launch.id, _patient_hash(launch), page])


def read_form_token(settings: Settings, token: str, *, launch_id: str, page: str) -> FormContext:
    """Return what the token says; raise TamperedForm unless it is ours, fresh and of this page."""
    try:
        plain = _serializer(settings).loads(token, max_age=(settings.session_hours + LATE_HOURS) * 3600)
        context = FormContext(*plain)
    except (BadSignature, TypeError) as error:
        raise TamperedForm(
            "form_token: missing, changed or too old, expected the one of this page"
        ) from error
    if (context.launch_id, context.page) != (launch_id, page):
        raise TamperedForm("form_token: found one of another page or launch, expected the one of this page")
    return context


def _patient_hash(launch: Launch) -> str:
    return hashlib.sha256(f"{launch.ehr}|{launch.id}|{launch.patient}".encode()).hexdigest()[:32]


def _serializer(settings: Settings) -> URLSafeTimedSerializer:
    """Newest key first in the settings; itsdangerous signs with the last one of its list."""
    keys = [secret.reveal() for secret in reversed(settings.secret_keys)]
    return URLSafeTimedSerializer(keys, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256})
