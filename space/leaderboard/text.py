"""The texts of the Leaderboard tab."""

NOTHING_MEASURED = """
### Nothing of this kind here yet

No row of the chosen kind. A measured row appears once a submission has been scored: in the
**Submit** tab, or at home with

```
python -m eval score aflw2000-3d SUBMISSION.npz --root DATA --json NAME.json
```
"""

HOW_TO_READ = """
Lower is better. **Bold** is the best ranked figure of a column; the interval is a 95 % bootstrap
over images. **Measured** rows were computed here, image by image, from the method's predictions.
**Quoted** rows are numbers that their sources print; nobody re-ran them, so they are never ranked.
Nor are rows that miss a face, use another truth, or are **reported** (only the record was handed
in). Click on a row, or press Enter on it, for details.
"""

CURVES = "### Curves of the selected methods"
COMPARE = "### Which of two methods is better?"
COMPARE_HELP = (
    "Paired, image by image, over the images that both answered, so that a hard face counts alike "
    "for both."
)
API = (
    "Rows of a benchmark's board: measured and quoted, with every figure unrounded. Give the "
    "board's name, such as aflw2000-3d; an unknown one is answered with the names."
)
