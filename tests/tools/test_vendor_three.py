import json
import subprocess
import tarfile

import pytest

from tools import npm_files
from tools.npm_files import plain, unpack
from tools.vendor_three import ENTRY, FOLDER, PACKAGES


@pytest.fixture
def npm(monkeypatch, tmp_path):
    """An npm that packs one file instead of fetching."""

    def pack(command, cwd, **options):
        (tmp_path / "index.js").write_text("export {}")
        with tarfile.open(cwd / "three-0.tgz", "w:gz") as archive:
            archive.add(tmp_path / "index.js", "package/index.js")
        return subprocess.CompletedProcess(command, 0, stdout="three-0.tgz\n")

    monkeypatch.setattr(npm_files.subprocess, "run", pack)


def test_a_package_with_another_digest_is_refused(npm, tmp_path):
    with pytest.raises(SystemExit, match="wanted of-another-file; look at what npm sent"):
        unpack("three@0", "of-another-file", tmp_path)
    assert not (tmp_path / "node_modules").exists()


def test_the_committed_bundle_comes_from_the_pinned_packages():
    source = json.loads(plain(FOLDER / "SOURCE.json"))
    assert source["packages"] == {name: f"sha512-{digest}" for name, digest in PACKAGES.items()}


def test_the_viewer_takes_from_the_bundle_only_what_is_in_it():
    exported = set(ENTRY.replace("}", ",").replace("{", ",").replace("\n", " ").split(","))
    exported = {name.strip() for name in exported}
    for module in (FOLDER.parents[1] / "web").glob("*.js"):
        text = module.read_text()
        if "three.bundle.js" in text:
            names = text.partition("import {")[2].partition("}")[0].split(",")
            assert {name.strip() for name in names if name.strip()} <= exported
