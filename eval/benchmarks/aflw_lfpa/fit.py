"""Fits a sparse linear map from the 68 points to AFLW-LFPA's 34 on the training part.

Each of the 34 points becomes a weighted sum of a few of the 68, with weights that add up to one.
The points and weights are those that minimise the squared distance over the training images in
which the point is visible. Let d_k = p_k - t be the vectors from the true point t to the predicted
points p_k. Since sum(w) = 1, the error is sum(w_k d_k). With G the matrix of mean products of d,
the best weights are w = G^-1 1 / (1' G^-1 1).
Source of this solution: Roweis and Saul 2000, Nonlinear Dimensionality Reduction by Locally Linear
Embedding, the reconstruction weights; our reading: a fixed ridge on the diagonal of G, and G
averaged over images.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.errors import MapError
from eval.scoring.metrics import Float64s, Ints, box_sizes
from eval.submissions.landmarks68 import LANDMARK_COUNT

FOLDS = 5
NEAR_BEST = 1.05  # fewer points are preferred up to this multiple of the best error
LEAST_IMAGES = 50  # a point must be visible in this many images
SET_ASIDE = 3.0  # images with an error above this many medians are outliers and left out
MOST_ROUNDS = 10  # of fitting and removing outliers
WORST_ERROR = 0.15  # of the face's size; above it predictions and truth do not match
STEADY = 1.0 - 1e-9  # a swap must lower the cost by more than rounding error


@dataclass(frozen=True)
class FitSettings:
    """The regularisation of a fit.

    Attributes:
        ridge: added to the diagonal of G, in squared face sizes, > 0; pulls weights that the data
            do not determine towards equal ones.
        most_points: at most this many of the 68 points make up one of the 34; 1 to 68.
    """

    ridge: float = 1e-5
    most_points: int = 6

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not 0.0 < self.ridge < np.inf or not 1 <= self.most_points <= LANDMARK_COUNT:
            raise MapError(
                f"ridge must be > 0 and most points 1 to {LANDMARK_COUNT}, got {self.ridge} and "
                f"{self.most_points}; the defaults are {FitSettings.ridge} and "
                f"{FitSettings.most_points}"
            )


@dataclass(frozen=True, eq=False)
class Fit:
    """The result of a fit. Errors are fractions of the size of the 68 predicted points' box.

    Attributes:
        weights: (34, 68), each row adding up to one.
        images: number of images used.
        set_aside: number of outliers, with an error above SET_ASIDE times the median.
        seen: (34,) number of used images in which each point is visible.
        held_out: (34,) root mean square error on images that the weights were not fitted to.
    """

    weights: Float64s
    images: int
    set_aside: int
    seen: Ints
    held_out: Float64s


@dataclass(frozen=True, eq=False)
class Training:
    """Images to fit to.

    Attributes:
        predicted: (N, 68, 2) a method's points, pixels, no NaN, each box larger than 0.
        truth: (N, 34, 2) in the same frame; points not visible are ignored.
        visible: (N, 34) bool, at least one in every image.
    """

    predicted: Float64s
    truth: Float64s
    visible: NDArray[np.bool_]

    def only(self, rows: Ints) -> "Training":
        """The images of these rows."""
        return Training(self.predicted[rows], self.truth[rows], self.visible[rows])


def fit_map(training: Training, settings: FitSettings) -> Fit:
    """Fit to all images except outliers of the fit itself.

    The number of points for each of the 34 is chosen by five-fold cross-validation with the
    one-standard-error rule (Hastie, Tibshirani and Friedman, The Elements of Statistical Learning,
    7.10): the fewest whose error is within one standard error of the best. Our addition: or whose
    root mean square error is within 5 % of the best. With thousands of images the standard error
    is so small that points would be added just to average out a method's noise.

    Args:
        training: predictions and truth.
        settings: the regularisation.

    Raises:
        MapError: a point is visible in too few images, or predictions and truth do not match.
    """
    _check_counts(training)
    kept = training.only(_kept_rows(training, settings))
    _check_counts(kept)
    points = range(training.truth.shape[1])
    fitted = [_fit_point(kept, point, settings) for point in points]
    return Fit(
        weights=np.stack([weights for weights, _ in fitted]),
        images=len(kept.truth),
        set_aside=len(training.truth) - len(kept.truth),
        seen=kept.visible.sum(axis=0),
        held_out=np.array([error for _, error in fitted]),
    )


def _kept_rows(training: Training, settings: FitSettings) -> Ints:
    """Rows of the images that are no outliers: fit and remove outliers until nothing changes."""
    rows = np.arange(len(training.truth))
    for _ in range(MOST_ROUNDS):
        part = training.only(rows)
        weights = [_fullest(part, point, settings) for point in range(part.truth.shape[1])]
        errors = _image_errors(training, np.stack(weights))
        typical = float(np.median(errors))
        before, rows = rows, np.flatnonzero(errors <= SET_ASIDE * typical)
        if np.array_equal(before, rows):
            break
    if typical > WORST_ERROR:
        raise MapError(
            f"no map brings the predictions nearer than {100 * typical:.0f} % of a face's size to "
            f"the true points, wanted below {100 * WORST_ERROR:.0f} %; are they in the pixels of "
            "Landmark.mat, and their ids the numbers of the training images?"
        )
    return rows


def _check_counts(training: Training) -> None:
    """Refuse points that are visible in too few images."""
    seen = training.visible.sum(axis=0)
    if (seen < LEAST_IMAGES).any():
        point = int(np.argmin(seen))
        raise MapError(
            f"point {point + 1} is visible in {seen[point]} usable training images, wanted at "
            f"least {LEAST_IMAGES}; predict all images of the training part"
        )


def _fullest(training: Training, point: int, settings: FitSettings) -> Float64s:
    """(68,) weights of one point with as many others as allowed."""
    products = _products(training, point).sum(axis=0) / training.visible[:, point].sum()
    return _best_weights(products, settings)[-1]


def _fit_point(training: Training, point: int, settings: FitSettings) -> tuple[Float64s, float]:
    """(68,) weights of one point, and its error on images held out."""
    products = _products(training, point)
    counts = np.bincount(np.arange(training.visible[:, point].sum()) % FOLDS, minlength=FOLDS)
    errors = np.empty((FOLDS, settings.most_points))
    for fold in range(FOLDS):
        others = (products.sum(axis=0) - products[fold]) / (counts.sum() - counts[fold])
        paths = np.stack(_best_weights(others, settings))
        errors[fold] = np.einsum("ki,ij,kj->k", paths, products[fold] / counts[fold], paths)
    means = errors.mean(axis=0)
    best = int(np.argmin(means))
    one_error = means[best] + errors[:, best].std(ddof=1) / np.sqrt(FOLDS)
    limit = max(one_error, means[best] * NEAR_BEST**2)
    enough = int(np.flatnonzero(means <= limit)[0])
    final = _best_weights(products.sum(axis=0) / counts.sum(), settings)[enough]
    return final, float(np.sqrt(means[enough]))


def _products(training: Training, point: int) -> Float64s:
    """(FOLDS, 68, 68) sums of d_k . d_l over each fold's images that show a point."""
    rows = training.visible[:, point]
    size = box_sizes(training.predicted[rows])[:, None, None]
    away = (training.predicted[rows] - training.truth[rows, point, None]) / size
    folds = [away[fold::FOLDS] for fold in range(FOLDS)]
    return np.stack([np.einsum("nka,nla->kl", part, part, optimize=True) for part in folds])


