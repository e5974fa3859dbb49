"""The Live tab: a camera drives an animated head, entirely in the visitor's browser."""

import gradio as gr

from dasl.errors import WeightsError
from dasl.video.browser.cache import browser_files
from space.problems import public_words
from space.viewer import WEB_FOLDER
from space.weights_choice import WeightsChoice

_MOUNT = """
const root = (window.gradio_config?.root ?? location.origin).replace(/\\/+$/, "");
const mount = () => {
  if (!props.value || element.querySelector("live-face")) return;
  element.replaceChildren();
  if (props.value.problem) { element.textContent = props.value.problem; return; }
  import(`${root}/gradio_api/file=${props.module}`)
    .then(() => {
      const face = document.createElement("live-face");
      face.dataset.model = `${root}/gradio_api/file=${props.value.model}/`;
      element.append(face);
    })
    .catch((error) => {
      console.warn("live-face:", error.message);
      element.textContent = "Live needs the page's scripts, which this browser blocks.";
    });
};
mount();
watch("value", mount);
"""


class LiveTab:
    """Builds the tab inside the current Blocks; the server only provides files."""

    def __init__(self, tab: gr.Tab, weights: WeightsChoice | None) -> None:
        """Lays out the component; the model's files are made when the tab is first opened.

        Args:
            tab: the enclosing tab.
            weights: the tracker's weights; None takes the embedded ones.
        """
        self._weights = weights
        face = gr.HTML(
            html_template="<p>Loading …</p>",
            js_on_load=_MOUNT,
            module=str(WEB_FOLDER / "live" / "live.js"),
            apply_default_css=False,
            elem_id="live",
        )
        tab.select(self._files, outputs=face, api_visibility="private", show_progress="hidden")

    def _files(self) -> dict[str, str]:
        """The path of the model's files, or why there are none."""
        try:
            chosen = (self._weights.source, self._weights.revision) if self._weights else ()
            folder = browser_files(*chosen)
        except WeightsError as error:
            return {"problem": public_words(str(error))}
        gr.set_static_paths([folder])
        return {"model": folder.as_posix()}
