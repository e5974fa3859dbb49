import numpy as np

from dasl.export.hair.colour_model import HairColours, colour_model

BROWN, WHITE, RED = (90, 60, 30), (235, 235, 230), (180, 30, 40)


def painted(*colours: tuple[int, int, int]) -> np.ndarray:
    """Columns of ten pixels of each colour, with noise: (20, 10 N, 3) uint8."""
    plain = np.repeat(np.array(colours), 10, axis=0)[None].repeat(20, axis=0)
    return (plain + np.random.default_rng(0).normal(0, 3, plain.shape)).clip(0, 255).astype("u1")


def test_colours_like_the_samples_are_likelier_than_others() -> None:
    photo = painted(BROWN, WHITE)
    found = colour_model(photo[5:15, :10].reshape(-1, 3)).log_density(photo)
    assert found[:, :10].min() > found[:, 10:].max() + 3


def test_a_mixture_holds_hair_of_two_colours() -> None:
    photo = painted(BROWN, WHITE, RED)
    found = colour_model(photo[:, :20].reshape(-1, 3)).log_density(photo)
    assert found[:, :20].min() > found[:, 20:].max() + 3


def test_few_samples_of_one_colour_make_a_model() -> None:
    model = colour_model(np.full((24, 3), 40, np.uint8))
    assert np.isfinite(model.log_density(painted(BROWN))).all()


def test_skin_and_walls_are_unlike_hair() -> None:
    photo = painted(BROWN, WHITE, RED)
    hair, skin = (colour_model(photo[:, part].reshape(-1, 3)) for part in (np.s_[:10], np.s_[20:]))
    colours = HairColours(hair, skin)
    odds, strange = colours.odds(photo), hair.strangeness(photo)
    assert odds[:, :10].min() > 2 and odds[:, 20:].max() < -2
    assert strange.max() <= 0
    assert np.median(strange[:, :10]) == 0 and strange[:, 10:].max() < -3


def test_of_hair_with_skin_among_its_samples_the_skin_is_left_out() -> None:
    photo = painted(BROWN, WHITE, RED)
    hair = colour_model(photo[:, :20].reshape(-1, 3))
    skin = colour_model(photo[:, 10:].reshape(-1, 3))
    before, after = (
        c.odds(photo) for c in (HairColours(hair, skin), HairColours(hair, skin).unlike_skin())
    )
    assert after[:, :10].min() > 2
    assert np.abs(before[:, 10:20]).max() < 2 and after[:, 10:20].max() < -2


def test_hair_of_the_skins_colours_keeps_its_own() -> None:
    photo = painted(BROWN, WHITE)
    hair = colour_model(photo.reshape(-1, 3))
    assert HairColours(hair, hair).unlike_skin().hair is hair
