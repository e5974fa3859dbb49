"""What the page says."""

from space.settings import KEEP_FILES_S, MAX_CLIP_S, MAX_UPLOAD_MB

TITLE = "dasl · a 3D head from one photo"

HEADER = """
<header class="masthead">
<h1>One photo in, a 3D head out</h1>
<p>A textured head that you can turn and animate, its 68 landmarks, its pose and expression,
and how much to trust them. Computed on this server, with open code.</p>
</header>
"""

HINT = "Choose an example, or bring a photo: upload, webcam, or paste."

GREETING = (
    "This head comes from the first example. Turn it, press Play, move a slider; then bring a "
    "photo of your own: upload, webcam, or paste."
)

EMPTY_VIEWER = "The 3D head appears here: turn it, light it, animate it."

PRIVACY = (
    f"**Your photo stays here.** It is used for this answer only, never sent to anyone else, never "
    f"used for training, and deleted with all results after about {KEEP_FILES_S // 60} minutes. "
    f"Up to {MAX_UPLOAD_MB} MB: JPEG, HEIC, PNG, WebP, AVIF, TIFF. "
    "Animated images: first frame only."
)

CLIP_HINT = (
    f"Upload a clip, or record your webcam. The limit is {MAX_CLIP_S:.0f} s; the rest is ignored."
)

EMPTY_CLIP_VIEWER = "The animated head appears here: it moves as the person on the clip does."

CLIP_PRIVACY = (
    "**Your clip stays here**, as a photo does: used for this answer only, deleted with all "
    f"results after about {KEEP_FILES_S // 60} minutes. Up to {MAX_CLIP_S:.0f} s and "
    f"{MAX_UPLOAD_MB} MB: MP4, MOV, WebM, MKV, AVI, GIF. The film keeps its sound."
)

TROUBLE = (
    "Something went wrong on this server, not with your photo. Please try again in a moment; if "
    "it happens again, please open an issue."
)

NOT_READY = "The model is not ready on this server; its owner finds the reason in the log."

FORGOTTEN = "This result is no longer kept; please bring the photo or clip again."
