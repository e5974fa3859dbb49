"""One head from several photos of a person: which photos were used, and why others were not."""

import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from dasl.arrays import RgbImage
from dasl.errors import NoFaceFound, PhotoError
from dasl.export.mesh_files import jpeg_bytes
from dasl.photo.load import load_photo
from dasl.reconstruction.one_person import SOMEBODY_ELSE
from space.problems import public_words
from space.reconstruct.service import Reconstruction, ReconstructionService, clean_name, shrunk

MOST_PHOTOS = 12
"""Most photos of one person; further ones are left out."""

THUMBNAIL_PX = 144


@dataclass(frozen=True, eq=False)
class PersonPhoto:
    """One of the photos.

    Attributes:
        name: name of its file.
        photo: (H, W, 3) uint8 RGB; None if it cannot be read.
        left_out: why it was not used; "" if it was.
    """

    name: str
    photo: RgbImage | None
    left_out: str = ""

    @property
    def is_of_somebody_else(self) -> bool:
        """Whether it was left out because it seems to show another person."""
        return self.left_out == SOMEBODY_ELSE


def person_of_files(
    service: ReconstructionService, paths: Sequence[Path], *, keep_all: bool
) -> tuple[Reconstruction, list[PersonPhoto]]:
    """One head from uploaded files, in the pose of the photo that shows the face best.

    Args:
        service: shared by all visitors.
        paths: paths of the files, of any type.
        keep_all: assume that all photos show the same person.

    Raises:
        NoFaceFound: no photo shows a single face.
        WeightsError: the weights cannot be loaded.
    """
    start = time.perf_counter()
    photos = [_read(path) for path in paths[:MOST_PHOTOS]]
    readable = [at for at, each in enumerate(photos) if each.photo is not None]
    loaded = time.perf_counter()
    if not readable:
        raise NoFaceFound("none of these files is a photo that can be read; choose others")
    images = [photo for each in photos if (photo := each.photo) is not None]
    person = service.person(images, keep_all)
    for left_out in person.left_out:
        at = readable[left_out.index]
        photos[at] = PersonPhoto(photos[at].name, photos[at].photo, left_out.reason)
    photos += [
        PersonPhoto(path.name, None, f"the limit is {MOST_PHOTOS} photos")
        for path in paths[MOST_PHOTOS:]
    ]
    best = next(
        used
        for used, face in zip(person.used, person.faces, strict=True)
        if face.pose is person.face.pose
    )
    seconds = {
        "reading the photos": loaded - start,
        "finding and fitting": time.perf_counter() - loaded,
    }
    name = clean_name(Path(photos[readable[best]].name).stem)
    faces, count = (person.face,), len(person.used)
    return Reconstruction(images[best], faces, 1, seconds, name, tuple(paths), count), photos


def _read(path: Path) -> PersonPhoto:
    try:
        return PersonPhoto(path.name, shrunk(load_photo(path)))
    except PhotoError as error:
        return PersonPhoto(path.name, None, public_words(str(error), path))


def photos_html(photos: Sequence[PersonPhoto]) -> str:
    """The photos as a list of thumbnails; each says whether it was used, or why not."""
    return f'<ol class="person-photos">{"".join(map(_entry, photos))}</ol>' if photos else ""


def _entry(each: PersonPhoto) -> str:
    kind, words = ("left-out", f"Left out: {each.left_out}") if each.left_out else ("used", "Used")
    picture = "" if each.photo is None else f'<img alt="" src="{_thumbnail(each.photo)}">'
    return (
        f'<li class="{kind}">{picture}<span><b>{escape(each.name)}</b>'
        f"<small>{escape(words)}</small></span></li>"
    )


def _thumbnail(photo: RgbImage) -> str:
    small = Image.fromarray(photo)
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    encoded = base64.b64encode(jpeg_bytes(np.asarray(small))).decode()
    return f"data:image/jpeg;base64,{encoded}"
