"""Brings LHC-Forms from npm: one packed version, held against its checksum, kept beside this file."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

VERSION = "40.1.3"
INTEGRITY = "WLruTm+BcVnafC0rSAQ3/cNqhxvclBUxyBG68aub/uha2NaK9H8ZZcEXTTuORuGzzCt0wa7fvhuieZtcDIdPzQ=="
"""SHA-512 of the packed file, as the registry states it."""
INSIDE = "package/dist/lforms/"
FILES = (
    "LICENSE.md",
    "webcomponent/assets/lib/zone.min.js",
    "webcomponent/lhc-forms.js",
    "webcomponent/styles.css",
    "fhir/R4/lformsFHIR.min.js",
)
TARGET = Path(__file__).parent / "target"
PATIENCE_SECONDS = 240


class LFormsUnavailable(Exception):
    """LHC-Forms cannot be had on this machine; the message says why."""


def lforms_folder() -> Path:
    """Return the folder with LHC-Forms' files, fetched at the first call.

    Raise LFormsUnavailable where npm or its registry cannot be had, ValueError where the file is another.
    """
    folder = TARGET / f"lforms-{VERSION}"
    if not folder.is_dir():
        TARGET.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=TARGET) as place:
            unpacked = Path(place) / "unpacked"
            _unpack(_packed(Path(place)), unpacked)
            if not folder.is_dir():
                unpacked.rename(folder)
    return folder


def _packed(place: Path) -> bytes:
    """Return the packed file, once its checksum is right. (Installing it would run and fetch far more.)"""
    npm = shutil.which("npm")
    if npm is None:
        raise LFormsUnavailable("npm is not installed")
    command = [npm, "pack", f"lforms@{VERSION}", "--silent", "--pack-destination", str(place)]
    try:
        ran = subprocess.run(
            command, cwd=place, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise LFormsUnavailable(f"npm did not bring LHC-Forms within {PATIENCE_SECONDS} s") from None
    if ran.returncode != 0:
        raise LFormsUnavailable(f"npm cannot bring LHC-Forms: {ran.stderr.strip()[-300:]}")
    content = next(place.glob("*.tgz")).read_bytes()
    found = base64.b64encode(hashlib.sha512(content).digest()).decode()
    if found != INTEGRITY:
        raise ValueError(f"lforms@{VERSION}: found SHA-512 {found}, expected {INTEGRITY}")
    return content


def _unpack(content: bytes, folder: Path) -> None:
    """Write the files that a page needs, and nothing else of the package."""
    folder.mkdir()
    packed = folder.parent / "checked.tgz"
    packed.write_bytes(content)
    with tarfile.open(packed) as archive:
        for name in FILES:
            member = archive.extractfile(INSIDE + name)
            if member is None:
                raise ValueError(f"lforms@{VERSION}: found no file {name}, expected one")
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(member.read())
