import logging

import pytest

import dasl.reconstruction.reconstructor
from dasl.errors import WeightsError
from space.weights_choice import EMBEDDED, FALLBACK, WeightsChoice

COMMIT = "0" * 40


class Loader:
    """In place of `FaceReconstructor`: gives what it was asked for, or fails."""

    failing: tuple[str | None, ...] = ()

    @classmethod
    def from_pretrained(cls, source=None, *, revision=None):
        if source in cls.failing:
            raise WeightsError(f"{source}: the hub did not give it")
        return (source, revision)


@pytest.fixture(autouse=True)
def loader(monkeypatch) -> type[Loader]:
    monkeypatch.setattr(dasl.reconstruction.reconstructor, "FaceReconstructor", Loader)
    monkeypatch.setattr(Loader, "failing", ())
    return Loader


def test_without_a_choice_the_embedded_weights_run(caplog):
    choice = WeightsChoice(None, None)
    assert choice.load() == (None, None)
    assert (choice.words, choice.problem) == (EMBEDDED, "")
    assert not caplog.records


def test_pinned_weights_of_the_hub_run_and_are_named(caplog):
    choice = WeightsChoice("user/repo", COMMIT)
    assert choice.load() == ("user/repo", COMMIT)
    assert choice.words == f"[user/repo](https://huggingface.co/user/repo), revision `{COMMIT}`"
    assert not caplog.records


def test_weights_that_are_not_pinned_are_warned_of(caplog):
    WeightsChoice("user/repo", "main")
    assert "DASL_WEIGHTS_REVISION" in caplog.text


def test_where_the_hub_fails_the_embedded_weights_run_and_log_and_page_say_so(loader, caplog):
    loader.failing = ("user/repo",)
    choice = WeightsChoice("user/repo", COMMIT)
    assert choice.problem == ""
    with caplog.at_level(logging.WARNING):
        assert choice.load() == (None, None)
    assert (choice.words, choice.problem) == (EMBEDDED, FALLBACK)
    assert "taking the embedded weights" in caplog.text


def test_a_folder_that_fails_is_the_owners_to_mend(loader, tmp_path):
    loader.failing = (str(tmp_path),)
    choice = WeightsChoice(str(tmp_path), None)
    assert choice.words == f"those of the folder `{tmp_path.name}`"
    with pytest.raises(WeightsError):
        choice.load()
    assert choice.problem == ""
