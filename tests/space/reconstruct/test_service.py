import logging
import threading
import time
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from dasl.errors import NoFaceFound, PhotoError, WeightsError
from space.reconstruct.service import MAX_FACES, MAX_SIDE, ReconstructionService
from tests.space.stand_in import StandInReconstructor


def test_the_model_is_loaded_once_for_many_visitors(astronaut, reconstructor):
    loads = []

    def load():
        loads.append(1)
        time.sleep(0.05)
        return reconstructor

    service = ReconstructionService(load)
    visitors = [threading.Thread(target=service, args=[astronaut]) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert loads == [1]


def test_a_failed_load_is_tried_again(astronaut, reconstructor):
    answers = [WeightsError("no such folder"), reconstructor]

    def load():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    service = ReconstructionService(load)
    with pytest.raises(WeightsError):
        service(astronaut)
    assert service(astronaut).face_count == 1


def test_steps_are_timed_and_loading_is_not_counted(astronaut, reconstructor, monkeypatch):
    clock = count(step=1.0)
    monkeypatch.setattr(
        "space.reconstruct.service.time", SimpleNamespace(perf_counter=lambda: next(clock))
    )

    def load():
        for _ in range(100):
            next(clock)
        return reconstructor

    seconds = ReconstructionService(load)(astronaut).seconds
    assert seconds == {"reading the photo": 1.0, "finding and fitting": 1.0}


def test_large_photos_are_shrunk(tmp_path, reconstructor):
    path = tmp_path / "large.png"
    Image.new("RGB", (5120, 1280)).save(path)
    photo = ReconstructionService(lambda: reconstructor)(path).photo
    assert photo.shape == (MAX_SIDE // 4, MAX_SIDE, 3)
    assert photo.dtype == np.uint8


def test_only_the_largest_faces_of_a_crowd_are_offered(astronaut):
    crowd = StandInReconstructor([(256.0, 256.0)] * (MAX_FACES + 3))
    crowded = ReconstructionService(lambda: crowd)(astronaut)
    assert (len(crowded.faces), crowded.face_count) == (MAX_FACES, MAX_FACES + 3)


def test_no_face_says_what_to_do(astronaut):
    with pytest.raises(NoFaceFound, match="no face found on this photo; use one"):
        ReconstructionService(lambda: StandInReconstructor([]))(astronaut)


def test_what_is_no_photo_never_reaches_the_model(tmp_path, reconstructor):
    path = tmp_path / "notes.jpg"
    path.write_bytes(b"not a photo")
    calls = reconstructor.calls
    with pytest.raises(PhotoError, match="is not an image"):
        ReconstructionService(lambda: reconstructor)(path)
    assert reconstructor.calls == calls


def test_warming_up_without_weights_is_logged_in_one_line(astronaut, caplog):
    def load():
        raise WeightsError("assets/lite0: no such folder")

    with caplog.at_level(logging.ERROR):
        ReconstructionService(load).warm_up(astronaut)
    assert caplog.messages == ["the demo is not ready: assets/lite0: no such folder"]
