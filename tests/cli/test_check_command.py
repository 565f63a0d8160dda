"""``check`` before a pretend hospital: what is good, what to mend and how, and the sheet to register."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from factories import an_ehr, an_environment, some_settings
from joserfc.jwk import ECKey, RSAKey
from shell import Run

from triage_app.cli import check_ehr
from triage_app.cli.check_ehr import look_at
from triage_app.cli.finding import Finding, State
from triage_app.ehr import Transport
from triage_app.sandbox import RunningSandbox, SandboxOptions, serve_sandbox
from triage_app.settings import EHR, ClientAuthentication, Secret

ENTRY = """
[ehr.general]
name = "General Hospital"
fhir_base_url = "{base}"
client_id = "nerve-triage"
client_secret = "sandbox-secret"
time_zone = "Europe/London"
country = "GB"
emergency_number = "999"
same_day_phone = "020 7946 0000"
same_day_hours = "8 am to 6 pm"
out_of_hours_phone = "111"
crisis_helpline = "116 123"
clinic_name = "Hand clinic"
reply_within = "two working days"
"""


@pytest.fixture(scope="module")
def hospital() -> Iterator[RunningSandbox]:
    sandbox = serve_sandbox(SandboxOptions(port=0, id_token_algorithm="ES384"))
    yield sandbox
    sandbox.stop()


@pytest.fixture
def shell(hospital: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of an app that knows this hospital; returns the registry."""
    registry = tmp_path / "registry.toml"
    registry.write_text(ENTRY.format(base=hospital.fhir_url), encoding="utf-8")
    environment = an_environment(registry, DATABASE_URL=f"sqlite:///{tmp_path}/triage.db")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return registry


def found(ehr: EHR, **settings: Any) -> dict[str, Finding]:
    made = some_settings(ehr, **settings)
    transport = Transport(made)
    findings = {one.subject.partition(", ")[2]: one for one in look_at(ehr, made, transport)}
    transport.close()
    return findings


def at(hospital: RunningSandbox, **changes: Any) -> EHR:
    return an_ehr(fhir_base_url=hospital.fhir_url, **changes)


def test_a_hospital_that_fits_is_good_and_the_exit_says_so(run: Run, shell: Path) -> None:
    ran = run("check")
    assert ran.code == 0, ran.out
    assert "MEND" not in ran.out
    for subject in ("scopes", "discovery", "clock", "authentication", "id_token", "writing"):
        assert f"GOOD  general, {subject}" in ran.out


def test_a_hospital_that_does_not_answer_is_told_with_the_way_to_mend_it(run: Run, shell: Path) -> None:
    shell.write_text(ENTRY.format(base="http://localhost:9/fhir"), encoding="utf-8")
    ran = run("check", "--json")
    told = json.loads(ran.out)
    assert (ran.code, told["ok"]) == (1, False)
    [broken] = [one for one in told["findings"] if one["state"] == "mend"]
    assert broken["subject"] == "general, discovery"
    assert "let this machine reach" in broken["mend"]


def test_settings_that_cannot_be_read_are_exit_2(run: Run, shell: Path) -> None:
    shell.write_text("[ehr.general]\n", encoding="utf-8")
    ran = run("check")
    assert (ran.code, ran.out) == (2, "")
    assert "ehr.general" in ran.err


@pytest.mark.parametrize(
    ("changes", "subject", "says"),
    [
        ({"scopes": ("launch", "openid", "fhirUser", "patient/Patient.r")}, "scopes", "Provenance.c"),
        ({"client_secret": None}, "authentication", "not public"),
        ({"openid_issuer": "https://elsewhere.example.org"}, "discovery", "issuer"),
        ({"frame_ancestors": ("https://*.example.org",)}, "cookies and frames", "many pages"),
    ],
)
def test_an_entry_that_does_not_fit_must_be_mended(
    changes: dict[str, Any], subject: str, says: str, hospital: RunningSandbox
) -> None:
    finding = found(at(hospital, **changes))[subject]
    assert finding.state is State.MEND
    assert says in finding.says
    assert finding.mend


def test_a_key_that_has_no_successor_is_noted() -> None:
    key = Secret(RSAKey.generate_key(2048, private=True).as_pem(private=True).decode())
    sandbox = serve_sandbox(
        SandboxOptions(port=0, client_kind="asymmetric", client_keys={}, id_token_algorithm="ES384")
    )
    ehr = at(sandbox, client_secret=None, client_keys=(key,))
    findings = found(ehr)
    sandbox.stop()
    assert findings["authentication"].state is State.GOOD
    assert findings["signatures"].state is State.NOTE
    assert ehr.authentication is ClientAuthentication.PRIVATE_KEY


def test_a_clock_that_is_wrong_must_be_mended(
    hospital: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(datetime):
        @classmethod
        def now(cls, _zone: Any = None) -> datetime:
            return datetime.now(UTC) - timedelta(minutes=3)

    monkeypatch.setattr(check_ehr, "datetime", Late)
    finding = found(at(hospital))["clock"]
    assert finding.state is State.MEND
    assert "behind theirs" in finding.says


def test_a_hospital_that_takes_no_writes_must_be_mended() -> None:
    sandbox = serve_sandbox(SandboxOptions(port=0, personality="read-only", id_token_algorithm="ES384"))
    finding = found(at(sandbox))["writing"]
    sandbox.stop()
    assert finding.state is State.MEND
    assert "QuestionnaireResponse" in finding.says


def test_the_sheet_names_each_address_and_each_scope_with_its_reason(
    run: Run, shell: Path, hospital: RunningSandbox
) -> None:
    before = len(hospital.wire.entries())
    ran = run("check", "--sheet", "general")
    assert ran.code == 0
    assert "http://127.0.0.1:8000/callback/general" in ran.out
    assert "patient/QuestionnaireResponse.crs" in ran.out
    assert "writes the answers" in ran.out
    assert "leave it out" not in ran.out
    assert len(hospital.wire.entries()) == before, "the sheet asks nobody anything"


def test_the_sheet_of_an_app_with_keys_says_where_they_are(run: Run, shell: Path, tmp_path: Path) -> None:
    key = ECKey.generate_key("P-384", private=True)
    (tmp_path / "key.pem").write_bytes(key.as_pem(private=True))
    entry = shell.read_text("utf-8").replace(
        'client_secret = "sandbox-secret"', 'client_key_files = ["key.pem"]\nstandalone = true'
    )
    shell.write_text(entry, encoding="utf-8")
    sheet = json.loads(run("check", "--sheet", "general", "--json").out)
    assert sheet["jwks_uri"] == "http://127.0.0.1:8000/.well-known/jwks.json"
    assert (sheet["signing_algorithms"], sheet["client_type"]) == (["ES384"], "confidential, asymmetric")
    assert "launch/patient" in [row["scope"] for row in sheet["scopes"]]


def test_the_sheet_of_an_unknown_hospital_names_those_that_are_known(run: Run, shell: Path) -> None:
    ran = run("check", "--sheet", "nowhere")
    assert ran.code == 2
    assert "general" in ran.err
