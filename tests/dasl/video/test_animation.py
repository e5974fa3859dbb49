"""The animated GLB, read back with pygltflib and played by hand."""

import json
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pygltflib
import pytest
import trimesh
from scipy.spatial.transform import Rotation

from dasl.head.surface import head_surface
from dasl.video.animation import animated_glb
from dasl.video.samples import Track
from dasl.video.smooth import smoothed_track
from dasl.video.track import track_clip
from tests.dasl.video.moving_head import HEIGHT, WIDTH, moving_head, reconstructor
from tests.gltf_validator import assert_valid

WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}


@lru_cache(maxsize=1)
def _track() -> Track:
    (raw,) = track_clip(moving_head(12).frames, reconstructor()).tracks
    return smoothed_track(raw, reconstructor().model, reconstructor().statistics)


@pytest.fixture(scope="module")
def gltf() -> pygltflib.GLTF2:
    return pygltflib.GLTF2.load_from_bytes(animated_glb(_track(), reconstructor().model))


def _values(gltf: pygltflib.GLTF2, index: int) -> np.ndarray:
    accessor = gltf.accessors[index]
    start = gltf.bufferViews[accessor.bufferView].byteOffset
    width = WIDTHS[accessor.type]
    flat = np.frombuffer(gltf.binary_blob(), np.float32, accessor.count * width, start)
    return flat.reshape(accessor.count, width)


def _played(gltf: pygltflib.GLTF2) -> dict[str, np.ndarray]:
    animation = gltf.animations[0]
    samplers = [animation.samplers[channel.sampler] for channel in animation.channels]
    paths = [channel.target.path for channel in animation.channels]
    return {path: _values(gltf, s.output) for path, s in zip(paths, samplers, strict=True)}


def test_keys_lie_at_the_times_of_the_frames(gltf):
    times = _values(gltf, gltf.animations[0].samplers[0].input)[:, 0]
    assert times == pytest.approx([sample.time_s for sample in _track().samples])
    accessor = gltf.accessors[gltf.animations[0].samplers[0].input]
    assert accessor.max == pytest.approx([times[-1]])  # players take the length from here


def test_weights_are_those_of_the_track_in_the_order_of_the_targets(gltf):
    weights = _played(gltf)["weights"].reshape(12, 52)
    names = gltf.meshes[0].extras["targetNames"]
    assert tuple(names) == reconstructor().model.expression_names
    wanted = _track().samples[5].coefficients.expression[0]
    np.testing.assert_allclose(weights[5], wanted, atol=1e-6)
    assert weights[:, names.index("jawOpen")].max() > 0.1


def test_an_orthographic_camera_sees_the_head_where_the_clip_shows_it(gltf):
    played, row = _played(gltf), 7
    sample = _track().samples[row]
    found, model = sample.coefficients, reconstructor().model
    points = model.landmarks68(found.identity, found.expression)[0]
    turned = Rotation.from_quat(played["rotation"][row]).apply(played["scale"][row] * points)
    scales = [float(other.coefficients.pose.scale[0]) for other in _track().samples]
    placed = (turned + played["translation"][row]) * np.median(scales)
    x, y = (WIDTH - 1) / 2 + placed[:, 0], (HEIGHT - 1) / 2 - placed[:, 1]
    np.testing.assert_allclose(np.stack([x, y], axis=1), sample.landmarks[:, :2], atol=1e-2)


def test_a_head_that_is_away_waits_where_it_was_seen_last():
    track = _track()
    later = tuple(replace(one, time_s=one.time_s + 5.0) for one in track.samples[6:])
    away = replace(track, samples=track.samples[:6] + later)
    content = animated_glb(away, reconstructor().model)
    assert_valid(content)
    gltf = pygltflib.GLTF2.load_from_bytes(content)
    times = _values(gltf, gltf.animations[0].samplers[0].input)[:, 0]
    assert len(times) == 13
    assert times[6] == pytest.approx(times[7], abs=2e-3)
    for values in (_played(gltf)["rotation"], _played(gltf)["translation"]):
        np.testing.assert_array_equal(values[5], values[6])


def test_quaternions_are_units_and_turn_the_short_way(gltf):
    rotation = _played(gltf)["rotation"]
    np.testing.assert_allclose(np.linalg.norm(rotation, axis=1), 1, atol=1e-5)
    assert ((rotation[1:] * rotation[:-1]).sum(axis=1) > 0).all()


def test_no_sparse_accessor_has_an_offset_without_a_view(gltf):
    """The glTF validator calls that an error."""
    without = [accessor for accessor in gltf.accessors if accessor.bufferView is None]
    assert len(without) > 40
    content = animated_glb(_track(), reconstructor().model)
    length = int.from_bytes(content[12:16], "little")
    document = json.loads(content[20 : 20 + length])
    assert all("byteOffset" not in a for a in document["accessors"] if "bufferView" not in a)


def test_trimesh_opens_it_and_it_is_small(tmp_path):
    path = tmp_path / "head.glb"
    path.write_bytes(animated_glb(_track(), reconstructor().model))
    mesh = next(iter(trimesh.load(path).geometry.values()))
    whole = head_surface(reconstructor().model)
    assert len(mesh.faces) == len(whole.closed_triangles)
    assert path.stat().st_size < 6e6


def test_the_gltf_validator_finds_nothing_wrong():
    assert_valid(animated_glb(_track(), reconstructor().model))
