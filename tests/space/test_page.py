"""The running demo as a program sees it."""

import gzip
import shutil
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
from gradio.route_utils import delete_files_created_by_app
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from pygltflib import GLTF2

from dasl.errors import WeightsError
from space import examples
from space.page import build_demo, launch_options
from space.reconstruct.service import ReconstructionService
from space.settings import CLEAN_EVERY_S, KEEP_FILES_S
from tests.space.conftest import RunningDemo
from tests.space.stand_in import StandInReconstructor

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def client(running: RunningDemo, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(running.url, verbose=False, download_files=tmp_path_factory.mktemp("answers"))


def test_a_program_gets_the_record_of_the_json_file_and_a_head(client, astronaut, astronaut_face):
    faces, files = client.predict(handle_file(str(astronaut)), api_name="/reconstruct")
    assert len(faces) == len(files) == 1
    assert {"box", "confidence", "pose", "expression", "landmarks"} < set(faces[0])
    assert set(faces[0]) == set(astronaut_face.record().document())
    count = astronaut_face.model.expression_count
    assert (len(faces[0]["expression"]), len(faces[0]["landmarks"])) == (count, 68)
    assert len(GLTF2().load(files[0]).meshes[0].extras["targetNames"]) == count


def test_only_endpoints_with_a_name_are_offered(client):
    described = client.view_api(return_format="dict", print_info=False)
    assert "/reconstruct" in described["named_endpoints"]
    assert set(described["named_endpoints"]) <= {
        "/reconstruct",
        "/video",
        "/leaderboard",
        "/score",
    }
    assert described["unnamed_endpoints"] == {}


def test_what_an_endpoint_returns_has_names(client):
    described = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    named = {name: [r["label"] for r in end["returns"]] for name, end in described.items()}
    assert named["/reconstruct"] == ["faces", "heads"]
    assert named["/video"] == ["people", "files"] and named["/leaderboard"] == ["rows"]


def test_a_program_gets_a_clips_people_and_its_files(client, running):
    running.reconstructor.centres[:] = [(220.0, 120.0)]
    people, files = client.predict(handle_file(str(examples.CLIP)), api_name="/video")
    assert people["people"] and people["expression_names"]
    assert {Path(file).suffix for file in files} == {".mp4", ".csv", ".json", ".glb"}


def test_the_page_and_heads_are_sent_small(running, astronaut_face):
    glb = running.uploads / "sent.glb"
    astronaut_face.save(glb)
    for url in (running.url, f"{running.url}gradio_api/file={glb}"):
        asked = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(asked, timeout=600) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            sent = answer.read()
        assert len(sent) < 0.9 * len(gzip.decompress(sent))


def test_a_program_is_told_what_is_wrong_with_its_photo(client, running, tmp_path):
    path = tmp_path / "notes.jpg"
    path.write_bytes(b"not a photo")
    with pytest.raises(AppError) as caught:
        client.predict(handle_file(str(path)), api_name="/reconstruct")
    assert "This file is not an image" in str(caught.value)
    assert str(running.uploads) not in str(caught.value)


def test_a_failure_of_ours_is_told_without_details(client, running, astronaut, monkeypatch):
    def fail(self, photo):
        raise RuntimeError("secret path /srv/x")

    monkeypatch.setattr(type(running.reconstructor), "__call__", fail)
    with pytest.raises(AppError, match="Something went wrong on this server") as caught:
        client.predict(handle_file(str(astronaut)), api_name="/reconstruct")
    assert "secret" not in str(caught.value)


def test_files_outside_the_demo_are_not_served(running):
    for path in ("/etc/passwd", str(ROOT / "app.py"), str(ROOT / "dasl" / "assets")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{running.url}gradio_api/file={path}", timeout=600)
        assert refused.value.code == 403


def test_a_server_path_cannot_be_smuggled_in_as_a_photo(client):
    smuggled = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    with pytest.raises(AppError):
        client.predict(smuggled, api_name="/reconstruct")


def test_photos_and_heads_are_deleted_when_they_are_old(client, running, astronaut, tmp_path):
    before = set(running.uploads.rglob("*.*"))  # other demos of this test run share the folder
    photo = shutil.copy(astronaut, tmp_path / "visitor.jpg")
    client.predict(handle_file(photo), api_name="/reconstruct")
    made = {path.name for path in set(running.uploads.rglob("*.*")) - before}
    assert made >= {"visitor.jpg", "face1.glb"}
    assert running.demo.delete_cache == (CLEAN_EVERY_S, KEEP_FILES_S)
    delete_files_created_by_app(running.demo, age=None)  # what Gradio runs every CLEAN_EVERY_S
    left = {path.name for path in set(running.uploads.rglob("*.*")) - before}
    assert left <= {path.name for path in examples.FOLDER.glob("*.jpg")}


def test_missing_weights_are_told_without_the_paths_of_the_server(
    client, running, astronaut, monkeypatch, caplog
):
    def fail(self, photo):
        raise WeightsError("/srv/x/config.json: cannot read it")

    monkeypatch.setattr(type(running.reconstructor), "__call__", fail)
    with pytest.raises(AppError, match="not ready") as caught:
        client.predict(handle_file(str(astronaut)), api_name="/reconstruct")
    assert "/srv" not in str(caught.value)
    assert "/srv/x/config.json" in caplog.text


def test_nothing_is_kept_or_counted():
    options = launch_options()
    assert (options["run_history"], options["ssr_mode"]) == (False, False)
    assert "share" not in options


def test_the_entry_is_short():
    assert len((ROOT / "app.py").read_text().splitlines()) <= 40


def test_without_the_package_for_it_mcp_stays_off_and_says_so(monkeypatch, caplog):
    monkeypatch.setattr("space.page.importlib.util.find_spec", lambda name: None)
    assert launch_options(mcp=True)["mcp_server"] is False
    assert "pip install 'gradio[mcp]'" in caplog.text
    monkeypatch.setattr("space.page.importlib.util.find_spec", lambda name: object())
    assert launch_options(mcp=True)["mcp_server"] is True
    assert launch_options()["mcp_server"] is False


def test_other_weights_than_the_chosen_ones_are_told_to_every_visitor(tmp_path):
    weights = SimpleNamespace(problem="The hub was away.", words="others", source=None)
    service = ReconstructionService(lambda: StandInReconstructor(), weights)
    demo = build_demo(service, tmp_path)
    (tell,) = [block.fn for block in demo.fns.values() if block.name == "tell"]
    assert (tell().value, tell().visible) == ("The hub was away.", True)
    weights.problem = ""
    assert tell().visible is False
