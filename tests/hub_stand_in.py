"""A hub of one process's memory on loopback: enough of its routes to upload and fetch files.

Models are kept as `user/name`, data sets as `datasets/user/name`, Spaces as
`spaces/user/name`. A commit that names another parent than the head is refused with 412, as the
real hub does.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

SHA = "0123456789abcdef0123456789abcdef01234567"
"""Head of a repository that was filled from outside, or by its first commit."""

STOPS_WITHIN_S = 0.02

FOLDERS = {"dataset": "datasets/", "space": "spaces/"}

Repos = dict[str, dict[str, bytes]]
Variables = dict[str, dict[str, str]]


class _Commits:
    """The heads of the repositories, and the files of every commit."""

    def __init__(self, repos: Repos) -> None:
        self._repos = repos
        self._heads: dict[str, str] = {}
        self._kept: dict[tuple[str, str], dict[str, bytes]] = {}
        self._lock = Lock()

    def head(self, repo: str) -> str:
        return self._heads.get(repo, SHA if self._repos[repo] else "0" * 40)

    def files(self, repo: str, revision: str) -> dict[str, bytes] | None:
        if revision in ("main", self.head(repo)):
            return self._repos[repo]
        return self._kept.get((repo, revision))

    def add(
        self, repo: str, files: dict[str, bytes], gone: list[str], parent: str | None
    ) -> str | None:
        """The new head, None where the parent is not the head any more."""
        with self._lock:
            before = self.head(repo)
            if parent not in (None, before):
                return None
            self._kept[repo, before] = dict(self._repos[repo])
            is_first = not self._repos[repo]
            self._heads[repo] = SHA if is_first else f"{len(self._kept):040x}"
            self._repos[repo] |= files
            for name in gone:
                del self._repos[repo][name]
            return self._heads[repo]


class _Handler(BaseHTTPRequestHandler):
    repos: Repos
    commits: _Commits
    variables: Variables
    cuts: dict[str, int]
    asked: list[str]
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""

    def _reply(self, status: int, body: Any = None, headers: dict[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _send(self, name: str, content: bytes, headers: dict[str, str]) -> None:
        """A file from where it was asked on; cut short once, where the test wants that."""
        asked = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        first, last = int(asked[0]), int(asked[2] or len(content) - 1)
        part = content[first : last + 1]
        if "Range" in self.headers:
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        cut = self.cuts.pop(name, None) if self.command == "GET" else None
        if cut is None:
            self._reply(206 if "Range" in self.headers else 200, part, headers)
            return
        self.send_response(200)
        for field, value in {"Content-Length": str(len(part)), **headers}.items():
            self.send_header(field, value)
        self.end_headers()
        self.wfile.write(part[:cut])
        self.close_connection = True

    def _missing(self, code: str) -> None:
        self._reply(404, {"error": "not found"}, {"X-Error-Code": code})

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        if parts[0] == "api":
            self._describe(*_repo(parts[1:]))
            return
        repo, (_, revision, *name) = _repo(parts)
        files = self._files(repo, revision)
        content = None if files is None else files.get("/".join(name))
        if content is not None:
            commit = self.commits.head(repo) if revision == "main" else revision
            etag = hashlib.sha1(content).hexdigest()
            self._send("/".join(name), content, {"X-Repo-Commit": commit, "ETag": f'"{etag}"'})
        elif files is not None:
            self._missing("EntryNotFound")

    def _files(self, repo: str, revision: str) -> dict[str, bytes] | None:
        """The files of a revision; answers where there are none."""
        if repo not in self.repos:
            self._missing("RepoNotFound")
            return None
        files = self.commits.files(repo, revision)
        if files is None:
            self._missing("RevisionNotFound")
        return files

    def _describe(self, repo: str, rest: list[str]) -> None:
        revision = rest[1] if len(rest) > 1 else "main"
        files = self._files(repo, revision)
        if files is None:
            return
        if rest[:1] == ["tree"]:
            tree = _tree(files, "/".join(rest[2:]), "recursive=true" in self.path.lower())
            if tree or len(rest) < 3:
                self._reply(200, tree)
            else:
                self._missing("EntryNotFound")
        else:
            siblings = [{"rfilename": name} for name in files]
            sha = self.commits.head(repo) if revision == "main" else revision
            self._reply(200, {"id": repo, "sha": sha, "siblings": siblings, "private": False})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = self.path.split("?")[0].strip("/").split("/")
        base = f"http://{self.headers['Host']}"
        if self.headers.get("Authorization") != "Bearer hf_right":
            self._reply(401, {"error": "Invalid credentials"})
        elif parts[-1] == "create":
            asked = json.loads(body)
            repo = "/".join(filter(None, [asked.get("organization"), asked["name"]]))
            repo = FOLDERS.get(asked.get("type"), "") + repo
            self.repos.setdefault(repo, {})
            self._reply(200, {"url": f"{base}/{repo}", "id": repo})
        elif parts[-1] == "validate-yaml":
            self._reply(200, {"errors": [], "warnings": []})
        elif parts[-2] == "preupload":
            asked = json.loads(body)["files"]
            modes = [
                {"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in asked
            ]
            self._reply(200, {"files": modes})
        elif parts[-1] == "variables":
            asked = json.loads(body)
            repo = _repo(parts[1:])[0]
            self.variables.setdefault(repo, {})[asked["key"]] = asked["value"]
            self._reply(200, {})
        elif parts[-2] == "commit":
            self._commit(_repo(parts[1:])[0], base, body)
        else:
            self._reply(404, {"error": self.path})

    def _commit(self, repo: str, base: str, body: bytes) -> None:
        lines = [json.loads(line) for line in body.splitlines()]
        parent = next(
            line["value"].get("parentCommit") for line in lines if line["key"] == "header"
        )
        files = {
            line["value"]["path"]: base64.b64decode(line["value"]["content"])
            for line in lines
            if line["key"] == "file"
        }
        gone = [line["value"]["path"] for line in lines if line["key"] == "deletedFile"]
        commit = self.commits.add(repo, files, gone, parent)
        if commit is None:
            self._reply(
                412, {"error": "A commit has happened since. Please refresh and try again."}
            )
            return
        url = f"{base}/{repo}/commit/{commit}"
        self._reply(200, {"success": True, "commitOid": commit, "commitUrl": url})


def _repo(parts: list[str]) -> tuple[str, list[str]]:
    """The repository's key, and what follows it; models may stand under `models` or bare."""
    if parts[0] in ("datasets", "spaces"):
        return "/".join(parts[:3]), parts[3:]
    parts = parts[1:] if parts[0] == "models" else parts
    return "/".join(parts[:2]), parts[2:]


