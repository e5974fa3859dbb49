"""Cache of the browser's files for the weights in use."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from dasl.head.landmark_file import LANDMARKS_FILE
from dasl.head.morphable_model import EMBEDDED_HEAD
from dasl.video.browser.files import INDEX, VERSION, browser_files_of
from dasl.weights.folder import CONFIG_FILE, GRAPH_FILE, TENSOR_FILE, weights_folder


def browser_folder(source: str | Path | None = None, revision: str | None = None) -> Path:
    """The cache folder for these weights; named by a hash of the content it is made from.

    Args:
        source: of the weights; None for the embedded ones.
        revision: of a hub repository.

    Raises:
        WeightsError: the weights are missing.
    """
    folder = weights_folder(source, revision)
    digest = hashlib.sha256(str(VERSION).encode())
    for path in (
        EMBEDDED_HEAD,
        *(folder / name for name in (CONFIG_FILE, TENSOR_FILE, GRAPH_FILE, LANDMARKS_FILE)),
    ):
        digest.update(path.read_bytes() if path.exists() else b"-")
    return _cache_root() / f"web-{digest.hexdigest()[:16]}"


def browser_files(source: str | Path | None = None, revision: str | None = None) -> Path:
    """The folder with the files; they are made on first use, in a few seconds.

    Raises:
        WeightsError: the weights are missing or damaged, or the files cannot be written.
    """
    wanted = browser_folder(source, revision)
    if not (wanted / INDEX).exists():
        # The index is written last, so a folder with an index is complete.
        browser_files_of(weights_folder(source, revision), wanted)
    return wanted


def _cache_root() -> Path:
    """A folder of this user, since others must not be able to place files in it."""
    named = os.environ.get("XDG_CACHE_HOME")
    root = (Path(named) if named else Path.home() / ".cache") / "dasl"
    try:
        root.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(root).free
    except (OSError, RuntimeError):
        return _temporary()
    return root if os.access(root, os.W_OK) and free else _temporary()


def _temporary() -> Path:
    global _made
    if _made is None:
        _made = Path(tempfile.mkdtemp(prefix="dasl-"))
    return _made


_made: Path | None = None
"""Temporary folder of this process, used if the home folder is not writable."""
