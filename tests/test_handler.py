"""The handler of inference endpoints, called as an endpoint calls it, through JSON."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pygltflib import GLTF2

from dasl import FaceReconstructor, PhotoError, WeightsError
from dasl.errors import BoxError, ConfigError
from dasl.weights.folder import EMBEDDED_FOLDER
from handler import EndpointHandler
from tests.test_project import ROOT

PHOTO = ROOT / "space/examples/astronaut.jpg"


@pytest.fixture(scope="module")
def handler() -> EndpointHandler:
    return EndpointHandler(str(EMBEDDED_FOLDER))


def _asked(handler: EndpointHandler, request: Any) -> Any:
    """What comes back over HTTP: both ways as JSON."""
    return json.loads(json.dumps(handler(json.loads(json.dumps(request))), allow_nan=False))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def test_a_photo_as_base64_gives_what_the_library_gives(handler: EndpointHandler) -> None:
    answer = _asked(handler, {"inputs": _base64(PHOTO.read_bytes())})
    (face,) = FaceReconstructor.from_pretrained()(PHOTO)
    assert answer == {"faces": [json.loads(json.dumps(face.record().document()))]}


def test_bytes_pil_image_and_data_url_give_the_same(handler: EndpointHandler) -> None:
    content = PHOTO.read_bytes()
    wanted = handler({"inputs": _base64(content)})
    assert handler({"inputs": content}) == wanted
    assert handler({"inputs": f"data:image/jpeg;base64,{_base64(content)}"}) == wanted
    with Image.open(PHOTO) as photo:
        assert handler({"inputs": photo, "parameters": None}) == wanted


def test_the_head_comes_along_when_asked_for(handler: EndpointHandler, tmp_path: Path) -> None:
    box = [175, 55, 272, 178]
    request = {"inputs": _base64(PHOTO.read_bytes()), "parameters": {"glb": True, "boxes": [box]}}
    (face,) = _asked(handler, request)["faces"]
    path = tmp_path / "head.glb"
    path.write_bytes(base64.b64decode(face["glb"]))
    read = GLTF2().load(str(path))
    assert read is not None and len(read.meshes[0].primitives[0].targets) == 52


def test_a_photo_without_a_face_gives_none(handler: EndpointHandler) -> None:
    assert handler({"inputs": Image.new("RGB", (64, 64), "grey")}) == {"faces": []}


@pytest.mark.parametrize(
    ("request_data", "error", "words"),
    [
        ({}, ConfigError, "the request has no photo"),
        ("text", ConfigError, "the request has no photo"),
        ({"inputs": None}, PhotoError, "got NoneType"),
        ({"inputs": {"image": ""}}, PhotoError, "got dict"),
        ({"inputs": "https://example.org/a.jpg"}, PhotoError, "not its address"),
        ({"inputs": "aGVsbG8"}, PhotoError, "not base64 text"),
        ({"inputs": ""}, PhotoError, "'inputs' is"),
        ({"inputs": _base64(b"<html>" * 50)}, PhotoError, "'inputs' is"),
        ({"inputs": "", "parameters": []}, ConfigError, "must be an object with any of boxes, glb"),
        ({"inputs": "", "parameters": {"obj": 1}}, ConfigError, "unknown parameters obj"),
        ({"inputs": "", "parameters": {"glb": "yes"}}, ConfigError, "glb must be true or false"),
    ],
)
def test_a_bad_request_is_told_what_is_wanted(
    handler: EndpointHandler, request_data: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        handler(request_data)


@pytest.mark.parametrize("box", [[300, 100, 200, 50], [5000, 5000, 5100, 5100]])
def test_a_bad_box_is_told(handler: EndpointHandler, box: list[int]) -> None:
    request = {"inputs": _base64(PHOTO.read_bytes()), "parameters": {"boxes": [box]}}
    with pytest.raises(BoxError):
        handler(request)


def test_a_file_that_is_too_large_is_refused_unread(
    handler: EndpointHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handler.MAX_BYTES", 1000)
    with pytest.raises(PhotoError, match="the limit is 1000"):
        handler({"inputs": PHOTO.read_bytes()})


def test_a_repository_without_weights_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsError):
        EndpointHandler(str(tmp_path))
