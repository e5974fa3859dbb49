"""Load test of the demo: waiting times, correct results, memory, and deletion of files.

    python -m tools.load_run                             # 20 clients, 5 photos each
    python -m tools.load_run --clients 4 --photos 2
    python -m tools.load_run --clips 5                   # and five who send the example clip
    python -m tools.load_run --until-deleted             # then waits until files are deleted

Starts `python app.py` and calls its endpoint /reconstruct. Every photo is different (an example
with its own border), so that a result can be matched to its photo. Exits with 1 unless all requests
get the right result and (--until-deleted) no file is left.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gradio_client import Client, handle_file
from PIL import Image, ImageOps
from tqdm import tqdm

from dasl import FaceReconstructor
from space.examples import CLIP, PHOTOS, photo_path
from space.settings import CLEAN_EVERY_S, KEEP_FILES_S
from tools.demo_browser import running_demo

LIKE_PX = 0.5
"""Tolerance for landmarks of the right photo, pixels; another border moves them by at least 1."""


@dataclass(frozen=True)
class Ask:
    """One photo that a client will send, and the expected result."""

    photo: Path
    landmarks: np.ndarray


@dataclass(frozen=True)
class Told:
    """The outcome of a request: seconds, and the problem, if any."""

    seconds: float
    problem: str


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--photos", type=int, default=5, help="photos that each client sends")
    parser.add_argument(
        "--clips", type=int, default=0, help="further clients that send a clip each"
    )
    parser.add_argument(
        "--until-deleted", action="store_true", help="also wait for deletion, about half an hour"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        reconstructor = FaceReconstructor.from_pretrained()
        asks = [
            [ask_of(client, number, folder, reconstructor) for number in range(options.photos)]
            for client in tqdm(range(options.clients), desc="photos", unit="client")
        ]
        files = folder / "of the demo"
        files.mkdir()
        with running_demo(GRADIO_TEMP_DIR=str(files)) as demo:
            one_after_the_other(demo.url, asks[0][:1], folder)  # waits for the model
            print(f"first answer, s    {time.perf_counter() - demo.started:.2f} after the start")
            start = time.perf_counter()
            with ThreadPoolExecutor(options.clients + options.clips) as crowd:
                clips = [crowd.submit(clip_told, demo.url, folder) for _ in range(options.clips)]
                told = crowd.map(lambda asked: one_after_the_other(demo.url, asked, folder), asks)
                together = [one for of_client in told for one in of_client]
                of_clips = [clip.result() for clip in clips]
            seconds = time.perf_counter() - start
            report(together, seconds, demo.peak_memory_mb)
            report_clips(of_clips)
            left = old_files(files) if options.until_deleted else []
    return 1 if left or any(one.problem for one in (*together, *of_clips)) else 0


def ask_of(client: int, number: int, folder: Path, reconstructor: FaceReconstructor) -> Ask:
    """A unique photo, and its landmarks predicted by the library."""
    name = list(PHOTOS)[(client + number) % len(PHOTOS)]
    path = folder / f"client{client}_photo{number}.png"
    border = (2 * client + 1, 2 * number + 1, 0, 0)
    ImageOps.expand(Image.open(photo_path(name)).convert("RGB"), border).save(path)
    return Ask(path, reconstructor(path, strict=True)[0].landmarks)


def one_after_the_other(url: str, asks: Sequence[Ask], folder: Path) -> list[Told]:
    """Send one client's photos one after the other."""
    downloads = tempfile.mkdtemp(dir=folder)
    client = Client(url, verbose=False, download_files=downloads)
    return [told(client, ask) for ask in asks]


def told(client: Client, ask: Ask) -> Told:
    start = time.perf_counter()
    try:
        faces, heads = client.predict(handle_file(str(ask.photo)), api_name="/reconstruct")
        problem = what_is_wrong(faces, heads, ask)
    except Exception as error:  # counted and shown
        problem = f"{type(error).__name__}: {error}"
    return Told(time.perf_counter() - start, problem)


def clip_told(url: str, folder: Path) -> Told:
    """What a client does who sends the example clip."""
    start = time.perf_counter()
    try:
        client = Client(url, verbose=False, download_files=tempfile.mkdtemp(dir=folder))
        people, files = client.predict(handle_file(str(CLIP)), api_name="/video")
        problem = "" if people["people"] and files else "a clip without people or files"
    except Exception as error:  # counted and shown
        problem = f"{type(error).__name__}: {error}"
    return Told(time.perf_counter() - start, problem)


def report_clips(told: Sequence[Told]) -> None:
    problems = [one.problem for one in told if one.problem]
    if told:
        longest = max(one.seconds for one in told)
        print(f"clips              {len(told)}, {len(problems)} errors, longest {longest:.1f} s")
    for problem in sorted(set(problems)):
        print(f"  {problem}", file=sys.stderr)


def what_is_wrong(faces: list, heads: Sequence[str], ask: Ask) -> str:
    """What is wrong with a result; empty if it is that of the photo."""
    if not faces or len(faces) != len(heads):
        return f"{len(faces)} faces, {len(heads)} heads"
    apart = np.abs(np.array(faces[0]["landmarks"]) - ask.landmarks)[:, :2].max()
    if apart > LIKE_PX:
        return f"another photo's landmarks: {apart:.1f} px apart"
    weights, expected = glb_weights(Path(heads[0])), faces[0]["expression"]
    if len(weights) != len(expected):
        return "another photo's head"
    apart = np.subtract(weights, list(expected.values()))
    lids = [name.startswith("eyeWide") for name in expected]
    apart[lids] = apart[lids].clip(max=0)  # a file's eyes are as open as on the photo
    if np.abs(apart).max() > 1e-3:
        return "another photo's head"
    return ""


def glb_weights(path: Path) -> list[float]:
    """The initial expression weights of a GLB."""
    content = path.read_bytes()
    length = int.from_bytes(content[12:16], "little")
    return json.loads(content[20 : 20 + length])["meshes"][0]["weights"]


def report(told: Sequence[Told], seconds: float, peak_mb: float) -> None:
    waits = np.array([one.seconds for one in told])
    problems = [one.problem for one in told if one.problem]
    print(f"requests           {len(told)} in {seconds:.1f} s")
    print(f"right answers      {len(told) - len(problems)}")
    print(f"errors             {len(problems)}")
    print(
        f"wait, s            p50 {np.percentile(waits, 50):.2f}  "
        f"p95 {np.percentile(waits, 95):.2f}  longest {waits.max():.2f}"
    )
    print(f"peak memory, MB    {peak_mb:.0f}")
    for problem in sorted(set(problems)):
        print(f"  {problem}", file=sys.stderr)


def old_files(folder: Path) -> list[Path]:
    """Visitors' files that the demo keeps longer than stated."""
    count, wait_s = len(files_of_visitors(folder)), KEEP_FILES_S + 2 * CLEAN_EVERY_S
    start = time.monotonic()
    with tqdm(total=wait_s, desc="waiting for deletion", unit="s") as bar:
        while (left := files_of_visitors(folder)) and time.monotonic() < start + wait_s:
            time.sleep(10)
            bar.update(10)
    minutes = (time.monotonic() - start) / 60
    print(f"files left         {len(left)} of {count} after {minutes:.0f} minutes")
    return left


def files_of_visitors(folder: Path) -> list[Path]:
    """All files except the demo's own examples."""
    own = {photo_path(name).name for name in PHOTOS}
    return [path for path in folder.rglob("*") if path.is_file() and path.name not in own]


if __name__ == "__main__":
    sys.exit(main())
