"""AFLW-LFPA (the PIFA set) as its readers describe it, read from its folder.

``Landmark.mat`` has ``phisT`` (1299, 102) for the test part and ``phisTr`` (3901, 102) for the
training part. A row holds 34 x, then 34 y, then 34 visibilities. ``BoundingBox.mat`` has one row
of x, y, width, height for each image. The photos are numbered jpgs, but their numbering is not
documented: ids are row numbers from 1, unless the folder of a part's photos is given.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.benchmarks import folders
from eval.errors import BenchmarkError
from eval.scoring.metrics import Float64s
from eval.untrusted.mat import DAMAGE, MatError, read_mat_fields
from eval.untrusted.text import listed

FOLDER_NAMES = ("AFLW-LFPA", "AFLW_LFPA", "aflw_lfpa")
LANDMARK_FILE = "Landmark.mat"
BOX_FILE = "BoundingBox.mat"
POINT_COUNT = 34


@dataclass(frozen=True)
class Part:
    """One of the two parts of the set.

    Attributes:
        name: for messages.
        field: its field in Landmark.mat.
        image_count: number of rows.
    """

    name: str
    field: str
    image_count: int


TEST = Part("test", "phisT", 1299)
TRAINING = Part("training", "phisTr", 3901)


@dataclass(frozen=True, eq=False)
class Lfpa:
    """The faces of one part, in the order of its rows.

    Attributes:
        ids: N image numbers, or the stems of the photos.
        points: (N, 34, 2) float64, x right, y down, pixels as published. Points not visible keep
            the file's values, NaN replaced by 0.
        visible: (N, 34) bool, at least one in every image.
        boxes: (N, 4) float64, x, y, width, height, pixels; None if not requested.
        truth_source: the field and file of the points.
    """

    ids: tuple[str, ...]
    points: Float64s
    visible: NDArray[np.bool_]
    boxes: Float64s | None
    truth_source: str

    @property
    def annotation(self) -> Float64s:
        """(N, 34, 3) x, y and 1 where visible, else 0; the values that hashes cover."""
        return np.concatenate([self.points, self.visible[..., None]], axis=2)


def find_folder(root: str | Path | None) -> Path:
    """The folder that holds Landmark.mat.

    Args:
        root: the folder itself or one that contains it; None takes DASL_DATA_ROOT.

    Raises:
        BenchmarkError: no root is known, or nothing is there.
    """
    return folders.find_folder(
        root,
        FOLDER_NAMES,
        lambda folder: (folder / LANDMARK_FILE).is_file(),
        wanted=f"AFLW-LFPA's {LANDMARK_FILE} and {BOX_FILE}",
        lacks=f"lacks {LANDMARK_FILE}",
        advice="pass --root with the unpacked set, which is hard to obtain: no public copy is "
        "known",
    )


def load_part(
    root: str | Path | None, part: Part, *, with_boxes: bool, photos: Path | None = None
) -> Lfpa:
    """Read one part.

    Args:
        root: see ``find_folder``.
        part: TEST or TRAINING.
        with_boxes: whether BoundingBox.mat is read too.
        photos: folder of exactly this part's numbered jpgs. Their stems, sorted by number, become
            the ids; None numbers the rows from 1.

    Raises:
        BenchmarkError: a missing or partial folder, or a malformed file.

    Example:
        >>> faces = load_part("/data/AFLW-LFPA", TEST, with_boxes=True)  # doctest: +SKIP
        >>> faces.points.shape  # doctest: +SKIP
        (1299, 34, 2)
    """
    folder = find_folder(root)
    path = folder / LANDMARK_FILE
    rows = read_mat_fields(path, [part.field])[part.field]
    wanted = (part.image_count, 3 * POINT_COUNT)
    if rows.shape != wanted or rows.dtype.kind not in "fiu":
        raise BenchmarkError(
            f"{part.field} of {path} must be {wanted} numbers (34 x, 34 y, 34 visibilities a row), "
            f"got {rows.shape} of {rows.dtype}; copy the published file again"
        )
    table = rows.astype(np.float64).reshape(-1, 3, POINT_COUNT)
    ids = _ids(part, photos)
    visible = _visible(table[:, 2], ids, f"{part.field} of {path}")
    points = _points(table[:, :2].transpose(0, 2, 1), visible, ids, f"{part.field} of {path}")
    boxes = _boxes(folder / BOX_FILE, part, ids) if with_boxes else None
    return Lfpa(ids, points, visible, boxes, f"{part.field} of {LANDMARK_FILE}")


def _ids(part: Part, photos: Path | None) -> tuple[str, ...]:
    """The row numbers, or the photos' stems sorted by number."""
    if photos is None:
        return tuple(str(number) for number in range(1, part.image_count + 1))
    if not photos.is_dir():
        raise BenchmarkError(
            f"{photos} is not a folder; pass the one with the {part.name} part's jpgs"
        )
    stems = [path.stem for path in photos.iterdir() if path.suffix.lower() in (".jpg", ".jpeg")]
    number_of = {stem: int(stem) for stem in stems if stem.isascii() and stem.isdigit()}
    ordered = sorted(number_of, key=lambda stem: number_of[stem])
    if len(set(number_of.values())) == len(stems) == part.image_count:
        return tuple(ordered)
    first = number_of[ordered[0]] if ordered else 1
    run = range(first, first + part.image_count)
    missing = [f"{number}.jpg" for number in run if number not in set(number_of.values())]
    strange = sorted(set(stems) - set(number_of))
    raise BenchmarkError(
        f"{photos} holds {len(stems)} jpgs, {len(set(number_of.values()))} of them with a number "
        f"of their own, wanted exactly the {part.name} part's {part.image_count}"
        + (f"; without a number: {listed(strange)}" if strange else "")
        + (f"; missing from {first} on: {listed(missing)}" if missing else "")
        + "; pass the folder with that part alone, or leave the option out"
    )


