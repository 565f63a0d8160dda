"""``hospital`` serves the pretend hospital for anyone's app and tells what it saw."""

from __future__ import annotations

import threading
from urllib.parse import urlsplit

import pytest
import requests
from click.testing import CliRunner

from triage_app.cli import commands, hospital, load_commands
from triage_app.sandbox.duties import Duties, Duty


class WhileItRuns(threading.Event):
    """Stands for Ctrl-C: lets a visitor do something first, then stops."""

    def __init__(self) -> None:
        super().__init__()
        self.address = ""
        self.launched = ""

    def wait(self, timeout: float | None = None) -> bool:
        configuration = requests.get(f"{self.address}/fhir/.well-known/smart-configuration", timeout=5)
        assert configuration.status_code == 200
        launch = requests.get(f"{self.address}/launch/alice/patient", timeout=5, allow_redirects=False)
        self.launched = launch.headers["Location"]
        return True


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> WhileItRuns:
    load_commands()
    event = WhileItRuns()
    shown = hospital.what_to_do

    def noting(running: hospital.RunningSandbox, faults: tuple[str, ...]) -> str:
        event.address = running.base_url
        return shown(running, faults)

    monkeypatch.setattr(hospital, "what_to_do", noting)
    monkeypatch.setattr(hospital, "_until_interrupted", lambda: event)
    return event


def test_it_serves_launches_to_the_app_and_tells_what_it_saw(visitor: WhileItRuns) -> None:
    asked = ["hospital", "--port", "0", "--app", "http://127.0.0.1:5999", "--launch-path", "/go/launch"]
    result = CliRunner().invoke(commands, [*asked, "--client-id", "theirs", "--fault", "wrong-nonce"])
    assert result.exit_code == 0, result.output
    assert urlsplit(visitor.launched)._replace(query="").geturl() == "http://127.0.0.1:5999/go/launch"
    assert "theirs (symmetric, secret sandbox-secret)" in result.output
    assert "broken already      wrong-nonce" in result.output
    assert f"kept      {Duty.DISCOVERY}" in result.output
    assert f"not seen  {Duty.STATE}" in result.output


def test_the_hospital_is_gone_when_the_command_ends(visitor: WhileItRuns) -> None:
    CliRunner().invoke(commands, ["hospital", "--port", "0"])
    with pytest.raises(requests.ConnectionError):
        requests.get(visitor.address, timeout=5)


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("--app", "not an address", "app_url"),
        ("--fault", "no-such-fault", "--fault"),
        ("--client-kind", "x", "x"),
    ],
)
def test_an_option_that_cannot_be_is_refused_by_name(option: str, value: str, named: str) -> None:
    load_commands()
    result = CliRunner().invoke(commands, ["hospital", option, value])
    assert result.exit_code == 2
    assert named in result.output


def test_the_book_is_told_when_the_app_is_quiet_and_only_when_it_changed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Turns(threading.Event):
        left = 3

        def wait(self, timeout: float | None = None) -> bool:
            self.left -= 1
            return self.left < 0

    duties = Duties()
    hospital.tell(duties, Turns(), quiet_seconds=0)
    assert capsys.readouterr().out == ""
    duties.note(Duty.STATE, True)
    hospital.tell(duties, Turns(), quiet_seconds=0)
    assert capsys.readouterr().out.count("What the app did") == 1
