"""The board's table in the page: `<board-table>`, which sorts, filters and opens rows."""

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

    Its event `select` tells of a row that was opened: `place` in the rows' order, and `method`. Its
    event `input` tells of another board in the page's address: `board`, `score` and `rows`, the
    last two may be None.

    Args:
        elem_id: of the component in the page.
    """
    return gr.HTML(
        html_template="<board-table></board-table>",
        js_on_load=_MOUNT,
        module=str(WEB_FOLDER / "board_table.js"),
        apply_default_css=False,
        elem_id=elem_id,
    )
