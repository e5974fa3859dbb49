import numpy as np

from dasl.export.hair.colour_model import log_likelihood


def test_colours_like_the_seeds_are_likelier_than_others() -> None:
    rng = np.random.default_rng(0)
    lab = np.zeros((20, 30, 3), np.float32)
    lab[:, :15] = (60, 140, 150)
    lab[:, 15:] = (190, 128, 128)
    lab += rng.normal(0, 2, lab.shape)
    seeds = np.zeros((20, 30), bool)
    seeds[5:10, 2:12] = True
    found = log_likelihood(lab, seeds)
    assert found[:, :15].min() > found[:, 15:].max() + 3


def test_a_mixture_holds_hair_of_two_colours() -> None:
    lab = np.zeros((10, 30, 3), np.float32)
    lab[:, :10], lab[:, 10:20], lab[:, 20:] = (40, 128, 128), (200, 128, 150), (120, 170, 160)
    lab += np.random.default_rng(1).normal(0, 2, lab.shape)
    seeds = np.zeros((10, 30), bool)
    seeds[:, :20] = True
    found = log_likelihood(lab, seeds)
    assert found[:, :20].min() > found[:, 20:].max() + 3
