"""Says who answered, for whom and where, in the terms of the written resources."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from uuid import UUID

from triage_app.catalogue.load import Catalogue
from triage_app.catalogue.model import Pathway
from triage_app.fhir.filing import Filing, Party
from triage_app.fhir.result import Wording
from triage_app.fhir.terminology import Terminology
from triage_app.settings import EHR
from triage_app.storage.rows import Launch, Role

APP_VERSION = version("nerve-triage")
CLINICIAN_LANGUAGE = "en"


def filing_of(
    launch: Launch, ehr: EHR, pathway: Pathway, *, submission: str, authored: datetime, recorded: datetime
) -> Filing:
    """Return what a submission of this launch is filed under; times are turned to the site's zone.

    A patient answers for themselves; a related person answers in their stead; a clinician keys what the
    patient says.
    """
    patient = Party(f"Patient/{launch.patient}")
    author = Party(launch.user)
    return Filing(
        submission=UUID(submission),
        patient=patient,
        author=author,
        source=patient if launch.role is Role.CLINICIAN else author,
        authored=authored.astimezone(ehr.zone),
        recorded=recorded.astimezone(ehr.zone),
        language=launch.language,
        encounter=f"Encounter/{launch.encounter}" if launch.encounter else None,
        organisation=Party("", ehr.clinic_name),
        country=ehr.country,
        app_version=APP_VERSION,
        signed_off=pathway.signed_off,
    )


def wording_of(catalogue: Catalogue, pathway: Pathway) -> Wording:
    """Return what a pathway's rules and our codes are called to a clinician."""
    words = pathway.words_in(CLINICIAN_LANGUAGE)
    return Wording(
        title=pathway.form.title,
        rules=words.find("clinician", "rule") or {},
        terms=Terminology.of(catalogue.code_systems.values()),
    )