def _tree(files: dict[str, bytes], folder: str, recursive: bool) -> list[dict[str, Any]]:
    """What lies in a folder, "" being the top; folders too unless it is asked for recursively."""
    start = f"{folder}/" if folder else ""
    found: dict[str, dict[str, Any]] = {}
    for name, content in files.items():
        if not name.startswith(start):
            continue
        child, is_deeper, _ = name.removeprefix(start).partition("/")
        if is_deeper and not recursive:
            path = start + child
            found[path] = {"type": "directory", "path": path, "size": 0, "oid": "0" * 40}
        else:
            oid = hashlib.sha1(content).hexdigest()
            found[name] = {"type": "file", "path": name, "size": len(content), "oid": oid}
    return list(found.values())


@contextmanager
def hub_stand_in(
    variables: Variables | None = None,
    cuts: dict[str, int] | None = None,
    asked: list[str] | None = None,
) -> Iterator[tuple[str, Repos]]:
    """Serve until the block ends; gives the address and the repositories it holds.

    Args:
        variables: takes those of the Spaces.
        cuts: files whose first download breaks off, and after how many bytes.
        asked: takes the reading requests that come.
    """
    repos: Repos = {}
    parts = {
        "repos": repos,
        "commits": _Commits(repos),
        "variables": {} if variables is None else variables,
        "cuts": {} if cuts is None else cuts,
        "asked": [] if asked is None else asked,
    }
    handler = type("Handler", (_Handler,), parts)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(STOPS_WITHIN_S,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", repos
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def asks_hub(monkeypatch: pytest.MonkeyPatch, address: str, cache: Path) -> None:
    """Hub clients of this process ask another hub; they take their settings at import.

    Args:
        monkeypatch: of the test.
        address: of the hub.
        cache: folder for what they fetch.
    """
    for name, value in (
        ("ENDPOINT", address),
        ("HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}"),
        ("HF_HUB_CACHE", str(cache)),
        ("HF_HUB_DISABLE_XET", True),
    ):
        monkeypatch.setattr(f"huggingface_hub.constants.{name}", value)
    monkeypatch.setenv("HF_TOKEN", "hf_right")
