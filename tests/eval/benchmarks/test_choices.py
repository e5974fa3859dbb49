"""Every choice of every board: what it takes, in Python and in the shell."""

import argparse
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from eval.benchmarks import BENCHMARKS
from eval.benchmarks.aflw2000.dense_rules import MatchingChoices
from eval.benchmarks.aflw2000.landmarks import LandmarkChoices
from eval.benchmarks.choices import KEY, Choices, add_options, chosen, given_options, shell_words
from eval.errors import ChoiceError

EVERY_FIELD = [
    pytest.param(name, each.name, id=f"{name}: {each.name}")
    for name, benchmark in BENCHMARKS.items()
    for each in fields(benchmark.choices)
]


def kept(name: str) -> dict[str, object]:
    """What a board needs beyond its defaults."""
    needed = [f.name for f in fields(BENCHMARKS[name].choices) if f.default is MISSING]
    return dict.fromkeys(needed, "file.json")


@pytest.mark.parametrize(("name", "field"), EVERY_FIELD)
@pytest.mark.parametrize("bad", [object(), ["x"], -3, float("nan"), {}])
def test_a_value_of_another_kind_is_refused_by_name(name: str, field: str, bad: object) -> None:
    with pytest.raises(ChoiceError, match=f"^{field} must be .+, got "):
        chosen(BENCHMARKS[name].choices, {**kept(name), field: bad})


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(ChoiceError, match=r"unknown choice 'z-rule'.* z_rule"):
        chosen(LandmarkChoices, {"z-rule": "min"})
    with pytest.raises(ChoiceError, match="has: none"):
        chosen(Choices, {"z_rule": "min"})


def test_two_ways_to_match_exclude_each_other() -> None:
    with pytest.raises(ChoiceError, match="exclude each other"):
        MatchingChoices(nearest=True, correspondence=Path("map.npz"))


@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_the_shell_without_options_makes_the_defaults(name: str) -> None:
    kind = BENCHMARKS[name].choices
    parser = argparse.ArgumentParser()
    add_options(parser, kind)
    needed = [word for field in kept(name) for word in (f"--{field}", "file.json")]
    settled = chosen(kind, given_options(kind, parser.parse_args(needed)))
    assert settled == chosen(kind, kept(name))
    assert all(KEY in each.metadata for each in fields(kind))


def test_words_of_the_shell_make_the_same_choices_again() -> None:
    wanted = LandmarkChoices(subset="balanced", subset_seed=3, yaw=Path("a.npy"), threshold=(7, 5))
    words = shell_words(wanted)
    assert words == [
        *("--threshold", "5", "7", "--subset", "balanced", "--subset-seed", "3", "--yaw", "a.npy"),
    ]
    parser = argparse.ArgumentParser()
    add_options(parser, LandmarkChoices)
    given = given_options(LandmarkChoices, parser.parse_args(words))
    assert chosen(LandmarkChoices, given) == wanted
    assert shell_words(MatchingChoices(nearest=True)) == ["--nearest"]
