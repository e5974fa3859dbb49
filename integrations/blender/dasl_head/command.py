"""Runs the installed `dasl` command on a photo. Does not depend on Blender."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

INSTALL = "install dasl (pip install dasl) and name its command in this add-on's preferences"
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""Flag that starts a command without a console window; 0 except on Windows."""


class DaslFailed(Exception):
    """The message for the user: what went wrong and what to do."""


@dataclass(frozen=True)
class Choices:
    """Options of the reconstruction.

    Attributes:
        hair: add hair or a hat as a separate object.
        fine: four times the triangles.
        as_photo: keep the light of the photo.
        texture_size: side of the texture, texels.
    """

    hair: bool = True
    fine: bool = False
    as_photo: bool = False
    texture_size: int = 1024

    def arguments(self) -> list[str]:
        """Options of `dasl reconstruct`."""
        return [
            "--hair" if self.hair else "--no-hair",
            "--subdivide=1" if self.fine else "--subdivide=0",
            "--light=as-photo" if self.as_photo else "--light=evened",
            f"--texture-size={self.texture_size}",
        ]


class Reconstruction:
    """A running `dasl reconstruct`; its files are in a temporary folder until `close`."""

    def __init__(self, command: str, photo: Path, choices: Choices) -> None:
        """Start the command.

        Raises:
            DaslFailed: there is no such photo or command.
        """
        if not photo.is_file():
            raise DaslFailed(f"there is no photo {photo}; choose a file")
        program = shutil.which(command.strip() or "dasl")
        if program is None:
            raise DaslFailed(f"there is no command {command.strip() or 'dasl'!r}; {INSTALL}")
        self._folder = tempfile.TemporaryDirectory(prefix="dasl_")
        # A photo's name may start with a dash; its absolute path does not.
        words = [program, "reconstruct", str(photo.absolute()), "--output", self._folder.name]
        words += ["--strict", "--format=glb", *choices.arguments()]
        # Blender's own Python settings must not reach dasl's.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONHOME"}
        self._messages = Path(self._folder.name, "messages.txt")
        try:
            with self._messages.open("wb") as messages:
                self._process = subprocess.Popen(
                    words,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=messages,
                    env=environment,
                    creationflags=NO_WINDOW,
                )
        except OSError as error:
            self._folder.cleanup()
            raise DaslFailed(f"cannot run {program}: {error.strerror}; {INSTALL}") from error

    def is_running(self) -> bool:
        """Whether the command is still running."""
        return self._process.poll() is None

    def heads(self) -> list[Path]:
        """Wait for the end; returns the GLB files, one per face.

        Raises:
            DaslFailed: with the command's own message.
        """
        status = self._process.wait()
        found = sorted(Path(self._folder.name).glob("*.glb"))
        if status != 0 or not found:
            text = self._messages.read_text(errors="replace").strip()
            message = text.splitlines()[-1].removeprefix("dasl: ") if text else "no message"
            raise DaslFailed(f"{message} (dasl ended with status {status})")
        return found

    def close(self) -> None:
        """Terminate the command if it is still running, and remove its files."""
        if self.is_running():
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._folder.cleanup()
