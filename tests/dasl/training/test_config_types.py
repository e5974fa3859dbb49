"""Every setting: values that it refuses, by name."""

from dataclasses import FrozenInstanceError, asdict, fields, replace
from typing import Any

import pytest
from pydantic import ValidationError

from dasl.errors import ConfigError
from dasl.training.config import AugmentConfig, LossConfig, TrainConfig, config_from_dict

FIELDS = [
    (section.name, each.name)
    for section in fields(TrainConfig)
    for each in fields(getattr(TrainConfig(), section.name))
]
PAIR = "a pair of rising numbers"
WITHIN = {  # the numbers: the largest value, or None; a pair; the rest is at least 0
    "data": {
        **{"train_limit": None, "half": 1, "fitted_coefficient_weight": None},
        **{"broken_share": 1, "annotated_share": 1},
    },
    "network": {"map_gain": None, "dropout": 0.999},
    "landmark_map": {
        **{"own_share": 1, "given": 1, "hand_placed": 1, "jitter_px": PAIR, "shared_error": 1},
        **{"hand_placed_jitter_px": PAIR, "shared_shift_px": None, "shared_scale": None, "drop": 1},
    },
    "augment": {
        **{"flip": 1, "rotation_sigma_deg": 180, "rotation_max_deg": 180, "scale": PAIR},
        **{"rotation_uniform_share": 1, "shift_px": None, "black_border_share": 1, "tone": 1},
        **{"brightness": 1, "contrast": 1, "saturation": 1, "channel_gain": 1, "grey_share": 1},
        **{"blur_share": 1, "blur_sigma_px": PAIR, "low_resolution_share": 1, "noise_share": 1},
        **{"low_resolution_px": PAIR, "noise_sigma": PAIR, "occluder_share": 1},
        **{"occluder_count": None, "occluder_size_px": PAIR},
    },
    "loss": {each.name: None for each in fields(LossConfig)},
    "critic": {"learning_rate": None, "betas": "a pair", "dropout": 0.999},
    "optimiser": {
        **{"momentum": 0.999, "learning_rate": None, "final_fraction": 1, "weight_decay": None},
        **{"warm_up_steps": None, "clip_norm": None, "average_decay": 0.999},
    },
    "second_stage": {"epochs": None, "learning_rate": None, "vertex": None},
    "run": {
        **{"epochs": None, "batch_size": None, "epoch_steps": None, "seed": None, "threads": None},
        "checkpoint_minutes": None,
    },
}
CHOSEN = {  # neither numbers nor pairs: true or false, one of some words, or texts
    *(("data", "train"), ("data", "validation"), ("data", "teachers"), ("data", "head")),
    ("data", "landmarks"),
    *(("network", name) for name in ("backbone", "imagenet", "imagenet_file", "weights")),
    *(("network", "frozen_batch_norm"), ("loss", "landmark_faces"), ("loss", "central_mask")),
    *(("critic", "fake_photos"), ("optimiser", "kind"), ("optimiser", "decay")),
    *(("run", name) for name in ("device", "bfloat16", "channels_last", "tracker", "output")),
}
NUMBERS = [pair for pair in FIELDS if pair not in CHOSEN]


def refused(section: str, name: str, value: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        config_from_dict({section: {name: value}})
    return str(caught.value)


@pytest.mark.parametrize(("section", "name"), FIELDS)
@pytest.mark.parametrize("value", [{"a": 1}, "", [None], 1.5j, [[1, 2], [3, 4]]])
def test_a_value_of_another_type_is_refused_by_name(section: str, name: str, value: Any) -> None:
    assert refused(section, name, value).startswith(f"{section}.{name}")


@pytest.mark.parametrize(("section", "name"), NUMBERS)
def test_a_number_out_of_range_is_refused_by_name(section: str, name: str) -> None:
    most = WITHIN[section][name]
    bad: list[Any] = [-0.001, -3, float("nan"), float("inf"), True, "many"]
    if isinstance(most, str):
        bad = [[-1, 1], [1], [1, 2, 3], 5, ["a", "b"], [float("nan"), 1.0]]
        bad += [[0.9, 0.5]] if most == PAIR else [[0.5, 1.0]]
    elif most is not None:
        bad += [most + 1, 7 if most <= 1 else 200]
    for value in bad:
        assert refused(section, name, value).startswith(f"{section}.{name}"), value


@pytest.mark.parametrize(("section", "name"), sorted(CHOSEN))
def test_what_is_no_number_refuses_numbers_and_unknown_words(section: str, name: str) -> None:
    for value in (3, -1.5, ["", "a"]):
        assert refused(section, name, value).startswith(f"{section}.{name}")


def test_every_default_is_within_its_range_and_a_config_is_its_own_document() -> None:
    document = asdict(TrainConfig())
    assert config_from_dict(document) == TrainConfig()
    assert {(s, n) for s, values in document.items() for n in values} == set(FIELDS)


def test_pairs_without_an_order_may_fall() -> None:
    assert config_from_dict({"critic": {"betas": [0.9, 0.5]}}).critic.betas == (0.9, 0.5)


def test_whole_numbers_and_texts_like_1e_3_become_floats() -> None:
    config = config_from_dict({"augment": {"noise_sigma": [1, "2e0"], "flip": "1e-3"}})
    assert config.augment.noise_sigma == (1.0, 2.0) and config.augment.flip == 0.001
    assert all(type(value) is float for value in config.augment.noise_sigma)


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(ConfigError, match=r"run\.epochs .*; augment\.flip .*|flip .*; .*epochs"):
        config_from_dict({"run": {"epochs": 0}, "augment": {"flip": -3}})


def test_sections_are_frozen_and_check_what_replaces_a_value() -> None:
    with pytest.raises(FrozenInstanceError):
        AugmentConfig().flip = 0.1  # type: ignore[misc]
    with pytest.raises(ValidationError, match="flip"):
        replace(AugmentConfig(), flip=-3.0)
