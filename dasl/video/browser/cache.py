"""The browser's files of the weights in use, made once and kept."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from dasl.head.morphable_model import EMBEDDED_HEAD
from dasl.video.browser.files import INDEX, VERSION, browser_files_of
from dasl.weights.folder import CONFIG_FILE, GRAPH_FILE, TENSOR_FILE, weights_folder


def browser_folder(source: str | Path | None = None, revision: str | None = None) -> Path:
    """Where the files of these weights are kept; named after the content that they are made from.

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
        *(folder / name for name in (CONFIG_FILE, TENSOR_FILE, GRAPH_FILE)),
    ):
        digest.update(path.read_bytes() if path.exists() else b"-")
    return _cache_root() / f"web-{digest.hexdigest()[:16]}"


def browser_files(source: str | Path | None = None, revision: str | None = None) -> Path:
    """That folder, with the files in it; making them takes a few seconds the first time.

    Raises:
        WeightsError: the weights are missing or damaged, or the files cannot be written.
    """
    wanted = browser_folder(source, revision)
    if not (wanted / INDEX).exists():
        # The index is written last, so that a folder with one is whole.
        browser_files_of(weights_folder(source, revision), wanted)
    return wanted


def _cache_root() -> Path:
    """A folder of this user alone: others must not be able to put files there."""
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
"""Of this process, where there is no home to write to."""
