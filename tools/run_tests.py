"""Runs every check and test that this machine can have, times each part, and says what it could not run.

What can be had must run: where apt, a Maven repository or Chromium can be had, a test that skips
for want of it is a failure. What cannot be had is listed at the end with the line that mends it.
Two parts run at a time, and each tells what it has to say when it ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from interop.java_build import BuildError, availability  # noqa: E402 - the tests are not installed

BIN = Path(sys.executable).parent


Command = list[str | Path]
Parts = dict[str, Command]
Result = tuple[int, float]  # exit code, seconds


@dataclass(frozen=True)
class Tool:
    """Something from outside Python that a part of the tests needs."""

    name: str
    missing: str  # why it cannot be had, "" when it is there
    mend: str


def main() -> int:
    """Run the parts; return 0 when all that could run passed."""
    start = time.monotonic()
    tools = [chromium(), java(), npm(), postgresql()]
    needed = [tool.name for tool in tools if not tool.missing]
    environment = {**os.environ, "MUST_RUN": ",".join(needed), "PYTHONWARNINGS": "default"}
    checks: Parts = {
        "format": [BIN / "ruff", "format", "--check", "."],
        "lint": [BIN / "ruff", "check", "."],
        "types": [BIN / "mypy"],
        "imports": [BIN / "lint-imports", "--no-logo"],
    }
    tests: Parts = {
        "interop": [BIN / "pytest", "-q", "-m", "java"],
        "tests": [BIN / "pytest", "-q", "-m", "not java and not browser"],
        "browser": [BIN / "pytest", "-q", "-m", "browser and not java"],
    }
    for tool in tools:
        if tool.missing:
            tests.pop({"browser": "browser", "java": "interop"}.get(tool.name, ""), None)
    results = run_all(checks, environment, at_once=1) | run_all(tests, environment, at_once=2)
    report(results, tools, time.monotonic() - start)
    return 0 if all(code == 0 for code, _ in results.values()) else 1


def run_all(parts: Parts, environment: Mapping[str, str], *, at_once: int) -> dict[str, Result]:
    """Run the parts, so many at once, and print what each said as it ends."""
    with ThreadPoolExecutor(at_once) as pool:
        running = {pool.submit(run, command, environment): name for name, command in parts.items()}
        results = {}
        for ended in as_completed(running):
            name = running[ended]
            said, code, seconds = ended.result()
            print(f"\n=== {name}\n{said}", end="", flush=True)
            results[name] = (code, seconds)
    return results


def run(command: Command, environment: Mapping[str, str]) -> tuple[str, int, float]:
    """Run one part and return what it said, its exit code and how many seconds it took."""
    start = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout, done.returncode, time.monotonic() - start


def chromium() -> Tool:
    """Find Chromium, or install Debian's where we are root and apt answers."""
    if not shutil.which("chromium") and can_apt():
        apt("chromium", "fonts-dejavu-core")
    missing = "" if shutil.which("chromium") else "Chromium is not installed and apt cannot bring it"
    return Tool("browser", missing, "apt-get install chromium")


def java() -> Tool:
    """Find a Java development kit, Maven and its jars, or install Debian's where apt answers."""
    if not all(shutil.which(program) for program in ("java", "javac", "mvn")) and can_apt():
        apt("openjdk-17-jdk-headless", "maven")
    try:
        reason = availability()
    except BuildError:  # a fault of ours, which the tests show
        reason = None
    missing, _, mend = (reason or "").partition(". To mend it: ")
    return Tool("java", missing, mend)


def npm() -> Tool:
    """Find npm and a registry that answers; its tests are among those of the browser and skip without it."""
    if not shutil.which("npm") and can_apt():
        apt("npm")
    mend = "apt-get install npm, and reach an npm registry"
    if not shutil.which("npm"):
        return Tool("npm", "npm is not installed and apt cannot bring it", mend)
    probe = ["npm", "view", "lforms", "version", "--silent", "--fetch-retries=0", "--fetch-timeout=60000"]
    answered = subprocess.run(probe, capture_output=True, check=False).returncode == 0
    return Tool("npm", "" if answered else "no npm registry answers", mend)


def postgresql() -> Tool:
    """Find PostgreSQL's server, or install Debian's; its tests are among the others and skip without it."""
    if not postgresql_is_there() and can_apt():
        apt("postgresql")
    missing = "" if postgresql_is_there() else "PostgreSQL is not installed and apt cannot bring it"
    return Tool("postgres", missing, "apt-get install postgresql")


def postgresql_is_there() -> bool:
    """Say whether the server's programs are installed."""
    return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))


def can_apt() -> bool:
    """Say whether this process may install Debian packages."""
    return os.name == "posix" and os.geteuid() == 0 and bool(shutil.which("apt-get"))


def apt(*packages: str) -> None:
    """Install Debian packages; a failure shows later as a tool that is not there."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *packages]):
        subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)


def report(results: Mapping[str, Result], tools: list[Tool], seconds: float) -> None:
    """Print the time and outcome of each part and the time of all, then what could not run here."""
    print("\n=== time of each part")
    for name, (code, took) in results.items():
        print(f"  {name:<8} {took:7.1f} s  {'passed' if code == 0 else 'FAILED'}")
    print(f"  all      {seconds:7.1f} s, two parts at a time")
    for tool in tools:
        if tool.missing:
            print(f"  not run: {tool.name} tests. {tool.missing}. To mend it: {tool.mend}")


if __name__ == "__main__":
    sys.exit(main())
