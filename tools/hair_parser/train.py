"""Train the hair network on the pictures of `tools.hair_parser.label`.

    python -m tools.hair_parser.train runs/hair.safetensors    # into the embedded weights
    python -m tools.hair_parser.train runs/few.safetensors --steps 50 --output /tmp/hair.onnx

A step has 24 faces of AFLW and 8 of the portraits 001-030; weights are averaged. It prints the
intersection over union of hair and hats with the labels of the portraits 031-050, which are not
learned from. A thousand steps take five minutes on two cores.
"""

import argparse
import copy
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import Tensor
from tqdm import tqdm

from dasl.atomic_files import write_files
from dasl.network.hair_parser import HAIR_FILE, PARTS, STEP
from dasl.weights.folder import EMBEDDED_FOLDER
from tools.hair_parser.network import HairNetwork, onnx_bytes
from tools.hair_parser.samples import UNKNOWN, LabelledPicture, sample

STEPS, RATE, WARM_UP, DECAY = 5000, 3e-3, 100, 1e-2
FACES, FACE_SIDE = 24, 128
PORTRAITS, PORTRAIT_SIDE = 8, 192
TRAINED, MEASURED = range(1, 31), range(31, 51)
MISTAKEN = (3, 15, 17, 46)
"""Portraits on which the teacher takes beard, shadow or scarf for hair, or hair for none."""
AVERAGED, REPORTED = 0.998, 500


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labels", type=Path, help="file of tools.hair_parser.label")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--output", type=Path, default=EMBEDDED_FOLDER / HAIR_FILE)
    options = parser.parse_args(arguments)
    faces, portraits = read_faces(options.labels), read_portraits(options.labels)
    network = trained(faces, portraits, options.steps)
    write_files({options.output: onnx_bytes(network)})
    print(f"{options.output}: {100 * measured(network, portraits):.1f} % of hair and hats shared")
    return 0


def read_faces(path: Path) -> list[LabelledPicture]:
    """The faces of a file."""
    with safe_open(path, framework="np") as file:
        layers = [
            file.get_tensor(f"faces.{name}") for name in ("picture", "on_head", "label", "place")
        ]
    return [LabelledPicture(*of_face) for of_face in zip(*layers, strict=True)]


def read_portraits(path: Path) -> dict[int, LabelledPicture]:
    """The portraits of a file by number, without those that the teacher mistook."""
    names = ("picture", "on_head", "label", "place", "share")
    with safe_open(path, framework="np") as file:
        numbers = {int(key[:3]) for key in file.keys() if key[:3].isdigit()}  # noqa: SIM118
        return {
            number: LabelledPicture(*(file.get_tensor(f"{number:03d}.{name}") for name in names))
            for number in sorted(numbers - set(MISTAKEN))
        }


def trained(
    faces: list[LabelledPicture], portraits: dict[int, LabelledPicture], steps: int, seed: int = 0
) -> HairNetwork:
    """Train a network; returns it with averaged weights."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    network = HairNetwork()
    average = copy.deepcopy(network).eval()
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    learned = [portraits[number] for number in TRAINED if number in portraits]
    with tqdm(total=steps, desc="steps", disable=None) as bar:
        for step in range(steps):
            pace = min(1.0, (step + 1) / WARM_UP) * (1 + math.cos(math.pi * step / steps)) / 2
            optimiser.param_groups[0]["lr"] = RATE * pace
            optimiser.zero_grad()
            losses = []
            for of, count, side in (
                (faces, FACES, FACE_SIDE),
                (learned, PORTRAITS, PORTRAIT_SIDE),
            ):
                chosen = random.integers(len(of), size=count)
                planes, labels = _batch([of[row] for row in chosen], side, random)
                losses.append(F.cross_entropy(network(planes), labels, ignore_index=UNKNOWN))
            sum(losses[1:], losses[0]).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            _follow(average, network, min(AVERAGED, (step + 1) / (step + 50)))
            if (step + 1) % REPORTED == 0:
                bar.set_postfix(shared=f"{measured(average, portraits):.3f}")
            bar.update()
    return average


def measured(network: HairNetwork, portraits: dict[int, LabelledPicture]) -> float:
    """Mean intersection over union of hair and hats with the labels of `MEASURED` portraits."""
    of_hair = [PARTS.index("hair"), PARTS.index("hat")]
    shares = []
    for number in MEASURED:
        if number not in portraits:
            continue
        planes = torch.from_numpy(portraits[number].planes())[None]
        height, width = planes.shape[2:]
        planes = F.pad(planes, (0, -width % STEP, 0, -height % STEP), mode="replicate")
        with torch.no_grad():
            odds = network(planes)[0, :, :height, :width]
        found = odds.softmax(dim=0)[of_hair].sum(dim=0).numpy() > 0.5
        wanted = np.isin(portraits[number].label, of_hair)
        shares.append((found & wanted).sum() / max((found | wanted).sum(), 1))
    return float(np.mean(shares))


def _batch(
    of: list[LabelledPicture], side: int, random: np.random.Generator
) -> tuple[Tensor, Tensor]:
    planes, labels = zip(*(sample(each, side, random) for each in of), strict=True)
    return torch.from_numpy(np.stack(planes)), torch.from_numpy(np.stack(labels)).long()


def _follow(average: HairNetwork, network: HairNetwork, share: float) -> None:
    """Move averaged weights towards the network's."""
    with torch.no_grad():
        now = network.state_dict()
        for name, of in average.state_dict().items():
            if of.is_floating_point():
                of.lerp_(now[name], 1 - share)


if __name__ == "__main__":
    sys.exit(main())
