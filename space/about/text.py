"""The texts of the About tab."""

from space.settings import KEEP_FILES_S

INTRODUCTION = """
The method follows 2DASL (Tu et al., [arXiv 1903.09359](https://arxiv.org/abs/1903.09359)): a small
network reads pose, shape and expression of a 3D head from a crop of the photo **and a map of
landmarks**. No landmarks needed: a first pass predicts them, a second uses them.
"""

DETAILS = f"""
## Downloads

- **GLB**: textured head with a morph target for each expression under their ARKit names (`jawOpen`,
  `mouthSmileLeft`, …); opens in Blender, three.js and game engines.
- **VRM**: the head as an avatar, with bones for neck and eyes, for VTuber programs.
- **OBJ, PLY, STL, USDZ**: mesh with texture, with colours, for printing, for Apple's viewers; with
  the expression that the viewer shows.
- **JSON**: pose, expression, identity and landmarks, with the frames explained.

## Train it on your own faces

```sh
pip install -e ./dasl-eval -e '.[train]'
python -m dasl train configs/lite0.yaml --root DATA  # DATA/faces_2d: see dasl/datasets/face_rows.py
python -m dasl push user/repo --model runs/lite0/weights
```

A Space of your own then takes them: `python -m space deploy user/space --weights user/repo
--revision COMMIT`.

## Use it from a program

```python
from gradio_client import Client, handle_file

client = Client("http://127.0.0.1:7860")
faces, heads = client.predict(handle_file("photo.jpg"), api_name="/reconstruct")
rows = client.predict("aflw2000-3d", api_name="/leaderboard")
```

## Limits

- Glasses and beards are not modelled; they end up in the texture. Hair or a hat is a rough shell;
  you can take it off.
- One photo does not show depth: the hidden side is a guess from many heads.
- The shape is statistical. It is no measurement, and no proof of who somebody is.
- Profiles and covered faces are harder: check the confidence.

## Privacy

The photo goes to this server and nowhere else. Photos, clips, submissions and results are deleted
after about {KEEP_FILES_S // 60} minutes; nothing is kept for training, no history is stored in
your browser, and no analytics run. For board submissions we keep the record: your text, the means,
and per-image errors. Submission counts are kept in memory under a salted hash.

## Licences

- Code: Apache-2.0.
- Head model: CC0 base (MakeHuman assets), statistics of an MIT-licensed scan model (ICT-FaceKit).
  No licence-gated face model is involved.
- Weights "best": **research only**, because they were trained on AFLW photographs.
- Weights "open": Apache-2.0, for any use. They were trained on rendered people and CC0 portraits.
- Example photos: public domain or CC0 (`space/examples/CREDITS.md`).

Please use photos of people who agree to it, and don't present a generated likeness as real.
"""


def weights_in_use(words: str) -> str:
    """A sentence that names the weights in use."""
    return f"Heads are made here with {words}."
