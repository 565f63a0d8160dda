"""Carries the pathway folders into the wheel; everything else stands in pyproject.toml."""

from pathlib import Path
from shutil import copytree

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithPathways(build_py):
    """Copies ``questionnaires/`` into the package, where an installed app looks for it."""

    def run(self) -> None:
        """Build as ever, then add the pathways; an editable install reads them where they are."""
        super().run()
        if not self.editable_mode:
            inside = Path(self.build_lib) / "triage_app" / "questionnaires"
            copytree("questionnaires", inside, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithPathways})
