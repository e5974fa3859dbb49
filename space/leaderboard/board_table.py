"""The board's table in the page: the element `<board-table>`, with sorting, filter and details."""

import gradio as gr

from space.viewer import WEB_FOLDER

_MOUNT = """
const table = element.querySelector("board-table");
const root = (window.gradio_config?.root ?? location.origin).replace(/\\/+$/, "");
import(`${root}/gradio_api/file=${props.module}`).then(() => {
  const show = () => table.show(props.value || null);
  table.onOpen = (row) => trigger("select", row);
  table.onWant = (asked) => trigger("input", asked);
  show();
  watch("value", show);
});
"""


def board_table(elem_id: str) -> gr.HTML:
    """The table; its value comes from `Table.for_browser`, or is None.

    The event `select` reports an opened row: its `place` in the rows' order, and its `method`. The
    event `input` reports that the page's address names another board: `board`, `score` and `rows`;
    the last two may be None.

    Args:
        elem_id: HTML id of the component.
    """
    return gr.HTML(
        html_template="<board-table></board-table>",
        js_on_load=_MOUNT,
        module=str(WEB_FOLDER / "board_table.js"),
        apply_default_css=False,
        elem_id=elem_id,
    )
