"""Compiles the Java programs of `java/` with Maven, or says why this machine cannot."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
JAVA = Path(__file__).with_name("java")
TARGET = ROOT / "target" / "interop"
INSTALL = "apt-get install openjdk-17-jdk-headless maven"
UNREACHABLE = (
    "Could not transfer",
    "Could not find artifact",
    "Could not resolve",
    "Cannot access",
    "Unknown host",
)
BUILD_SECONDS = 900


class BuildError(Exception):
    """Our Java does not compile, or a program did not start: a fault to mend, not a tool to get."""


class Unreachable(Exception):
    """No Maven repository gave the jars."""


def availability() -> str | None:
    """Say why the Java programs cannot be had here and the line that mends it; None when they can."""
    release = _java_release()
    if release is None or not shutil.which("javac"):
        return f"no Java development kit is installed. To mend it: {INSTALL}"
    if release < 17:
        return f"Java {release} is installed, 17 or newer is needed. To mend it: {INSTALL}"
    if not shutil.which("mvn"):
        return f"Maven is not installed. To mend it: {INSTALL}"
    try:
        build()
    except Unreachable as error:
        mend = f"reach one, then mvn -f {JAVA.relative_to(ROOT)} compile"
        return f"no Maven repository gave the jars ({error}). To mend it: {mend}"
    return None


@functools.cache
def build() -> str:
    """Compile the Java programs unless that is done, and return their class path.

    What is already in the local repository is used without asking the network.
    """
    stamp = TARGET / "built"
    sources = _checksum(JAVA)
    if not (stamp.is_file() and stamp.read_text() == sources and _jars_are_there()):
        if _maven("--offline") is not None:
            _raise_for(_maven())
        stamp.write_text(sources)
    return os.pathsep.join([str(TARGET / "classes"), *_jars()])


def _java_release() -> int | None:
    if not shutil.which("java"):
        return None
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
    number = re.search(r'version "(\d+)', said.stderr)
    return int(number[1]) if number else None


def _maven(*options: str) -> str | None:
    """Compile with Maven; what it says when it fails, else None."""
    command = ["mvn", "-q", "-B", *options, "-f", str(JAVA / "pom.xml"), "compile"]
    if shutil.which("nice"):
        command = ["nice", *command]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=BUILD_SECONDS)
    return None if said.returncode == 0 else said.stdout + said.stderr


def _raise_for(said: str | None) -> None:
    if said is None:
        return
    for line in said.splitlines():
        if "COMPILATION ERROR" not in said and any(words in line for words in UNREACHABLE):
            raise Unreachable(re.sub(r"\x1b\[[0-9;]*m|\[ERROR\]|-> \[Help.*", "", line).strip())
    raise BuildError(said[-4000:])


def _jars() -> list[str]:
    return (TARGET / "classpath.txt").read_text().split(os.pathsep)


def _jars_are_there() -> bool:
    return (TARGET / "classpath.txt").is_file() and all(Path(jar).is_file() for jar in _jars())


def _checksum(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    return digest.hexdigest()
