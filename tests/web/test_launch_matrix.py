"""The access matrix: every route of the app, for every role, another patient and another EHR."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from browsing import BASE_URL
from factories import a_clinician_launch, a_launch, an_ehr, some_settings
from flask import Flask

from triage_app import create_app, create_services, questionnaires_folder
from triage_app.catalogue.load import Catalogue
from triage_app.storage.rows import Launch
from triage_app.web.form_token import FIELD, make_form_token
from triage_app.web.security import page_of_path
from triage_app.workflow.services import utc_now
from triage_app.workflow.sessions import hash_secret

ROUTES = Path(__file__).parents[1] / "routes.txt"
VALUES = {"path": "screen.1", "response_id": "r1"}
REFUSED = {401, 403}


@dataclass(frozen=True)
class Route:
    """A line of the reviewed list, made concrete for one launch."""

    method: str
    rule: str
    guard: str

    def of(self, launch_id: str) -> str:
        """Return its address for a launch."""
        found = self.rule
        for name, value in {"launch_id": launch_id, **VALUES}.items():
            found = found.replace(f"<path:{name}>", value).replace(f"<{name}>", value)
        return found


def guarded_routes() -> list[Route]:
    """Every method of every address that a launch guards."""
    found = []
    for line in ROUTES.read_text(encoding="utf-8").splitlines():
        if "<launch_id>" in line:
            methods, rule, guard = line.split(maxsplit=2)
            assert guard.startswith("launch, "), line
            found += [Route(method, rule, guard.removeprefix("launch, ")) for method in methods.split(",")]
    return found


CELLS = guarded_routes()
IDS = [f"{route.method} {route.rule}" for route in CELLS]


@dataclass
class Matrix:
    """Four launches with a secret each: Alice's, Bob's, Charlie's, and an Alice of another hospital."""

    app: Flask
    launches: dict[str, Launch]

    def ask(self, route: Route, *, target: str, holder: str, token_of: str | None = None) -> int:
        """Ask for ``target``'s page with ``holder``'s cookie under the target's name."""
        launch = self.launches[target]
        client = self.app.test_client()
        client.set_cookie(f"nt-{launch.id}", f"secret of {holder}", domain="127.0.0.1")
        address = route.of(launch.id)
        if route.method == "GET":
            return client.get(address, base_url=BASE_URL).status_code
        settings = self.app.extensions["services"].settings
        made = make_form_token(settings, self.launches[token_of or target], page_of_path(address))
        return client.post(address, base_url=BASE_URL, data={FIELD: made}).status_code


@pytest.fixture
def matrix(whole_matrix: Matrix) -> Matrix:
    """The same, every session live again: one of the routes ends it."""
    for launch in whole_matrix.launches.values():
        whole_matrix.app.extensions["services"].storage.save_launch(launch)
    return whole_matrix


@pytest.fixture(scope="module")
def whole_matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    folder = tmp_path_factory.mktemp("matrix")
    other = an_ehr(key="other", name="Other Hospital", fhir_base_url="http://localhost:9998/fhir")
    settings = some_settings(an_ehr(), other, database_url=f"sqlite:///{folder}/triage.db", base_url=BASE_URL)
    services = create_services(settings, catalogue=Catalogue.load(questionnaires_folder()))
    now = utc_now()
    made = {
        "alice": a_launch(id="launch-alice-0000000000"),
        "bob": a_clinician_launch(id="launch-bob-000000000000"),
        "charlie": a_launch(id="launch-charlie-00000000", patient="charlie", user="Patient/charlie"),
        "elsewhere": a_launch(id="launch-elsewhere-000000", ehr="other"),
    }
    launches = {
        name: replace(
            launch,
            created_at=now,
            last_seen_at=now,
            expires_at=None,
            cookie_hash=hash_secret(f"secret of {name}"),
        )
        for name, launch in made.items()
    }
    yield Matrix(create_app(settings, services=services), launches)
    services.storage.close()


def roles_let_in(route: Route) -> set[str]:
    return {"patient", "clinician"} if route.guard == "any" else {route.guard}


@pytest.mark.parametrize("route", CELLS, ids=IDS)
@pytest.mark.parametrize("person", ["alice", "bob"])
def test_only_the_declared_role_is_let_in(route: Route, person: str, matrix: Matrix) -> None:
    status = matrix.ask(route, target=person, holder=person)
    if matrix.launches[person].role in roles_let_in(route):
        assert status not in REFUSED
        assert status != 500
    else:
        assert status == 403


@pytest.mark.parametrize("route", CELLS, ids=IDS)
@pytest.mark.parametrize("holder", ["charlie", "elsewhere", "bob", "nobody"])
def test_no_other_persons_secret_opens_alices_launch(route: Route, holder: str, matrix: Matrix) -> None:
    assert matrix.ask(route, target="alice", holder=holder) == 401


@pytest.mark.parametrize("route", [one for one in CELLS if one.method == "POST"], ids=lambda one: one.rule)
@pytest.mark.parametrize("other", ["charlie", "elsewhere", "bob"])
def test_no_form_of_another_launch_patient_or_hospital_is_taken(
    route: Route, other: str, matrix: Matrix
) -> None:
    person = "bob" if route.guard == "clinician" else "alice"
    if other == person:
        other = "alice"
    assert matrix.ask(route, target=person, holder=person, token_of=other) == 403


def test_the_matrix_holds_every_route_of_the_app(matrix: Matrix) -> None:
    listed = {(route.method, route.rule) for route in CELLS}
    for rule in matrix.app.url_map.iter_rules():
        if "<launch_id>" in rule.rule:
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                assert (method, rule.rule) in listed, rule.rule
            assert rule.arguments <= {"launch_id", *VALUES}, f"{rule.rule}: a value is needed here"
