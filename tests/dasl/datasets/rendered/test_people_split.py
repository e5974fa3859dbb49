"""People used to measure are never used to train."""

from dataclasses import replace

import pytest

from dasl.datasets.rendered.faces import render_face_set
from dasl.datasets.rendered.people_split import (
    FIRST_MEASURING_SEED,
    is_for_measuring,
    person_id,
    refuse_measuring_people,
)
from dasl.errors import ConfigError
from dasl.head.morphable_model import MorphableModel
from dasl.training.config import DataConfig
from dasl.training.training_sets import HeadSource, load_entry


def test_the_seed_decides() -> None:
    assert FIRST_MEASURING_SEED == 9000
    assert not is_for_measuring(8999)
    assert is_for_measuring(9000)


def test_people_for_measuring_are_refused_by_name() -> None:
    refuse_measuring_people(
        ["person-8999-7-1", "rendered-9001-4", "image00002.jpg", "person-9.jpg"]
    )
    with pytest.raises(ConfigError, match="person-9000-0-3 is kept for testing"):
        refuse_measuring_people([person_id(1, 0, 0), person_id(9000, 0, 3)])


@pytest.mark.parametrize("made_of_it", ["-yaw62-3", "@mirrored", "_1"])
def test_pictures_made_of_theirs_are_refused_as_well(made_of_it: str) -> None:
    with pytest.raises(ConfigError, match="kept for testing"):
        refuse_measuring_people([person_id(9000, 0, 3) + made_of_it])


def test_names_of_photos_may_look_like_theirs() -> None:
    refuse_measuring_people(["person-of-the-year", "person-9000-at-work", "a person-9000-0-3"])


def test_training_does_not_load_them_but_validation_may(tmp_path) -> None:
    model = MorphableModel.load()
    faces = replace(render_face_set(model, count=1, seed=1), ids=(person_id(9001, 0, 0),))
    path = tmp_path / "people.safetensors"
    faces.save(path)
    head, config = HeadSource(model), DataConfig()
    with pytest.raises(ConfigError, match="must not be trained on"):
        load_entry(str(path), "train", config, tmp_path, head)
    assert load_entry(str(path), "validation", config, tmp_path, head).ids == faces.ids
