"""An installed app needs nothing of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a wheel, unpacked in a folder of their own."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in ("triage_app", "questionnaires"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", str(folder), str(source)], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def test_a_wheel_carries_pathways_templates_and_styles(installed: Path) -> None:
    for name in (
        "questionnaires/nerve-symptoms/1.0.0/rules.toml",
        "questionnaires/terminology/codesystem-flag.json",
        "web/templates/base.html",
        "web/static/app.css",
        "storage/migrations/env.py",
        "sandbox/people.json",
    ):
        assert (installed / "triage_app" / name).is_file(), name


def test_an_installed_app_starts_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "triage_app", "demo", "--empty", "--port", "0", "--hospital-port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        printed = [
            line for line in iter(running.stdout.readline, "Press Ctrl-C to stop; nothing is kept.\n") if line
        ]
        running.terminate()
        assert running.wait(timeout=60) == 0
    assert any("be the patient" in line for line in printed)
