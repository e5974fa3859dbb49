"""The texts of the Submit tab."""

from collections.abc import Sequence

from eval.program.data_root import VARIABLE as DATA_VARIABLE
from space.settings import BOARD_VARIABLE, MAX_UPLOAD_MB, BoardSettings
from space.submit.intake import KINDS
from space.submit.tasks import TASKS

FILE_HELP = f"Up to {MAX_UPLOAD_MB} MB: {KINDS}. Nothing in it is unpickled or run."

INTRODUCTION = """
Score your predictions with the code that scored every measured row of the board. Your file is
read, scored and deleted. We keep the record: its means, and the error of each image. The true
points never leave this server.
"""

PUBLISHING = {
    "approve": "The owner of this page approves records before they appear on the board.",
    "at-once": "Records for the board appear on it at once.",
}

FORMAT = """
An **.npz** with `ids` (N,) text, the benchmark's file stems such as `image00002`, and `landmarks`
(N, 68, 3) in the pixels of `pt3d_68`: x right, y down, the first pixel is 1, z with any offset; for
head pose `pose_deg` (N, 3), yaw pitch roll. A face on which the method failed is a row of NaN: it
counts as failed and leaves the row unranked.

```python
import numpy as np
np.savez_compressed("mine.npz", ids=np.array(names), landmarks=points.astype("float32"))
```

A **.csv** has one row per image, `id,x0,y0,z0,…,x67,y67,z67`, or per point, `id,point,x,y,z`.
A **.zip** holds PRNet's `NAME_kpt.txt` files, or `NAME.mat` files with `pt3d_68`.
"""

RESULT_HINT = "The result of what the form says now appears here."
SERVER_PROBLEM = "Something went wrong on this server, not with your file. Please try again later."
SIGN_IN = "Please sign in with your Hugging Face account first; the button is above the form."


def introduction(settings: BoardSettings) -> str:
    """The text above the form."""
    limit = f"The limit is {settings.per_day} files per person in 24 hours."
    return f"{INTRODUCTION}\n{PUBLISHING[settings.publish]} {limit}"


def at_home(commands: Sequence[str] | None = None) -> str:
    """How to score locally.

    Args:
        commands: one for each task; None takes those of all tasks.
    """
    lines = "\n".join(commands or [task.command() for task in TASKS])
    return f"""
We may not pass on the benchmark's photos and annotations. Get AFLW2000-3D from its authors and
unpack it as `DATA/AFLW2000`. Then, in a copy of this repository:

```sh
pip install -r requirements.txt
python -m eval convert YOUR_FILES --root DATA --output SUBMISSION.npz   # what other systems write
{lines}
```

`--json NAME.json` writes the record. To put it on your own board:

```sh
python -m eval add NAME.json --to hf://datasets/USER/BOARD
```
"""


NO_DATA = f"""
### This server has no benchmark data, so it cannot score

Its owner can change that: set `{DATA_VARIABLE}` to the folder with the benchmark's files, and
`{BOARD_VARIABLE}` to the place of the records. Until then, score at home; it is the same code.
"""

API = (
    "Scores a submission file and returns the record without publishing it: means, interval, bins, "
    "regions, warnings. Give the file, the benchmark's label as in the Submit tab, and a name."
)
