"""Folders of files to and from the hub; `dasl.weights.folder` knows what is in them."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from dasl.errors import WeightsError

COMMIT = re.compile(r"[0-9a-f]{40}")


def fetch(repo_id: str, revision: str | None, wanted: Sequence[str], needed: Sequence[str]) -> Path:
    """A local folder with files of a repository.

    A revision that is a whole commit hash makes no request once the files are in the cache. Without
    a connection the cache answers for branches and tags too.

    Args:
        repo_id: "user/repo".
        revision: branch, tag or commit; None for the main branch.
        wanted: names of files to fetch, where they are there.
        needed: those of them that must be there.

    Raises:
        WeightsError: the hub does not give it, or a needed file is missing.
    """
    from huggingface_hub import snapshot_download

    is_pinned = revision is not None and COMMIT.fullmatch(revision) is not None
    if is_pinned and (cached := _cached(repo_id, revision, needed)) is not None:
        return cached
    at = f" at revision {revision}" if revision else ""
    try:
        folder = Path(snapshot_download(repo_id, revision=revision, allow_patterns=list(wanted)))
    except Exception as error:  # the client's, its HTTP library's, of a proxy's address
        raise WeightsError(
            f"{repo_id}{at}: there is no folder of that name, and the hub did not give it "
            f"({first_line(error)}); check the name, the revision and the connection"
        ) from error
    missing = [name for name in needed if not (folder / name).is_file()]
    if missing:
        raise WeightsError(
            f"{repo_id}{at} has no {', '.join(missing)}: it is not a weights folder, or its "
            "download was cut off; check the name, or try again with a connection"
        )
    return folder


def _cached(repo_id: str, revision: str | None, needed: Sequence[str]) -> Path | None:
    """The folder in the cache, None unless all that is needed is in it."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(repo_id, revision=revision, local_files_only=True))
    except (LocalEntryNotFoundError, ValueError):
        return None
    return folder if all((folder / name).is_file() for name in needed) else None


def upload(
    files: Mapping[str, bytes], repo_id: str, message: str, private: bool, token: str | None
) -> str:
    """Put files into a repository, in one commit; makes the repository if it is missing.

    Args:
        files: contents by path.
        repo_id: "user/repo".
        message: of the commit.
        private: for a repository made here.
        token: None takes the one of `hf auth login` or HF_TOKEN.

    Returns:
        The address of the commit.

    Raises:
        WeightsError: the hub refuses, or cannot be reached.
    """
    from huggingface_hub import HfApi

    api = HfApi(token=token)
    try:
        with tempfile.TemporaryDirectory(prefix="dasl-push-") as folder:
            for name, content in files.items():
                path = Path(folder) / name
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(content)
            api.create_repo(repo_id, private=private, exist_ok=True)
            commit = api.upload_folder(repo_id=repo_id, folder_path=folder, commit_message=message)
    except Exception as error:  # the client's, its HTTP library's, of a proxy's address
        raise WeightsError(
            f"{repo_id}: the hub did not take the weights ({first_line(error)}); check the name "
            "and the token (`hf auth login`, or HF_TOKEN) and its right to write"
        ) from error
    return str(commit.commit_url)


def first_line(error: Exception) -> str:
    """What went wrong, in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