def _best_weights(products: Float64s, settings: FitSettings) -> list[Float64s]:
    """(68,) weights for each number of points, 1 to the most allowed.

    Sets of each size are searched by forward selection (add the most useful point) and by backward
    elimination from all 68 (remove the least useful). Then points are swapped for better ones
    until no swap helps.

    Args:
        products: (68, 68) the mean matrix G.
        settings: ridge and the most points.
    """
    ridged = products + settings.ridge * np.eye(len(products))
    thinned = _thinned(ridged, settings.most_points)
    chosen, by_size = np.empty(0, dtype=np.int64), []
    for size in range(1, settings.most_points + 1):
        grown = _swapped(ridged, _extended(ridged, chosen)[0])
        shrunk = _swapped(ridged, thinned[size])
        chosen = min(grown, shrunk, key=lambda subset: _cost(ridged, subset))
        weights = np.zeros(len(products))
        solution = np.linalg.solve(ridged[np.ix_(chosen, chosen)], np.ones(len(chosen)))
        weights[chosen] = solution / solution.sum()
        by_size.append(weights)
    return by_size


def _thinned(ridged: Float64s, most: int) -> dict[int, Ints]:
    """Sets of each size up to `most` by backward elimination from all 68.

    Let A be the inverse of G. Removing point k subtracts a_k a_k' / a_kk from A, and
    sum(a_k)^2 / a_kk from 1' A 1.
    """
    left, inverse = np.arange(len(ridged)), np.linalg.inv(ridged)
    sets: dict[int, Ints] = {}
    while len(left):
        if len(left) <= most:
            sets[len(left)] = left
        worth = inverse.sum(axis=1) ** 2 / np.diag(inverse)
        least = int(np.argmin(worth))
        column = inverse[:, least]
        inverse = inverse - np.outer(column, column) / column[least]
        inverse = np.delete(np.delete(inverse, least, axis=0), least, axis=1)
        left = np.delete(left, least)
    return sets


def _cost(ridged: Float64s, subset: Ints) -> float:
    """Least w' G w of a set of points, weights adding up to one: 1 / (1' G^-1 1) of its block."""
    block = ridged[np.ix_(subset, subset)]
    return float(1.0 / np.linalg.solve(block, np.ones(len(subset))).sum())


def _extended(ridged: Float64s, kept: Ints) -> tuple[Ints, float]:
    """The kept points plus the one that lowers the cost most, and that cost."""
    others = np.setdiff1d(np.arange(len(ridged)), kept)
    sets = np.column_stack([np.tile(kept, (len(others), 1)), others])
    blocks = ridged[sets[:, :, None], sets[:, None, :]]
    gains = np.linalg.solve(blocks, np.ones((*sets.shape, 1))).sum(axis=(1, 2))
    best = int(np.argmax(gains))
    return sets[best], float(1.0 / gains[best])


def _swapped(ridged: Float64s, chosen: Ints) -> Ints:
    """The points after swaps, such that no single swap lowers the cost."""
    cost, improved = _cost(ridged, chosen), True
    while improved:
        improved = False
        for place in range(len(chosen)):
            candidate, candidate_cost = _extended(ridged, np.delete(chosen, place))
            if candidate_cost < cost * STEADY:
                chosen, cost, improved = candidate, candidate_cost, True
    return chosen


def _image_errors(training: Training, weights: Float64s) -> Float64s:
    """(N,) mean error of each image's visible points."""
    distance = np.linalg.norm(weights @ training.predicted - training.truth, axis=-1)
    means = np.mean(distance, axis=1, where=training.visible)
    return np.asarray(means / box_sizes(training.predicted), dtype=np.float64)
