"""Tests of what is known of a head before a photo: where hair grows, what is believed."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from dasl.texture.prior import SurfacePrior, surface_prior
from dasl.texture.surface_edges import edges_of
from tests.dasl.painted_head import head_model


@pytest.fixture(scope="module")
def prior() -> SurfacePrior:
    return surface_prior(head_model())


@pytest.fixture(scope="module")
def mean() -> np.ndarray:
    return head_model().mean_vertices


def region(name: str) -> np.ndarray:
    return head_model().region(name)


def test_hair_grows_on_the_scalp_and_nowhere_else(prior: SurfacePrior, mean: np.ndarray) -> None:
    assert prior.hair[(mean[:, 1] > 0.12)].min() > 0.95
    assert prior.hair[(mean[:, 2] < -0.15) & (mean[:, 1] > 0.0)].min() > 0.95
    for name in ("eyes", "nose", "mouth", "jaw", "teeth", "eyeballs"):
        assert prior.hair[region(name)].max() < 0.05, name
    assert prior.hair[mean[:, 1] < -0.08].max() < 0.05
    scalp = mean[(prior.hair > 0.95) & ~region("ears")]
    from_scalp, _ = cKDTree(scalp).query(mean[region("ears")])
    assert np.quantile(prior.hair[region("ears")][from_scalp > 0.012], 0.95) < 0.05


def test_hair_reaches_the_skin_around_the_ears_without_a_step(prior: SurfacePrior) -> None:
    first, second = edges_of(head_model().triangles).T
    into_ears = (prior.hair[first] > 0.99) & region("ears")[second]
    assert into_ears.sum() > 10
    assert np.mean(prior.hair[second[into_ears]]) > 0.5


def test_the_photo_is_believed_on_the_face(prior: SurfacePrior) -> None:
    assert np.quantile(prior.trust[region("nose")], 0.05) > 0.9
    assert np.median(prior.trust[region("face")]) > 0.99


@pytest.mark.parametrize("name", ["teeth", "tongue", "inner_mouth"])
def test_the_photo_is_not_believed(prior: SurfacePrior, name: str) -> None:
    assert prior.trust[region(name)].max() < 0.01


def test_the_photo_is_not_believed_on_the_neck_and_the_rims_of_the_upper_lids(
    prior: SurfacePrior, mean: np.ndarray
) -> None:
    assert prior.trust[mean[:, 1] < -0.1].max() < 0.01
    assert prior.trust[prior.lash > 0.9].max() < 0.1
    assert (prior.lash > 0.9).sum() >= 6


def test_all_that_is_known_is_the_same_left_and_right(prior: SurfacePrior) -> None:
    mirror = head_model().mirror_vertex
    for name in ("trust", "hair", "ear", "lip", "lash", "eye_region", "middle"):
        values = getattr(prior, name)
        np.testing.assert_allclose(values, values[mirror], atol=1e-3, err_msg=name)


def test_light_reaches_the_crown_better_than_the_ears_and_below_the_chin(
    prior: SurfacePrior, mean: np.ndarray
) -> None:
    crown = prior.occlusion[mean[:, 1] > 0.14].mean()
    assert np.quantile(prior.occlusion[region("ears")], 0.05) < 0.85 * crown
    throat = (mean[:, 1] < -0.08) & (mean[:, 2] > -0.06) & region("skin")
    assert prior.occlusion[throat].mean() < 0.9 * crown
    np.testing.assert_allclose(prior.occlusion[region("nose")], 1.0, atol=0.01)


def test_the_cavity_is_dark_red(prior: SurfacePrior) -> None:
    cavity = prior.colour[region("inner_mouth")]
    assert (cavity[:, 0] > cavity[:, 1] + 30).all()


def test_rows_of_the_laplacian_sum_to_nothing(prior: SurfacePrior) -> None:
    assert abs(prior.laplacian.sum(axis=1)).max() < 1e-9
