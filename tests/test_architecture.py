"""The house rules that a machine can hold: small modules, one place for each foreign library."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median

import pytest

PACKAGE = Path(__file__).parent.parent / "triage_app"
MODULES = sorted(PACKAGE.rglob("*.py"))
MODULE_LINES = 250
FUNCTION_LINES = 40
IDS = [str(path.relative_to(PACKAGE)) for path in MODULES]


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_a_module_stays_small_enough_to_read(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MODULE_LINES, f"{path.name} has {lines} lines: it wants a second subject"


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_a_module_opens_with_its_one_job(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_a_function_fits_on_one_screen_and_says_what_it_returns(path: Path) -> None:
    for node in functions(path):
        assert length(node) <= FUNCTION_LINES, f"{path.name}:{node.name} has {length(node)} lines"
        assert node.returns is not None, f"{path.name}:{node.name} has no return type"


def test_modules_and_functions_are_small_in_the_middle() -> None:
    jobs = [path for path in MODULES if path.name != "__init__.py"]
    assert median(len(path.read_text(encoding="utf-8").splitlines()) for path in jobs) <= 120
    assert median(length(node) for path in MODULES for node in functions(path)) <= 10


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_fhir_models_are_r4_and_never_the_bare_package(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name.startswith("fhir.resources"):
                assert name.startswith("fhir.resources.R4B"), f"{path.name}: {name} is R5"
                assert path.is_relative_to(PACKAGE / "fhir"), f"{path}: FHIR models belong in fhir"
