"""A hub of one process's memory on loopback: enough of its routes to upload and fetch a model."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

SHA = "0123456789abcdef0123456789abcdef01234567"

Repos = dict[str, dict[str, bytes]]


class _Handler(BaseHTTPRequestHandler):
    repos: Repos
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

    def _missing(self, code: str) -> None:
        self._reply(404, {"error": "not found"}, {"X-Error-Code": code})

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            self._describe("/".join(parts[2:4]), parts[4:])
            return
        repo, revision, name = "/".join(parts[:2]), parts[3], "/".join(parts[4:])
        if repo not in self.repos:
            self._missing("RepoNotFound")
        elif revision not in ("main", SHA):
            self._missing("RevisionNotFound")
        elif name not in self.repos[repo]:
            self._missing("EntryNotFound")
        else:
            content = self.repos[repo][name]
            etag = hashlib.sha1(content).hexdigest()
            self._reply(200, content, {"X-Repo-Commit": SHA, "ETag": f'"{etag}"'})

    def _describe(self, repo: str, rest: list[str]) -> None:
        files = self.repos.get(repo)
        if files is None:
            self._missing("RepoNotFound")
        elif rest[:1] == ["revision"] and rest[1] not in ("main", SHA):
            self._missing("RevisionNotFound")
        elif rest[:1] == ["tree"]:
            tree = [
                {
                    "type": "file",
                    "path": name,
                    "size": len(content),
                    "oid": hashlib.sha1(content).hexdigest(),
                }
                for name, content in files.items()
            ]
            self._reply(200, tree)
        else:
            siblings = [{"rfilename": name} for name in files]
            self._reply(200, {"id": repo, "sha": SHA, "siblings": siblings, "private": False})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = self.path.split("?")[0].strip("/").split("/")
        base = f"http://{self.headers['Host']}"
        if self.headers.get("Authorization") != "Bearer hf_right":
            self._reply(401, {"error": "Invalid credentials"})
        elif parts[-1] == "create":
            asked = json.loads(body)
            repo = "/".join(filter(None, [asked.get("organization"), asked["name"]]))
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
        elif parts[-2] == "commit":
            repo = "/".join(parts[2:4])
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    value = line["value"]
                    self.repos[repo][value["path"]] = base64.b64decode(value["content"])
            url = f"{base}/{repo}/commit/{SHA}"
            self._reply(200, {"success": True, "commitOid": SHA, "commitUrl": url})
        else:
            self._reply(404, {"error": self.path})


@contextmanager
def hub_stand_in() -> Iterator[tuple[str, Repos]]:
    """Serve until the block ends; gives the address and the repositories it holds."""
    repos: Repos = {}
    handler = type("Handler", (_Handler,), {"repos": repos})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", repos
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
