"""What the README shows is what happens."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from click.testing import CliRunner

from triage_app.cli import commands, load_commands

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def lower_floor(rules: Path, rule_id: str, *, found: str, lowered: str) -> None:
    text = rules.read_text(encoding="utf-8")
    start = text.index(f'id = "{rule_id}"\n')
    assert text[start:].split("[[rule]]")[0].count(f'urgency = "{found}"') == 1
    rules.write_text(text[:start] + text[start:].replace(found, lowered, 1), encoding="utf-8")


def test_a_lowered_floor_ends_with_the_people_that_the_readme_shows(tmp_path: Path) -> None:
    copy = tmp_path / "questionnaires"
    shutil.copytree(ROOT / "questionnaires", copy)
    version = copy / "nerve-symptoms" / "1.0.0"
    lower_floor(version / "rules.toml", "U03", found="URGENT_2W", lowered="ROUTINE")
    load_commands()
    result = CliRunner().invoke(
        commands, ["cases", str(version / "cases.toml"), "--questionnaires", str(copy)]
    )
    assert result.exit_code == 1
    broken = result.output[result.output.index("FAIL") : result.output.index("under-triage")]
    said = [line for line in broken.splitlines() if line.startswith(("FAIL", "     "))]
    shown = re.search(r"<!-- broken promise -->\n```\n(.*?)\n```", README, re.DOTALL)
    assert shown
    assert said == shown[1].splitlines()
