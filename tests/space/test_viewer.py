import hashlib
import json
import re
import urllib.request
from pathlib import Path

import pytest

from space.viewer import (
    VENDOR_FOLDER,
    WEB_FOLDER,
    after_answer,
    head_viewer,
    shown_head,
)

SERVED_TYPES = (
    "text/javascript",
    "application/javascript",
    "text/css",
    "image/svg+xml",
    "image/jpeg",
)
THREE = VENDOR_FOLDER / "three"
SERVED = sorted(path for path in WEB_FOLDER.rglob("*") if path.suffix not in ("", ".html"))


def test_the_script_is_told_where_the_head_is():
    value = shown_head(Path("/photos/face1.glb"), "3D head of face 1")
    assert value["title"] == "3D head of face 1"
    assert value["glb"]["path"] == "/photos/face1.glb"
    assert value["glb"]["meta"] == {"_type": "gradio.FileData"}  # else Gradio would not serve it


def test_the_photo_comes_with_the_head_where_there_is_one():
    behind = {"photo": {"path": "/photos/face1.jpg"}, "view": {"side": 720}}
    value = shown_head(Path("/photos/face1.glb"), "3D head", behind)
    assert value["photo"] == behind["photo"] and value["view"] == behind["view"]


def test_words_of_an_empty_viewer_are_escaped():
    assert 'data-empty="&lt;b&gt; &quot;x&quot;"' in head_viewer('<b> "x"', "head").html_template


def test_words_for_pictures_cannot_end_the_script():
    script = after_answer("status", {"photo": 'a "quoted" word'})
    assert '{"photo": "a \\"quoted\\" word"}' in script
    assert "{{" not in script


def test_no_stub_is_written_beside_the_sources():
    assert list(WEB_FOLDER.parent.glob("*.pyi")) == []


@pytest.mark.parametrize("path", [*SERVED, THREE / "three.bundle.js"])
def test_the_viewers_files_are_served(running, path):
    with urllib.request.urlopen(f"{running.url}gradio_api/file={path}", timeout=600) as answer:
        assert answer.read() == path.read_bytes()
        assert answer.headers.get_content_type() in SERVED_TYPES


def test_three_is_the_file_that_was_vendored_and_says_whose_it_is():
    source = json.loads((THREE / "SOURCE.json").read_text())
    for name, digest in source["sha256"].items():
        assert hashlib.sha256((THREE / name).read_bytes()).hexdigest() == digest
    assert "three.js authors" in (THREE / "LICENSE.md").read_text()


def test_modules_import_files_that_exist_and_none_from_elsewhere():
    for module in WEB_FOLDER.glob("*.js"):
        for target in re.findall(r'from "([^"]+)"', module.read_text()):
            assert (module.parent / target).is_file(), f"{module.name} imports {target}"
