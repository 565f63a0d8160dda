"""One PostgreSQL server for a test run: a folder and a port of its own, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """Return the folder of the server's programs, or None where it is not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    found = shutil.which("initdb") or (str(installed[0]) if installed else None)
    return Path(found).resolve().parent if found else None


@contextmanager
def running_postgres(programs: Path, folder: Path) -> Iterator[str]:
    """Yield the SQLAlchemy address of an empty server's database ``postgres``."""
    data = folder / "data"
    _give_away(folder)
    _run([programs / "initdb", "-D", data, "-U", "triage", "-A", "trust", "--no-sync", "-E", "UTF8"])
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
    control = [programs / "pg_ctl", "-D", data, "-w", "-s"]
    _run([*control, "-l", folder / "log", "-o", options, "start"])
    try:
        yield f"postgresql+psycopg://triage@127.0.0.1:{port}/postgres"
    finally:
        _run([*control, "-m", "immediate", "stop"])


def _give_away(folder: Path) -> None:
    """The server refuses to run as root; Debian's package brings a user for it."""
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        for parent in folder.parents[:2]:
            parent.chmod(0o755)


def _run(command: Sequence[str | Path]) -> None:
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    subprocess.run(
        [str(part) for part in command],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
