#!/bin/sh
# Makes trained weights the embedded ones, scores them once on AFLW2000-3D, and puts the records into
# eval/records and the model card. Choose by validation first: this reads the test set.
#   DASL_DATA_ROOT=DATA tools/release.sh runs/lite0/weights [PYTHON]
set -eu
cd "$(dirname "$0")/.."
weights=${1:?usage: tools/release.sh WEIGHTS_FOLDER [PYTHON]}
python=${2:-python}
: "${DASL_DATA_ROOT:?name the folder with aflw2000_3d and faces_2d}"
records=eval/records

score() { # board, submission, name of the record
  "$python" -m eval score "$1" "$2" --json "$records/$1_$3.json"
}

"$python" -m tools.embed_weights "$weights"
"$python" -m tools.calibrate_identity # of the embedded weights: several photos of one person
"$python" -m tools.quantise_network dasl/assets/lite0 --root "$DASL_DATA_ROOT" # int8.safetensors, which belongs to them
"$python" -m tools.calibrate_confidence # of the embedded weights: the error to expect
"$python" -m tools.people_report # its limits go into dasl/video/people.py by hand
"$python" -m tools.evaluate_turns # photos turned: the limits are in dasl/reconstruction/regressor.py
mkdir -p runs
for boxes in benchmark detector; do
  name="dasl lite0"
  [ "$boxes" = benchmark ] || name="dasl lite0, faces found by its own detector"
  "$python" -m dasl predict aflw2000-3d --boxes "$boxes" --name "$name" --output "runs/ours_$boxes.npz"
  score aflw2000-3d "runs/ours_$boxes.npz" "dasl-lite0_$boxes"
done
score aflw2000-3d-reannotated runs/ours_benchmark.npz dasl-lite0_benchmark
score aflw2000-3d-pose runs/ours_benchmark.npz dasl-lite0_benchmark
"$python" -m tools.embed_weights dasl/assets/lite0 # the card with the records
"$python" -m tools.results_table # README.md and docs/results.md; the figures in its text are by hand
"$python" -m tools.evaluate_rendered
"$python" -m tools.draw_examples