def _visible(marks: Float64s, ids: tuple[str, ...], where: str) -> NDArray[np.bool_]:
    """(N, 34) whether each point is visible."""
    odd = np.extract(~np.isin(marks, (0.0, 1.0)), marks)
    if odd.size:
        raise BenchmarkError(
            f"the last {POINT_COUNT} columns of {where} must be visibilities of 0 or 1, got "
            f"{odd[0]:g}; is it laid out as 34 x, 34 y, 34 visibilities?"
        )
    visible = marks == 1.0
    blind = [ids[row] for row in np.flatnonzero(~visible.any(axis=1)).tolist()]
    if blind:
        raise BenchmarkError(
            f"{len(blind)} images of {where} show no point ({listed(blind)}), wanted at least one; "
            "copy the published file again"
        )
    return visible


def _points(
    points: Float64s, visible: NDArray[np.bool_], ids: tuple[str, ...], where: str
) -> Float64s:
    """(N, 34, 2) points; the visible ones are checked to be finite."""
    usable = np.asarray(np.isfinite(points).all(axis=2))
    lost = [ids[row] for row in np.flatnonzero((visible & ~usable).any(axis=1)).tolist()]
    if lost:
        raise BenchmarkError(
            f"visible points of {len(lost)} images of {where} are not finite ({listed(lost)}); "
            "copy the published file again"
        )
    return np.asarray(np.where(usable[..., None], points, 0.0), dtype=np.float64)


def _boxes(path: Path, part: Part, ids: tuple[str, ...]) -> Float64s:
    """(N, 4) boxes: the file's only field of one row of four numbers for each image."""
    shapes = _field_shapes(path)
    fitting = [name for name, shape in shapes.items() if shape == (part.image_count, 4)]
    if len(fitting) != 1:
        held = listed([f"{name} {shape}" for name, shape in shapes.items()], 8) or "nothing"
        raise BenchmarkError(
            f"{path} must hold one field of ({part.image_count}, 4) numbers, x, y, width and "
            f"height of the {part.name} part's faces, got {len(fitting)} among {held}; leave one, "
            "or score with --box visible-points"
        )
    boxes = np.asarray(read_mat_fields(path, fitting)[fitting[0]], dtype=np.float64)
    usable = np.isfinite(boxes).all(axis=1) & (boxes[:, 2:] > 0).all(axis=1)
    wrong = [ids[row] for row in np.flatnonzero(~usable).tolist()]
    if wrong:
        raise BenchmarkError(
            f"{fitting[0]} of {path} has {len(wrong)} boxes ({listed(wrong)}) without a positive "
            "width and height in columns 3 and 4, wanted x, y, width, height; copy the published "
            "file again, or score with --box visible-points"
        )
    return boxes


def _field_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Names and MATLAB shapes of a file's fields; the name of the boxes' field is undocumented."""
    # Imported here because it takes half a second, and most commands do not need it.
    import h5py
    from scipy.io import whosmat
    from scipy.io.matlab import MatReadError

    try:
        if not h5py.is_hdf5(path):
            with path.open("rb") as stream:
                return {name: tuple(shape) for name, shape, _ in whosmat(stream)}
        with h5py.File(path) as file:  # version 7.3: HDF5 with reversed axes
            kinds = {name: file.get(name, getlink=True) for name in file}
            plain = [name for name, link in kinds.items() if isinstance(link, h5py.HardLink)]
            return {n: tuple(file[n].shape[::-1]) for n in plain if hasattr(file[n], "shape")}
    except FileNotFoundError as error:
        raise BenchmarkError(
            f"no file {path}; copy it there, or score with --box visible-points"
        ) from error
    except (*DAMAGE, MatReadError) as error:
        raise MatError(f"{path} is not a readable mat file; copy it again") from error
