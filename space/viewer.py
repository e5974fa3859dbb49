"""The interactive head. Orientation and colours of the display; nothing here is saved."""

import gradio as gr

HEIGHT_PX = 520
FACING_THE_HEAD = (90, 84, 0.54)
"""Alpha and beta in degrees, then the distance: in front of a head that looks along +z."""

TRANSPARENT = (0.0, 0.0, 0.0, 0.0)
"""The page's own backdrop shows through, light or dark."""


def head_viewer() -> gr.Model3D:
    """An empty viewer; give it the path of a GLB."""
    return gr.Model3D(
        label="3D head",
        height=HEIGHT_PX,
        camera_position=FACING_THE_HEAD,
        clear_color=TRANSPARENT,
        interactive=False,
        elem_id="head",
    )
