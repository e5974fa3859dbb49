"""Download from and upload to the hub; `dasl.weights.folder` defines the folder's files."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from dasl.errors import WeightsError

COMMIT = re.compile(r"[0-9a-f]{40}")


def fetch(repo_id: str, revision: str | None, wanted: Sequence[str], needed: Sequence[str]) -> Path:
    """Fetch files of a repository into the local cache; return their folder.

    For a full commit hash no request is made if the files are cached. Without a connection cached
    branches and tags are used too.

    Args:
        repo_id: "user/repo".
        revision: branch, tag or commit; None for the main branch.
        wanted: names of files to fetch, if they exist.
        needed: those of them that must exist.

    Raises:
        WeightsError: the download fails, or a needed file is missing.
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
    """The cached folder; None unless it has all needed files."""
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
    """Upload files to a repository in one commit; create the repository if it is missing.

    Args:
        files: contents by path.
        repo_id: "user/repo".
        message: of the commit.
        private: whether a newly created repository is private.
        token: None uses that of `hf auth login` or HF_TOKEN.

    Returns:
        The URL of the commit.

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
    """Summarise an error in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
