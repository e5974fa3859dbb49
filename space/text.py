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
