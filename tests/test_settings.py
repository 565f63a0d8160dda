"""Settings: a good start is read wholly, a bad one stops by name, a secret never shows."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from factories import SEALING_KEY, SECRET, an_ehr, an_environment, some_settings

from triage_app.errors import ConfigurationError
from triage_app.settings import EHR, SETTINGS, SealingKey, Secret, Settings, read_registry, read_settings
from triage_app.settings.credentials import PRIVATE_KEYS, SECRET_KEYS

GENERAL = """
[ehr.general]
name = "General Hospital"
fhir_base_url = "{base}"
client_id = "nerve-triage"
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
LOOPBACK = "http://localhost:9999/fhir"
REAL = "https://ehr.example.org/fhir"
READ_APART = {"key", "client_secret", "client_keys"}
DOCUMENT = Path(__file__).parent.parent / "docs" / "settings.md"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    path = tmp_path / "registry.toml"
    path.write_text(GENERAL.format(base=LOOPBACK), encoding="utf-8")
    return path


def test_a_good_start_is_read_wholly(registry: Path) -> None:
    settings = read_settings(an_environment(registry, PATIENT_IDLE_MINUTES="30", LOG_LEVEL="debug"))
    assert settings.registry["general"].clinic_name == "Hand clinic"
    assert settings.ehr_of_issuer(LOOPBACK) is settings.registry["general"]
    assert settings.ehr_of_issuer(LOOPBACK + "/") is None
    general = settings.registry["general"]
    assert settings.redirect_uri(general) == "http://127.0.0.1:8000/callback/general"
    assert (settings.patient_idle_minutes, settings.clinician_idle_minutes, settings.session_hours) == (
        30,
        15,
        8,
    )
    assert settings.log_level == "DEBUG"
    assert settings.sealing_keys == (SEALING_KEY,)


