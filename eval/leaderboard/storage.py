"""Storage of records: a folder, or a data set repository on the Hugging Face hub.

Each record's file name follows from submission and choices. Results of different people therefore
never collide, and scoring again replaces. Concurrent writers wait for each other (folder) or try
again (hub); no record is lost.
"""

import hashlib
import json
import os
import random
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from eval.errors import RecordError
from eval.leaderboard.files import (
    StoredRecords,
    per_image_csv,
    read_records,
    record_json,
    save_record,
    side_path,
)
from eval.results.record import ProtocolResult
from eval.untrusted.text import printable

if TYPE_CHECKING:
    from huggingface_hub import HfApi

LOCK_FILE = ".lock"
LOCK_WAIT_S = 30.0

HUB_FOLDER = "records"
ATTEMPTS = 10
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 5.0
HTTP_PRECONDITION_FAILED = 412


def record_name(result: ProtocolResult) -> str:
    """The file name of a run: protocol, method, and a hash of submission and choices.

    Example: `aflw2000-3d_2dasl-released_1f0c2a9b3d4e.json`. A method's name is untrusted text;
    only its letters, digits and hyphens are kept.
    """
    scored = result.submission_sha256 or hashlib.sha256(per_image_csv(result.scores)).hexdigest()
    run = json.dumps([result.protocol, dict(result.options), scored], sort_keys=True)
    key = hashlib.sha256(run.encode()).hexdigest()[:12]
    return f"{_slug(result.protocol)}_{_slug(result.facts.method)}_{key}.json"


def open_store(place: str, folder: str = "") -> "FolderStore | HubStore":
    """The store at a folder's path, or at `hf://datasets/USER/NAME`.

    Args:
        place: a path, or an address on the hub.
        folder: a part of the place; "" takes a path itself, and `records` of a repository.

    Raises:
        RecordError: a malformed address.
    """
    if not place.startswith("hf:"):
        return FolderStore(Path(place) / folder)
    match = re.fullmatch(r"hf://datasets/([\w.-]+/[\w.-]+)/?", place)
    if match is None:
        raise RecordError(f"a place on the hub is hf://datasets/USER/NAME, got {place}")
    return HubStore(match[1], folder=folder or HUB_FOLDER)


