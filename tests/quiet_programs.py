"""Programs run with a home folder of their own and with every way out of the machine closed."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
GUARD = """\
import os, socket

def _refuse(what):
    with open(os.environ["QUIET_LOG"], "a") as log:
        log.write(f"{what}\\n")
    raise OSError(f"refused by the test: {what}")

def _is_here(host):
    return host in (None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0", socket.gethostname())

_look_up = socket.getaddrinfo
_connect, _connect_ex = socket.socket.connect, socket.socket.connect_ex

def getaddrinfo(host, *rest, **more):
    name = host.decode() if isinstance(host, bytes) else host
    return _look_up(host, *rest, **more) if _is_here(name) else _refuse(f"look-up of {name}")

def connect(self, address):
    is_here = isinstance(address, (str, bytes)) or _is_here(address[0])
    return _connect(self, address) if is_here else _refuse(f"connection to {address}")

def connect_ex(self, address):
    is_here = isinstance(address, (str, bytes)) or _is_here(address[0])
    return _connect_ex(self, address) if is_here else _refuse(f"connection to {address}")

socket.getaddrinfo = getaddrinfo
socket.socket.connect, socket.socket.connect_ex = connect, connect_ex
"""
"""Loaded by Python before the program; the look-ups of C libraries are seen by strace alone."""

NOT_OURS = (
    "ORT_",
    "GRADIO_",
    "HF_",
    "DASL_",
    "XDG_",
    "MPLCONFIGDIR",
    "DISABLE_TELEMETRY",
    "DO_NOT",
)
"""Variables that would hide what the program does by itself."""


@dataclass(frozen=True)
class Quiet:
    """What a program left and tried.

    Attributes:
        files: in its home folder, relative to it.
        attempts: to reach another machine.
        stdout: what it printed.
    """

    files: tuple[str, ...]
    attempts: tuple[str, ...]
    stdout: str


def run_quietly(folder: Path, *words: str, **variables: str) -> Quiet:
    """Runs Python with these words; the program must not fail.

    Args:
        folder: an empty one, for the home folder and the log.
        words: of the command line.
        variables: more of its environment.
    """
    home, guard, log = folder / "home", folder / "guard", folder / "attempts.txt"
    home.mkdir()
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(GUARD)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
    ours = {"HOME": str(home), "USERPROFILE": str(home), "QUIET_LOG": str(log)}
    ours["PYTHONPATH"] = os.pathsep.join([str(guard), str(ROOT)])
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=kept | ours | variables,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    files = (path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file())
    attempts = log.read_text().splitlines() if log.exists() else []
    return Quiet(tuple(sorted(files)), tuple(attempts), done.stdout)
