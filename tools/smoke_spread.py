"""Dependence of the smoke training's final error on processor, threads and seed.

    python -m tools.smoke_spread                    # 15 trainings, 8 minutes of one core
    python -m tools.smoke_spread --seeds 0 --threads 1 --instructions AVX2 SSE41

Trains `configs/smoke.yaml` once for each seed and number of threads, and on one thread with each of
oneDNN's older instruction sets, which round like other processors. Prints a table: mean of yaw bins
after the second pass, percent of the face's size.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

CONFIG = Path(__file__).parents[1] / "configs/smoke.yaml"


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--instructions", nargs="*", default=["AVX2", "SSE41"])
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--set", dest="overrides", action="append", default=[], help="as of train")
    options = parser.parse_args(arguments)
    machines = [(threads, "DEFAULT") for threads in options.threads]
    machines += [(1, name) for name in options.instructions]
    ends = []
    print("| threads | instructions | " + " | ".join(f"seed {s}" for s in options.seeds) + " |")
    print("|---" * (2 + len(options.seeds)) + "|", flush=True)
    with tqdm(total=len(machines) * len(options.seeds), unit="training") as bar:
        for threads, instructions in machines:
            row = []
            for seed in options.seeds:
                overrides = [*options.overrides, f"run.seed={seed}"]
                row.append(end_of_training(options.config, overrides, threads, instructions))
                bar.update()
            cells = (f"{100 * end:.1f}" for end in row)
            print(f"| {threads} | {instructions} | {' | '.join(cells)} |", flush=True)
            ends += row
    print(f"\nfrom {100 * min(ends):.1f} to {100 * max(ends):.1f} % in {len(ends)} trainings")
    return 0


def end_of_training(config: Path, overrides: list[str], threads: int, instructions: str) -> float:
    """Mean of bins, second pass, of one training in a separate process."""
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": str(threads),
        "ONEDNN_MAX_CPU_ISA": instructions,
    }
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "dasl", "train", str(config)]
        for override in (*overrides, f"run.output={folder}"):
            command += ["--set", override]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return float(json.loads(done.stdout)["second"]["mean_of_bins"])


if __name__ == "__main__":
    raise SystemExit(main())