class FolderStore:
    """Records as files of a folder, safe for several processes of one machine."""

    def __init__(self, folder: str | Path) -> None:
        """Open a folder; nothing is read or created yet.

        Args:
            folder: created at the first `add`.
        """
        self._folder = Path(folder)

    def load(self) -> StoredRecords:
        """All records by file name; none if the folder is absent.

        Raises:
            RecordError: another writer locks the folder for too long.
        """
        if not (self._folder / LOCK_FILE).exists() or not os.access(self._folder, os.W_OK):
            return read_records(self._folder)  # no store writes to it
        with self._locked():
            return read_records(self._folder)

    def add(self, result: ProtocolResult, note: str = "") -> str:
        """Write a record; a crash while writing leaves the old state.

        Args:
            result: of a run.
            note: ignored; a folder has no history.

        Returns:
            The file's name.

        Raises:
            RecordError: the folder cannot be written, or another writer locks it for too long.
        """
        name = record_name(result)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        with self._locked():
            save_record(self._folder / name, result)
        return name

    def remove(self, name: str) -> None:
        """Remove a record; no-op if absent.

        Args:
            name: as returned by `add`.

        Raises:
            RecordError: a malformed name, or the folder cannot be written.
        """
        path = self._folder / _checked_name(name)
        if not path.exists():
            return
        with self._locked():
            try:
                path.unlink(missing_ok=True)
                side_path(path).unlink(missing_ok=True)
            except OSError as error:
                raise self._unwritable(error) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Lock the folder; the operating system releases the lock if a process dies."""
        lock = FileLock(self._folder / LOCK_FILE, timeout=LOCK_WAIT_S)
        try:
            lock.acquire()
        except Timeout as error:
            raise RecordError(
                f"{self._folder} was locked by another process for {LOCK_WAIT_S:.0f} s; try again"
            ) from error
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            yield
        finally:
            lock.release()

    def _unwritable(self, error: OSError) -> RecordError:
        reason = error.strerror or error
        return RecordError(f"cannot write to {self._folder}: {reason}; choose another folder")


class HubStore:
    """Records as files of a data set repository: one commit per record, on the head just read.

    If somebody else committed in between, the hub answers 412 and the commit is repeated on the
    new head (optimistic locking). Both files of a record are in one commit.
    """

    def __init__(
        self, repo_id: str, *, folder: str = HUB_FOLDER, api: "HfApi | None" = None
    ) -> None:
        """Open a repository; no request is sent yet.

        Args:
            repo_id: of an existing data set, "user/name".
            folder: inside the repository.
            api: client with address and token; None takes the environment's.
        """
        self._repo_id, self._folder, self._given_api = repo_id, folder, api

    def load(self) -> StoredRecords:
        """All records of the head, by file name; downloads are kept in the hub's cache.

        Raises:
            RecordError: the download failed.
        """
        from huggingface_hub.errors import HTTPError

        try:
            snapshot = self._api().snapshot_download(
                self._repo_id, repo_type="dataset", allow_patterns=f"{self._folder}/*"
            )
        except (OSError, ValueError, ImportError, HTTPError) as error:
            raise self._refused("did not give the records", error) from error
        return read_records(Path(snapshot) / self._folder)

    def add(self, result: ProtocolResult, note: str = "") -> str:
        """Commit a record.

        Args:
            result: of a run.
            note: text for the commit's message, such as who sent the record.

        Returns:
            The file's name.

        Raises:
            RecordError: the hub refuses, or others committed in between at every attempt.
        """
        name = record_name(result)
        contents = (per_image_csv(result.scores), record_json(result).encode())
        self._commit(
            dict(zip(self._paths(name), contents, strict=True)),
            f"Add {name}{note and f', {note}'}",
        )
        return name

    def remove(self, name: str) -> None:
        """Commit the removal of a record; no-op if absent.

        Args:
            name: as returned by `add`.

        Raises:
            RecordError: a malformed name, the hub refuses, or others committed in between at
                every attempt.
        """
        self._commit(dict.fromkeys(self._paths(_checked_name(name))), f"Remove {name}")

    def _paths(self, name: str) -> tuple[str, str]:
        """Paths of the per-image errors and of the record."""
        return f"{self._folder}/{side_path(Path(name)).name}", f"{self._folder}/{name}"

    def _commit(self, files: Mapping[str, bytes | None], message: str) -> None:
        """Commit on the head; repeat if others commit in between."""
        for attempt in range(ATTEMPTS):
            if self._committed(files, message):
                return
            longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**attempt)
            time.sleep(random.uniform(0.0, longest))
        raise RecordError(
            f"{self._repo_id}: others committed first, {ATTEMPTS} times in a row; try again later"
        )

    def _committed(self, files: Mapping[str, bytes | None], message: str) -> bool:
        """Commit files (None deletes one) on the head; False if others committed in between."""
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete
        from huggingface_hub.errors import HfHubHTTPError, HTTPError

        api = self._api()
        try:
            info = api.dataset_info(self._repo_id)
            kept = {file.rfilename for file in info.siblings or ()}
            operations = [
                CommitOperationDelete(path)
                if content is None
                else CommitOperationAdd(path, content)
                for path, content in files.items()
                if content is not None or path in kept
            ]
            if not operations:
                return True
            api.create_commit(
                self._repo_id,
                operations,
                commit_message=message,
                repo_type="dataset",
                parent_commit=info.sha,
            )
        except (OSError, ValueError, ImportError, HTTPError) as error:
            status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
            if status == HTTP_PRECONDITION_FAILED:
                return False
            raise self._refused("did not take the record", error) from error
        return True

    def _api(self) -> "HfApi":
        # Imported here: the client takes half a second, and a board in a folder does not need it.
        from huggingface_hub import HfApi

        return self._given_api or HfApi()

    def _refused(self, what: str, error: Exception) -> RecordError:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return RecordError(
            f"{self._repo_id}: the hub {what} ({reason}); check the name, that it is a data set, "
            "the connection, and HF_TOKEN"
        )


def _checked_name(name: str) -> str:
    """A record's file name, not a path."""
    if not re.fullmatch(r"[a-z0-9-]+_[a-z0-9-]+_[0-9a-f]{12}\.json", name):
        raise RecordError(
            f"a record's name is PROTOCOL_METHOD_HASH.json, got {printable(name)}; copy it from "
            "the list"
        )
    return name


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40] or "unnamed"
