import gradio as gr

from space.components import DownloadRow, _made, board_hint, done_status, problem_status


def test_the_row_has_a_button_for_each_file_and_waits_hidden():
    with gr.Blocks() as demo:
        row = DownloadRow(["GLB", "CSV"], elem_id="files")
        row.connect(lambda name, answer: None, gr.State())
    buttons = [block for block in demo.blocks.values() if isinstance(block, gr.Button)]
    assert [button.value for button in buttons if button.elem_id is None] == ["GLB", "CSV"]
    assert buttons[0].variant == "primary"
    assert row.row.visible is False


def test_no_file_leaves_nothing_to_click(tmp_path):
    assert _made(lambda name, answer: None, "GLB", None) is None
    assert _made(lambda name, answer: tmp_path / answer, "GLB", "a.glb") == f"{tmp_path}/a.glb"


def test_a_message_is_never_html():
    words = "<script>alert(1)</script> is not an image"
    html = problem_status(words) + done_status("done", words) + board_hint(words)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
