"""What the page says."""

from space.settings import KEEP_FILES_S, MAX_CLIP_S, MAX_UPLOAD_MB

TITLE = "dasl · a 3D head from one photo"

DESCRIPTION = (
    "One photo of a face in, a textured 3D head out: turn it, light it, animate it, take it home."
)
HEAD = f"""
<meta name="description" content="{DESCRIPTION}">
<meta property="og:title" content="{TITLE}">
<meta property="og:description" content="{DESCRIPTION}">
<meta property="og:type" content="website">
"""
"""Of the page: what search engines and links to it show."""

HEADER = """
<header class="masthead">
<h1>One photo in, a 3D head out</h1>
<p>Turn it, light it, let it smile, and take it home. Made on this server, with open code.</p>
</header>
"""

HINT = "Choose an example, or bring a photo: upload, webcam, or paste."

GREETING = (
    "This head was made from the small photo beside it, the first example. Turn it, press Play, "
    "lay it on the photo; then bring a photo of your own."
)
GREETING_PLAIN = (
    "This head was made from the first example; without the page’s scripts it can be turned, not "
    "animated. Bring a photo of your own: upload, webcam, or paste."
)
GREETING_STILL = (
    "A picture of the head that was made from the first example: this browser has no WebGL to turn "
    "it. Bring a photo of your own; every file of its head can be downloaded."
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
