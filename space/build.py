"""The whole page, and the settings that it is launched with."""

from pathlib import Path
from typing import Any

import gradio as gr

from space import text
from space.reconstruct_tab import ReconstructTab
from space.results_tab import ResultsTab
from space.service import ReconstructionService
from space.settings import CLEAN_EVERY_S, KEEP_FILES_S, MAX_SESSIONS, MAX_UPLOAD_MB, MAX_WAITING
from space.theme import STYLE, theme


def build_demo(service: ReconstructionService, records: Path) -> gr.Blocks:
    """The page, not yet launched.

    Args:
        service: shared by all visitors.
        records: folder with the scorer's records.
    """
    with gr.Blocks(
        title=text.TITLE, analytics_enabled=False, delete_cache=(CLEAN_EVERY_S, KEEP_FILES_S)
    ) as demo:
        gr.HTML(text.HEADER, elem_id="masthead")
        with gr.Tab("Reconstruct"):
            ReconstructTab(service)
        with gr.Tab("Results"):
            ResultsTab(records, demo)
        with gr.Tab("About"):
            gr.Markdown(text.ABOUT, elem_id="about")
    demo.queue(max_size=MAX_WAITING)
    return demo


def launch_options() -> dict[str, Any]:
    """Arguments of `launch`: nothing is kept, counted or fetched from elsewhere."""
    return {
        "theme": theme(),
        "css_paths": [STYLE],
        "max_file_size": f"{MAX_UPLOAD_MB}mb",
        "state_session_capacity": MAX_SESSIONS,
        "run_history": False,
        "ssr_mode": False,
        "show_error": False,
        "footer_links": ["api", "settings"],
    }
