"""What the page says."""

from space.settings import KEEP_FILES_S, MAX_UPLOAD_MB

TITLE = "dasl · a 3D head from one photo"

HEADER = """
<header class="masthead">
<h1>One photo in, a 3D head out</h1>
<p>A textured head that you can turn and animate, its 68 landmarks, its pose and expression,
and how much to trust them. Computed on this server, with open code.</p>
</header>
"""

HINT = "Choose an example, or bring a photo: upload, webcam, or paste."

PRIVACY = (
    f"**Your photo stays here.** It is used for this answer only, never sent to anyone else, never "
    f"used for training, and deleted with all results after about {KEEP_FILES_S // 60} minutes. "
    f"Up to {MAX_UPLOAD_MB} MB: JPEG, PNG, WebP, TIFF."
)

TROUBLE = (
    "Something went wrong on this server, not with your photo. Please try again in a moment; if "
    "it happens again, please open an issue."
)

NOT_READY = "The model is not ready on this server; its owner finds the reason in the log."

FORGOTTEN = "This result is no longer kept; please choose the photo again."

NO_RECORDS = """
### Nothing of this kind here yet

No row of the chosen origin. A measured row appears once a submission has been scored:

```
python -m eval score aflw2000-3d SUBMISSION.npz --root DATA --json eval/records/NAME.json
```
"""

RESULTS = """
**NME** is the normalised mean error in percent of the face's size, lower is better; the headline
is the mean of three yaw bins (0–30°, 30–60°, 60–90°) with its 95 % bootstrap interval. Bold is the
best ranked row.

**Measured** rows were computed by this project's scorer from the method's predictions, image by
image. **Quoted** rows are numbers that their sources print; nobody re-ran them here, their rules
may differ (see remark and source), and they are never ranked. Neither are rows that do not cover
every face.
"""

ABOUT = f"""
## What happens to a photo

1. **Find.** RetinaFace finds every face.
2. **Fit.** A small network (EfficientNet-Lite0) reads a 120 × 120 crop and gives pose, 100 shape
   coefficients and 51 expression weights of a 3D head.
3. **Fit again.** The landmarks of the first pass are drawn into a fourth input channel, and
   the network looks once more, in a mirror. Where the two passes disagree, confidence falls.
4. **Dress.** The photo is sampled onto the head; what it does not show is mirrored or filled in.

The method follows 2DASL (Tu et al., [arXiv 1903.09359](https://arxiv.org/abs/1903.09359)).

## What you can take home

- **GLB**: textured head with 51 morph targets under their ARKit names (`jawOpen`,
  `mouthSmileLeft`, …); opens in Blender, three.js and game engines.
- **OBJ**: mesh, material and texture as a zip.
- **JSON**: pose, expression, identity and landmarks, with the frames explained.

## Limits

- Hair, glasses, hats and beards are not modelled; they end up in the texture.
- One photo does not show depth: the side that is hidden is a guess from many heads.
- The shape is statistical. It is no measurement, and no proof of who somebody is.
- Profiles and covered faces are harder: mind the confidence.

## Privacy

The photo goes to this server and nowhere else. Photos and results are deleted after about
{KEEP_FILES_S // 60} minutes; nothing is kept for training, no history is stored in your
browser, and no analytics run.

## Licences

- Code: Apache-2.0.
- Head model: CC0, made from MakeHuman assets. No licence-gated face model is involved.
- Weights: **research only**, because they were trained on AFLW photographs.
- Example photos: public domain or CC0 (`space/examples/CREDITS.md`).

Please use photos of people who agree to it, and do not pass a made likeness off as real.
"""
