"""The map from one head's coefficients to another's: what it keeps, its file, what it refuses."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dasl.errors import WeightsError
from dasl.geometry.coefficients import Coefficients, Pose, pack, unpack
from dasl.geometry.frames import image_from_model
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.head_map import HeadMap, load_head_map, map_to
from dasl.head.morphable_model import EMBEDDED_HEAD, MorphableModel
from dasl.head.versions import HEAD_1, UNKNOWN_HEAD
from tests.dasl.two_heads import NEW_UNIT, SIZE

Heads = tuple[MorphableModel, MorphableModel]


def _people(old: MorphableModel, count: int = 5) -> Coefficients:
    random = torch.Generator().manual_seed(1)
    angles = torch.randn(count, 3, generator=random, dtype=torch.float64) * 25
    scale = 500 + 40 * torch.rand(count, generator=random, dtype=torch.float64)
    translation = 60 + 4 * torch.randn(count, 2, generator=random, dtype=torch.float64)
    identity = torch.randn(count, old.identity_count, generator=random, dtype=torch.float64)
    expression = torch.rand(count, old.expression_count, generator=random, dtype=torch.float64)
    pose = Pose(rotation_from_euler_deg(angles), scale, translation)
    return Coefficients(pose, identity, expression * 0.2)


def test_faces_stay_where_they_were_on_the_picture(heads: Heads, shipped_map: HeadMap) -> None:
    old, new = heads
    before = _people(old)
    after = shipped_map.coefficients(before)
    face = old.region("face")
    # the mean face becomes the new one; all that people differ from it by is kept
    old_mean, new_mean = (torch.from_numpy(head.mean_vertices) for head in heads)
    mean = (new_mean - shipped_map.offset) / shipped_map.size - old_mean
    wanted = image_from_model(old.vertices(before.identity, before.expression) + mean, before.pose)
    actual = image_from_model(new.vertices(after.identity, after.expression), after.pose)
    apart = (actual - wanted)[:, face, :2]  # the origin of z is nobody's
    apart_mm = apart.norm(dim=-1) / before.pose.scale[:, None] * 1000
    assert float(apart_mm.mean()) < 0.5
    assert shipped_map.size == pytest.approx(SIZE, rel=0.02)


def test_the_packed_map_is_the_same_at_its_scale(heads: Heads, shipped_map: HeadMap) -> None:
    before = _people(heads[0])
    pose = replace(before.pose, scale=torch.full_like(before.pose.scale, 510.0))
    before = replace(before, pose=pose)
    matrix, shift = shipped_map.packed(scale=510.0)
    wanted = shipped_map.coefficients(before)
    actual = unpack(pack(before) @ matrix.T + shift, len(shipped_map.identity))
    torch.testing.assert_close(actual.pose.translation, wanted.pose.translation)
    torch.testing.assert_close(actual.pose.scale, wanted.pose.scale)
    torch.testing.assert_close(actual.pose.rotation, wanted.pose.rotation)
    torch.testing.assert_close(actual.identity, wanted.identity)
    torch.testing.assert_close(actual.expression, wanted.expression)


def test_expressions_go_by_their_names_and_a_new_one_is_at_rest(
    heads: Heads, shipped_map: HeadMap
) -> None:
    old, new = heads
    before = _people(old)
    after = shipped_map.coefficients(before).expression
    for column, name in enumerate(new.expression_names):
        if name == NEW_UNIT:
            assert not after[:, column].any()
        else:
            wanted = before.expression[:, old.expression_names.index(name)]
            torch.testing.assert_close(after[:, column], wanted)


def test_the_mean_face_becomes_the_mean_face(heads: Heads, shipped_map: HeadMap) -> None:
    nobody = torch.zeros(1, heads[0].identity_count, dtype=torch.float64)
    before = _people(heads[0], 1)
    mapped = shipped_map.coefficients(Coefficients(before.pose, nobody, before.expression))
    assert not mapped.identity.any()


def test_the_file_keeps_the_map(heads: Heads, map_file: Path, tmp_path: Path) -> None:
    once = load_head_map(map_file)
    (tmp_path / "again").write_bytes(once.to_bytes())
    again = load_head_map(tmp_path / "again")
    assert (again.source, again.target) == (HEAD_1, heads[1].head_id)
    assert torch.equal(again.identity, once.identity)
    assert torch.equal(again.expression_source, once.expression_source)
    assert again.size == once.size
    assert again.residual_worst_mm == once.residual_worst_mm > once.residual_mean_mm > 0


@pytest.mark.parametrize("source", [UNKNOWN_HEAD, "0123456789ab"])
def test_another_head_is_refused_with_what_to_do(
    heads: Heads, shipped_map: HeadMap, source: str
) -> None:
    with pytest.raises(WeightsError, match=rf"old\.file .*{heads[1].head_id}.*; do this"):
        map_to(heads[1].head_id, source, "old.file", "do this")


def test_the_map_leads_to_its_own_target_only(shipped_map: HeadMap) -> None:
    with pytest.raises(WeightsError, match="no map"):
        map_to("0123456789ab", HEAD_1, "old.file", "do this")


def test_a_damaged_map_is_named(tmp_path: Path) -> None:
    path = tmp_path / "map.safetensors"
    path.write_bytes(b"no map at all")
    with pytest.raises(WeightsError, match=r"map\.safetensors.*tools\.map_heads"):
        load_head_map(path)


def test_a_file_that_is_no_map_is_named_once() -> None:
    with pytest.raises(WeightsError, match="its format is None, wanted 'dasl-head-map-1'") as said:
        load_head_map(EMBEDDED_HEAD)
    assert str(said.value).count("rebuild it with") == 1


def test_the_shipped_map_leads_to_the_embedded_head() -> None:
    embedded = MorphableModel.load()
    head_map = map_to(embedded.head_id, HEAD_1, "an old file", "")
    assert head_map.counts == (embedded.identity_count, embedded.expression_count)
    assert head_map.residual_mean_mm < 1.0
