"""A reconstructor in the processes that users start: forked, spawned, workers of a DataLoader."""

import multiprocessing
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from dasl.errors import WeightsError
from dasl.photo.detector import RetinaFaceDetector
from dasl.reconstruction.reconstructor import FaceReconstructor
from tests.dasl.conftest import FixedDetector

ROOT = Path(__file__).parents[3]
FORKED = """\
import multiprocessing, sys
import torch
from dasl import FaceReconstructor

def work(answers):
    face = reconstructor(sys.argv[1])[0]
    face.mesh()
    answers.put(face.landmarks)

torch.set_num_threads(4)
reconstructor = FaceReconstructor.from_pretrained(device="cpu")
expected = reconstructor(sys.argv[1])[0]
expected.mesh()
context = multiprocessing.get_context("fork")
answers = context.Queue()
child = context.Process(target=work, args=[answers])
child.start()
try:
    assert abs(answers.get(timeout=300) - expected.landmarks).max() < 0.01
finally:
    child.kill()
"""


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork"
)
def test_a_forked_process_answers_as_its_parent_did():
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "4"}
    photo = ROOT / "space" / "examples" / "astronaut.jpg"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED, str(photo)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,  # a hang, not slowness
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_pickled_reconstructor_loads_its_weights_again(weights, photo_file, monkeypatch):
    monkeypatch.chdir(weights.parent)
    detector = FixedDetector((60.0, 40.0, 140.0, 140.0))
    made = FaceReconstructor.from_pretrained("weights", detector=detector, device="cpu")
    content = pickle.dumps(made)
    assert len(content) < 2000  # the place of the weights, not the weights
    monkeypatch.chdir("/")
    again = pickle.loads(content)
    (first,), (second,) = made(photo_file), again(photo_file)
    assert (first.landmarks == second.landmarks).all()
    assert again.detector.boxes == detector.boxes


def test_the_default_detector_goes_along():
    detector = RetinaFaceDetector(max_side=512)
    assert pickle.loads(pickle.dumps(detector)).attempts == detector.attempts


def test_a_reconstructor_of_loose_parts_says_why_it_cannot_be_pickled(reconstructor):
    with pytest.raises(WeightsError, match=r"only a from_pretrained reconstructor.*save_weights"):
        pickle.dumps(reconstructor)