def test_defaults_of_the_environment_are_those_of_the_class(registry: Path) -> None:
    read = read_settings(an_environment(registry))
    made = some_settings()
    for item in fields(Settings):
        if item.name not in ("registry", "database_url"):
            assert getattr(read, item.name) == getattr(made, item.name), item.name


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"REGISTRY": ""}, "NERVE_TRIAGE_REGISTRY"),
        ({"REGISTRY": "/no/such/file"}, "registry"),
        ({"BASE_URL": ""}, "NERVE_TRIAGE_BASE_URL"),
        ({"BASE_URL": "triage.example.org"}, "base_url"),
        ({"BASE_URL": "http://triage.example.org"}, "base_url"),
        ({"BASE_URL": "https://triage.example.org/"}, "base_url"),
        ({"BASE_URL": "https://user@triage.example.org"}, "base_url"),
        ({"BASE_URL": "https://triage.example.org?x"}, "base_url"),
        ({"BASE_URL": "https://[triage"}, "base_url"),
        ({"SECRET_KEY": ""}, "NERVE_TRIAGE_SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "secret_key"),
        ({"SECRET_KEY": f"{SECRET},short"}, "secret_key"),
        ({"SECRET_KEY": ","}, "secret_key"),
        ({"SECRET_KEY_FILE": "/no/such/file"}, "NERVE_TRIAGE_SECRET_KEY"),
        ({"SEALING_KEYS": "nonsense"}, "NERVE_TRIAGE_SEALING_KEYS"),
        ({"SEALING_KEYS": "k1:AAAA"}, "sealing_keys k1"),
        ({"SEALING_KEYS": "k1:!!!!"}, "NERVE_TRIAGE_SEALING_KEYS k1"),
        ({"SEALING_KEYS": "k-1:" + "A" * 43 + "="}, "NERVE_TRIAGE_SEALING_KEYS"),
        ({"DEBUG": "yes"}, "NERVE_TRIAGE_DEBUG"),
        ({"PROXIES": "one"}, "NERVE_TRIAGE_PROXIES"),
        ({"PROXIES": "-1"}, "proxies"),
        ({"LOG_LEVEL": "LOUD"}, "NERVE_TRIAGE_LOG_LEVEL"),
        ({"PATIENT_IDLE_MINUTES": "0"}, "patient_idle_minutes"),
        ({"SESSION_HOURS": "1.5"}, "NERVE_TRIAGE_SESSION_HOURS"),
        ({"READ_TIMEOUT_SECONDS": "nan"}, "read_timeout_seconds"),
        ({"CONNECT_TIMEOUT_SECONDS": "soon"}, "NERVE_TRIAGE_CONNECT_TIMEOUT_SECONDS"),
        ({"REGISTERY": "x"}, "NERVE_TRIAGE_REGISTERY"),
    ],
)
def test_a_bad_value_stops_the_start_by_name(changes: dict[str, str], named: str, registry: Path) -> None:
    with pytest.raises(ConfigurationError, match=named) as raised:
        read_settings(an_environment(registry, **changes))
    assert "expected" in str(raised.value)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("name = ", "nmae = ", "ehr.general"),
        ('client_id = "nerve-triage"\n', "", "ehr.general.client_id"),
        ('client_id = "nerve-triage"', "client_id = 7", "ehr.general.client_id"),
        ('client_id = "nerve-triage"', 'client_id = ""', "ehr.general.client_id"),
        ("Europe/London", "London", "ehr.general.time_zone"),
        ("Europe/London", "../etc/passwd", "ehr.general.time_zone"),
        ("[ehr.general]", "[ehr.General]", "ehr.General"),
        ("[ehr.general]", "[hospital.general]", "registry"),
        ("[ehr.general]", 'title = "x"\n[ehr.general]', "registry"),
        ("[ehr.general]", "[ehr.general", "registry"),
        (LOOPBACK, "http://ehr.example.org/fhir", "ehr.general.fhir_base_url"),
        (LOOPBACK, LOOPBACK + "/", "ehr.general.fhir_base_url"),
        (LOOPBACK, "ftp://localhost/fhir", "ehr.general.fhir_base_url"),
        ('country = "GB"', 'country = "GB"\naccept_as = "active"', "ehr.general.accept_as"),
        ('country = "GB"', 'country = "GB"\nscopes = "launch openid"', "ehr.general.scopes"),
        ('country = "GB"', 'country = "GB"\nscopes = ["launch"]', "ehr.general.scopes"),
        ('country = "GB"', 'country = "GB"\nframe_ancestors = ["*"]', "ehr.general.frame_ancestors"),
        (
            'country = "GB"',
            'country = "GB"\nframe_ancestors = ["https://a; script-src *"]',
            "frame_ancestors",
        ),
        ('country = "GB"', 'country = "GB"\nclient_id_in_body = "yes"', "ehr.general.client_id_in_body"),
        ('country = "GB"', 'country = "GB"\nlargest_transaction = 3', "ehr.general.largest_transaction"),
        ('country = "GB"', 'country = "GB"\nclient_secret_env = "NO_SUCH"', "ehr.general.client_secret_env"),
        (
            'country = "GB"',
            'country = "GB"\nclient_secret_file = "no-such"',
            "ehr.general.client_secret_file",
        ),
        ('country = "GB"', 'country = "GB"\nclient_authentication = "mtls"', "client_authentication"),
        ('country = "GB"', 'country = "GB"\nclient_key_files = "key.pem"', "ehr.general.client_key_files"),
        ('country = "GB"', 'country = "GB"\nclient_key_files = []', "ehr.general.client_key_files"),
        ('country = "GB"', 'country = "GB"\nclient_key_files = ["no-such"]', "ehr.general.client_key_files"),
        ('country = "GB"', 'country = "GB"\nclient_key_envs = ["NO_SUCH"]', "ehr.general.client_key_envs"),
        ('country = "GB"', 'country = "GB"\nclient_secret = ""', "ehr.general.client_secret"),
        ('country = "GB"', 'country = "GB"\nclient_secret = "x"\nclient_secret_env = "HOME"', "ehr.general"),
    ],
)
def test_a_bad_registry_stops_the_start_by_name(old: str, new: str, named: str, registry: Path) -> None:
    registry.write_text(GENERAL.format(base=LOOPBACK).replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=named):
        read_settings(an_environment(registry))


def test_an_empty_registry_stops_the_start(registry: Path) -> None:
    registry.write_text("", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="registry"):
        read_settings(an_environment(registry))


def test_one_issuer_stands_for_one_hospital(registry: Path) -> None:
    twice = GENERAL.format(base=LOOPBACK) + GENERAL.format(base=LOOPBACK).replace("general", "other")
    registry.write_text(twice, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="twice"):
        read_settings(an_environment(registry))


