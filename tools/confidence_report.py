"""How well confidence separates good from bad reconstructions: the risk-coverage curve.

    python -m tools.confidence_report --root DIR                  # validation, in two folds
    python -m tools.confidence_report --root DIR --benchmark      # AFLW2000-3D, benchmark crops
    python -m tools.confidence_report --root DIR --plot risk_coverage.png

On the validation split the error is that of `tools.calibrate_confidence`, and each half of the
faces is judged by an error head that has not seen it. On AFLW2000-3D, for reporting alone, it is
the 2D error of the 68 points, and the confidence that of the weights. How far the errors by its two
annotations agree says how well an error can be foretold there at all.
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import spearmanr
from tqdm import tqdm

from dasl.commands.options import add_model_option
from dasl.commands.predict import predictions
from dasl.errors import ConfigError, DaslError
from dasl.head.landmark_file import head_of_weights
from dasl.network.confidence import confidence_from_nme
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.weights.folder import load_judge, weights_folder
from eval.benchmarks.aflw2000.data import load_benchmark
from eval.errors import EvalError
from eval.scoring.metrics import box_sizes, nme
from tools.calibrate_confidence import out_of_fold
from tools.data_root import parse, parser_with_root
from tools.judged_faces import ERROR_FACES, UNDAMAGED, known_errors, network_of, photos

Floats = NDArray[np.float64]

COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5)
CURVE_FROM = 0.2
"""Smallest share of faces on the curve; means over fewer are too noisy."""


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = parser_with_root(__doc__)
    add_model_option(parser)
    parser.add_argument("--benchmark", action="store_true", help="AFLW2000-3D, to report only")
    parser.add_argument("--plot", type=Path, help="also draw the risk-coverage curve")
    options = parse(parser, arguments)
    measure = of_benchmark if options.benchmark else of_validation
    try:
        confidence, error, by_others = measure(options.root, options.model)
    except (DaslError, EvalError) as problem:
        print(f"confidence_report: {problem}", file=sys.stderr)
        return 1
    print(f"{len(error)} faces, error {100 * error.mean():.2f} %")
    print(f"Spearman correlation of confidence and error {rank_correlation(confidence, error):.3f}")
    if by_others is not None:
        print(
            f"by the re-annotated landmarks {rank_correlation(confidence, by_others):.3f}; "
            f"the errors by both annotations: {rank_correlation(error, by_others):.3f}"
        )
    print("| kept | error of these | less | at best |\n|---|---|---|---|")
    for coverage in COVERAGES:
        risks = [risk_at(order, error, coverage) for order in (confidence, -error)]
        less = [f"{100 * (1 - risk / error.mean()):.1f} %" for risk in risks]
        print(f"| {100 * coverage:.0f} % | {100 * risks[0]:.2f} % | {less[0]} | {less[1]} |")
    if options.plot:
        _plot(confidence, error, options.plot)
    return 0


def rank_correlation(ones: Floats, others: Floats) -> float:
    """Spearman's."""
    return float(spearmanr(ones, others).statistic)


def of_validation(root: Path, model: str | None) -> tuple[Floats, Floats, None]:
    """Confidence out of fold, and error of the validation faces that have one."""
    folder = weights_folder(model)
    head = head_of_weights(folder)
    network = network_of(folder, head)
    originals = photos(root, ERROR_FACES)
    judge = load_judge(folder)
    if judge is None:
        raise ConfigError("these weights have no confidence; run tools.calibrate_confidence")
    known = known_errors(network, head, originals, judge.cover_network)
    plain = known.validation.kinds == UNDAMAGED
    expected = out_of_fold(known)[plain]
    error = known.validation.faces.nme[plain]
    return confidence_from_nme(expected).astype(np.float64), error.astype(np.float64), None


def of_benchmark(root: Path, model: str | None) -> tuple[Floats, Floats, Floats]:
    """Confidence and 2D errors of the faces of AFLW2000-3D, in the crops of the benchmark.

    The errors are by the original and by the re-annotated landmarks.
    """
    benchmark = load_benchmark(root)
    rows = predictions(FaceReconstructor.from_pretrained(model), benchmark, "benchmark")
    faces = list(tqdm(rows, total=len(benchmark.ids), desc="predict", unit="face", disable=None))
    again = load_benchmark(root, reannotated=True)
    points = np.stack([face.landmarks[:, :2] for face in faces])
    original, other = (
        nme(points, truth, box_sizes(truth))
        for truth in (benchmark.landmarks68[..., :2], again.landmarks68)
    )
    return np.array([face.confidence for face in faces]), original, other


def risk_at(confidence: Floats, error: Floats, coverage: float) -> float:
    """Mean error of the most confident share of the faces."""
    kept = np.argsort(-confidence, kind="stable")[: max(1, round(coverage * len(error)))]
    return float(error[kept].mean())


def _plot(confidence: Floats, error: Floats, path: Path) -> None:
    coverages = np.linspace(CURVE_FROM, 1.0, 81)
    figure = Figure(figsize=(5, 3.2), layout="constrained")
    axes = figure.subplots()
    for label, order, colour in (
        ("by confidence", confidence, "#1f5fbf"),
        ("by the true error (best possible)", -error, "#999999"),
    ):
        risks = [100 * risk_at(order, error, coverage) for coverage in coverages]
        axes.plot(100 * coverages, risks, label=label, color=colour)
    axes.set(xlabel="faces kept, %", ylabel="mean error of these, %")
    axes.grid(alpha=0.3)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    raise SystemExit(main())
