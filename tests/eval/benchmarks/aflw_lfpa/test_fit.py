"""Fitting the map: an invented truth whose map is known must be found."""

import numpy as np
import pytest
from scipy.optimize import minimize

from eval.benchmarks.aflw_lfpa import fit as lfpa_fit
from eval.benchmarks.aflw_lfpa.fit import Fit, FitSettings, Training, fit_map
from eval.errors import MapError
from tests.eval.lfpa_files import NOISE, invented_landmarks, invented_truth, known_weights

pytestmark = pytest.mark.long

SETTINGS = FitSettings(most_points=4)


def invented_training(count: int = 400, noise: float = NOISE) -> Training:
    faces = invented_landmarks(count, seed=4)
    points, visible = invented_truth(faces, seed=5, noise=noise)
    return Training(faces[..., :2], np.where(visible[..., None], points, -1.0), visible)


@pytest.fixture(scope="module")
def fit() -> Fit:
    return fit_map(invented_training(), SETTINGS)


def test_the_known_map_is_found(fit: Fit) -> None:
    known = known_weights()
    # Every point that the truth is made of is chosen, and hardly any other.
    assert (fit.weights[known != 0] != 0).all()
    assert ((fit.weights != 0) & (known == 0)).sum() <= 3
    assert np.abs(fit.weights - known).max() < 0.03
    assert fit.weights.sum(axis=1) == pytest.approx(np.ones(34))


def test_the_held_out_error_is_the_noise(fit: Fit) -> None:
    # Noise of NOISE face sizes in x and in y: sqrt(2) times that in length.
    assert fit.held_out == pytest.approx(np.full(34, np.sqrt(2.0) * NOISE), rel=0.15)
    assert (fit.images, fit.set_aside) == (400, 0)
    assert (fit.seen == invented_training().visible.sum(axis=0)).all()


def test_lost_faces_are_set_aside_and_change_little(fit: Fit) -> None:
    training = invented_training()
    lost = training.predicted.copy()
    lost[:12] += 500.0  # beside the face
    spoilt = fit_map(Training(lost, training.truth, training.visible), SETTINGS)
    assert spoilt.set_aside == 12 and spoilt.images == 388
    assert np.abs(spoilt.weights - fit.weights).max() < 0.05


def test_hidden_points_play_no_part() -> None:
    training = invented_training(200)
    other = np.where(training.visible[..., None], training.truth, 1e4)
    first = fit_map(training, FitSettings(most_points=2))
    second = fit_map(Training(training.predicted, other, training.visible), FitSettings(1e-5, 2))
    assert (first.weights == second.weights).all()


def test_weights_are_the_minimum_that_an_optimiser_finds() -> None:
    training = invented_training(100)
    settings = FitSettings(ridge=1e-4, most_points=3)
    rows = training.visible[:, 3]
    predicted, truth = training.predicted[rows], training.truth[rows, 3]
    size = np.sqrt(np.prod(np.ptp(predicted, axis=1), axis=1))[:, None]
    weights = lfpa_fit._fullest(training, 3, settings)
    chosen = np.flatnonzero(weights)

    def cost(free: np.ndarray) -> float:
        w = np.append(free, 1.0 - free.sum())
        away = (np.einsum("k,nkc->nc", w, predicted[:, chosen]) - truth) / size
        return float((away**2).sum(axis=1).mean() + settings.ridge * (w**2).sum())

    found = minimize(cost, np.full(2, 1.0 / 3.0), tol=1e-14).x
    assert weights[chosen] == pytest.approx(np.append(found, 1.0 - found.sum()), abs=1e-4)


def test_two_points_are_the_best_two_of_all() -> None:
    training = invented_training(60)
    weights = lfpa_fit._fullest(training, 1, FitSettings(ridge=1e-6, most_points=2))
    rows = training.visible[:, 1]
    size = np.sqrt(np.prod(np.ptp(training.predicted[rows], axis=1), axis=1))[:, None]
    costs = {}
    for a in range(68):
        for b in range(a):
            p, q = training.predicted[rows, a] / size, training.predicted[rows, b] / size
            t, span = training.truth[rows, 1] / size, p - q
            share = ((t - q) * span).sum() / (span**2).sum()
            costs[b, a] = ((q + share * span - t) ** 2).sum()
    assert tuple(np.flatnonzero(weights)) == min(costs, key=lambda pair: costs[pair])


def test_fewest_points_are_taken_where_more_do_not_help() -> None:
    faces = invented_landmarks(300, seed=6)
    truth = faces[:, :34, :2] + np.random.default_rng(7).normal(size=(300, 34, 2))
    training = Training(faces[..., :2], truth, np.ones((300, 34), dtype=bool))
    weights = fit_map(training, SETTINGS).weights
    assert ((weights != 0).sum(axis=1) == 1).mean() > 0.8
    assert (np.argmax(weights, axis=1) == np.arange(34)).all()


def test_predictions_of_another_frame_are_refused() -> None:
    training = invented_training(100)
    upside_down = training.predicted * [1.0, -1.0] + [0.0, 1200.0]
    with pytest.raises(MapError, match=r"no map brings the predictions nearer than \d+ %"):
        fit_map(Training(upside_down, training.truth, training.visible), SETTINGS)


def test_a_point_that_few_images_show_is_named() -> None:
    training = invented_training(100)
    training.visible[49:, 6] = False
    with pytest.raises(MapError, match=r"point 7 is visible in \d+ usable .* at least 50"):
        fit_map(training, SETTINGS)


@pytest.mark.parametrize(
    ("ridge", "most"), [(0.0, 3), (np.nan, 3), (np.inf, 3), (1.0, 0), (1.0, 69)]
)
def test_settings_out_of_range_are_refused(ridge: float, most: int) -> None:
    with pytest.raises(MapError, match=r"ridge must be > 0 and most points 1 to 68"):
        FitSettings(ridge, most)


def test_a_point_that_only_averages_the_noise_away_is_left_out() -> None:
    # Point 2 lies near point 1 in every face, at an offset of ten times the noise's variance: a
    # twelfth of it in the mean takes a twelfth off the squared error, 4.3 % off its root, which
    # 1,500 images tell from chance with certainty.
    generator = np.random.default_rng(8)
    true = generator.uniform(-150.0, 150.0, size=(1500, 68, 2))
    true[:, 1] = true[:, 0] + generator.normal(scale=np.sqrt(10.0) * 2.0, size=(1500, 2))
    predicted = true + generator.normal(scale=2.0, size=true.shape)
    truth = np.repeat(true[:, :1], 34, axis=1)
    training = Training(predicted, truth, np.ones((1500, 34), dtype=bool))
    products = lfpa_fit._products(training, 0).sum(axis=0) / 1500
    both = lfpa_fit._best_weights(products, FitSettings(most_points=2))[1]
    assert both[:2] == pytest.approx([11.0 / 12.0, 1.0 / 12.0], abs=0.02)
    assert (fit_map(training, FitSettings(most_points=2)).weights[:, 0] == 1.0).all()