REAL_START: dict[str, Any] = {"base_url": "https://triage.example.org"}


def test_a_real_hospital_with_random_secrets_starts() -> None:
    assert some_settings(an_ehr(fhir_base_url=REAL), **REAL_START).over_tls


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"debug": True}, "debug"),
        ({"base_url": "http://127.0.0.1:8000"}, "base_url"),
        ({"secret_keys": (Secret("demo-secret-that-everybody-knows-by-now"),)}, "secret_key"),
        ({"secret_keys": (Secret("change-me-change-me-change-me-change-me"),)}, "secret_key"),
        ({"secret_keys": (Secret("x" * 40),)}, "secret_key"),
        ({"sealing_keys": (SealingKey("k1", bytes(32)),)}, "sealing_keys"),
        ({"sealing_keys": (SEALING_KEY, SEALING_KEY)}, "sealing_keys"),
        ({"sealing_keys": ()}, "sealing_keys"),
    ],
)
def test_what_is_fine_on_a_laptop_is_refused_at_a_real_hospital(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        some_settings(an_ehr(fhir_base_url=REAL), **{**REAL_START, **changes})


def test_a_clients_secret_comes_from_the_environment_or_a_file(registry: Path) -> None:
    text = GENERAL.format(base=REAL)
    registry.with_name("secret").write_text("from a file\n", encoding="utf-8")
    for line, secret in (
        ("client_secret_env = 'S'", "from the environment"),
        ("client_secret_file = 'secret'", "from a file"),
    ):
        registry.write_text(f"{text}{line}\n", encoding="utf-8")
        [ehr] = read_registry(registry, {"S": "from the environment"}).values()
        assert ehr.client_secret is not None
        assert ehr.client_secret.reveal() == secret


def test_a_real_hospitals_secret_does_not_stand_in_the_registry(registry: Path) -> None:
    registry.write_text(GENERAL.format(base=REAL) + "client_secret = 'plain'\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"client_secret_env") as raised:
        read_registry(registry, {})
    assert "plain" not in str(raised.value)


def test_secrets_may_come_from_files(registry: Path, tmp_path: Path) -> None:
    environment = an_environment(registry)
    secret = tmp_path / "secret-key"
    secret.write_text(environment.pop("NERVE_TRIAGE_SECRET_KEY") + "\n", encoding="utf-8")
    environment["NERVE_TRIAGE_SECRET_KEY_FILE"] = str(secret)
    assert read_settings(environment).secret_keys[0].reveal() == SECRET


def test_no_secret_shows_in_settings_or_registry(registry: Path) -> None:
    settings = some_settings()
    shown = f"{settings!r} {settings} {an_ehr()!r} {Secret('hidden')} {Secret('hidden')!r}"
    for secret in (SECRET, "a client's secret", "hidden", repr(SEALING_KEY.key)):
        assert secret not in shown


def test_settings_cannot_be_changed() -> None:
    settings = some_settings()
    with pytest.raises(AttributeError):
        settings.debug = True  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.registry["other"] = an_ehr()  # type: ignore[index]


def test_every_setting_is_in_the_document_with_its_default() -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    for setting in SETTINGS:
        default = (
            "required" if setting.default is None else f"`{setting.default}`" if setting.default else "none"
        )
        assert f"| `{setting.variable}` | {default} | {setting.help} |" in lines


def test_every_key_of_the_registry_is_in_the_document() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    names = {item.name for item in fields(EHR)} - READ_APART
    for name in names | SECRET_KEYS | PRIVATE_KEYS:
        assert f"| `{name}` |" in text


def test_the_document_lists_nothing_that_does_not_exist() -> None:
    listed = [
        line.split("`")[1]
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    known = {setting.variable for setting in SETTINGS} | {item.name for item in fields(EHR)}
    assert set(listed) <= known - {"client_keys"} | SECRET_KEYS | PRIVATE_KEYS


def test_the_registry_of_the_document_works(registry: Path) -> None:
    example = DOCUMENT.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    registry.write_text(example, encoding="utf-8")
    [ehr] = read_registry(registry, {"GENERAL_CLIENT_SECRET": "secret of the example"}).values()
    assert ehr.key == "general"
