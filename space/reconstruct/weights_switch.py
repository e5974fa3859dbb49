"""The page's switch between the accurate weights and those that anybody may use."""

import gradio as gr

from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.weights.folder import OPEN
from space.reconstruct.service import ReconstructionService

BEST = "best"
NOTE = "Open weights may be used commercially; they are less accurate."


def _load_open() -> FaceReconstructor:
    return FaceReconstructor.from_pretrained(OPEN)


class WeightsSwitch:
    """Chooses the weights that make a visitor's heads.

    Attributes:
        box: the component; its value is `BEST` or "open".
    """

    def __init__(self, best: ReconstructionService) -> None:
        """Create the component; `lay_out` places it. The open weights are loaded at first use.

        Args:
            best: the service of the page's own weights.
        """
        self._services = {BEST: best, OPEN: ReconstructionService(_load_open)}
        chosen = best.weights is not None and best.weights.source is not None
        first = "this page's" if chosen else "best (research only)"
        self.box = gr.Radio(
            [(first, BEST), ("open (any use)", OPEN)],
            value=BEST,
            label="Weights",
            info=NOTE,
            elem_id="weights",
            render=False,
        )

    def lay_out(self) -> None:
        """Place the component in the current Blocks."""
        self.box.render()

    def __call__(self, chosen: str) -> ReconstructionService:
        """The service of the box's value; of the page's weights for an unknown one."""
        return self._services.get(chosen, self._services[BEST])
