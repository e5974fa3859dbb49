"""The network at work on photos: batches, crops and given landmarks."""

import numpy as np
import pytest
import torch

from dasl.reconstruction.regressor import FaceRequest, Regressor


def request_for(photo: np.ndarray, **changes: object) -> FaceRequest:
    crop = np.array([40.0, 30.0, 160.0, 150.0])
    values = {"photo": photo, "box": crop, "crop": crop, "recrop": False, **changes}
    return FaceRequest(**values)


def test_faces_of_different_photos_run_in_one_batch(constant_network, head_model, photo):
    regress = Regressor(constant_network, head_model)
    narrow = np.ascontiguousarray(photo[:, :170])
    together = regress([request_for(photo), request_for(narrow)])
    alone = regress([request_for(narrow)])
    torch.testing.assert_close(together.landmarks_image[1:], alone.landmarks_image)


@pytest.mark.usefixtures("from_one_distance")
def test_the_second_crop_follows_the_first_looks_landmarks(constant_network, head_model, photo):
    """The constant network fills any crop alike, so a wider second crop gives a larger face."""
    regress = Regressor(constant_network, head_model)
    kept = regress([request_for(photo)])
    recropped = regress([request_for(photo, recrop=True)])
    points = kept.landmarks_image[0, :, :2]
    side = np.sqrt(2) * (points.amax(dim=0) - points.amin(dim=0)).max().item()
    assert kept.coefficients.pose.scale.item() == pytest.approx(500.0, rel=1e-4)
    assert recropped.coefficients.pose.scale.item() == pytest.approx(500 * side / 120, rel=1e-3)


@pytest.mark.usefixtures("from_one_distance")
def test_given_landmarks_are_drawn_for_every_look(constant_network, head_model, photo, monkeypatch):
    regress = Regressor(constant_network, head_model)
    seen: list[torch.Tensor] = []
    original = regress._run

    def record(inputs: torch.Tensor) -> torch.Tensor:
        seen.append(inputs[:, 3:].clone())
        return original(inputs)

    monkeypatch.setattr(regress, "_run", record)
    given = np.full((68, 2), 100.0, dtype=np.float32)
    regress([request_for(photo, landmarks_image=given)])
    # All points at photo (100, 100): crop pixel (100 - 40, 100 - 30); in a mirror the second time.
    for maps, expected in zip(seen, ((60.0, 70.0), (59.0, 70.0), (60.0, 70.0)), strict=True):
        rows, columns = (maps[0, 0] > 0).nonzero().float().mean(dim=0).tolist()
        assert (columns, rows) == expected
