"""Rules over the whole app: routes guarded, templates parsed, errors told, commands described."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from jinja2 import Environment, meta

from triage_app import create_app, errors
from triage_app.cli import MODULES, commands, load_commands
from triage_app.cli.demo.setting import demo_settings
from triage_app.web.problems import PROBLEMS

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "triage_app/web/templates").rglob("*.html"))
ROUTES = Path(__file__).parent / "routes.txt"
OPEN = ("/launch", "/callback", "/.well-known/jwks.json", "/fhir", "/livez", "/readyz", "/assets")
"""Addresses that hold nothing about a patient."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    settings = demo_settings(
        app_port=5000,
        fhir_base_url="http://localhost:5001/fhir",
        client_secret="not the default",
        folder=tmp_path_factory.mktemp("whole-app"),
    )
    app = create_app(settings)
    yield app
    app.extensions["services"].storage.close()


def found_routes(app: Flask) -> list[str]:
    """One line a route: methods, address, and who may go there."""
    lines = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        lines.append(f"{methods:<9} {rule.rule:<72} {guard_of(view)}")
    return sorted(lines, key=lambda line: line.split()[1])


def guard_of(view: object) -> str:
    """Walk through the decorators of a view to its guard."""
    while view is not None:
        role = getattr(view, "guarded_role", None)
        if role is not None:
            return f"launch, {role}"
        view = getattr(view, "__wrapped__", None)
    return "open"


def test_the_list_of_routes_is_reviewed(app: Flask) -> None:
    found = "\n".join(found_routes(app)) + "\n"
    if os.environ.get("REFRESH_GOLDEN"):
        ROUTES.write_text(found, encoding="utf-8")
    assert found == ROUTES.read_text(encoding="utf-8"), "a route came, went or changed its guard"


def test_every_route_about_a_patient_is_guarded(app: Flask) -> None:
    for line in found_routes(app):
        if "<launch_id>" in line:
            assert not line.endswith("open"), line
        elif line.endswith("open"):
            assert line.split()[1].startswith(OPEN), line


@pytest.mark.parametrize("path", TEMPLATES, ids=[path.stem for path in TEMPLATES])
def test_a_template_parses_and_brings_nothing_from_elsewhere(path: Path, app: Flask) -> None:
    source = path.read_text(encoding="utf-8")
    environment: Environment = app.jinja_env
    assert meta.find_undeclared_variables(environment.parse(source)) is not None
    assert not re.search(r"<script(?![^>]*\b(?:src|nonce)=)", source), "inline script without a nonce"
    assert not re.search(r"\son[a-z]+=", source), "inline event handler"
    assert not re.search(r"\sstyle=", source), "inline style, which the Content-Security-Policy refuses"
    assert not re.search(r"""(?:src|href|action)=["']\s*(?:https?:)?//""", source), "a foreign address"


def test_every_template_is_used(app: Flask) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "triage_app/web").rglob("*.py"))
    markup = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    for path in TEMPLATES:
        name = path.relative_to(ROOT / "triage_app/web/templates").as_posix()
        is_problem = name.startswith("problems/") and f'"{path.stem}"' in code
        assert is_problem or f'"{name}"' in code + markup, f"{name} is drawn by nothing"


def error_classes() -> list[type[errors.TriageError]]:
    found = [value for value in vars(errors).values() if inspect.isclass(value)]
    return [value for value in found if issubclass(value, errors.TriageError)]


@pytest.mark.parametrize("error", error_classes(), ids=lambda error: error.__name__)
def test_every_error_is_told_in_its_own_way_and_drawn_in_the_tree(error: type[errors.TriageError]) -> None:
    assert error in PROBLEMS
    assert error.__name__ in (errors.__doc__ or ""), "the tree in errors.py lacks it"
    page = PROBLEMS[error].page
    assert (ROOT / f"triage_app/web/templates/problems/{page}.html").is_file()


@pytest.mark.parametrize("name", [module.split(".")[0].replace("_", "-") for module in MODULES])
def test_every_command_describes_itself_and_stands_in_the_readme(name: str) -> None:
    load_commands()
    result = CliRunner().invoke(commands, [name, "--help"])
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 4
    assert re.search(rf"triage_app {name}\b", (ROOT / "README.md").read_text(encoding="utf-8")), name


def test_the_readme_names_only_make_targets_and_files_that_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"`make ([a-z]+)", text):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page.name}: make {target}"
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name}: {link}"
