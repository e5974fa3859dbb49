"""The whole page and its launch settings."""

import importlib.util
import logging
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from space import examples, text
from space.about.tab import lay_out_about
from space.leaderboard.tab import LeaderboardTab
from space.page.served import CompressHeads, CompressPage, ModelTypes, OwnHead
from space.reconstruct.service import MAX_SIDE, ReconstructionService
from space.reconstruct.tab import ReconstructTab
from space.records import RecordSource
from space.settings import (
    CLEAN_EVERY_S,
    KEEP_FILES_S,
    MAX_SESSIONS,
    MAX_UPLOAD_MB,
    MAX_WAITING,
    MCP_VARIABLE,
    BoardSettings,
)
from space.submit.tab import SubmitTab
from space.theme import STYLES, theme
from space.video.live import LiveTab
from space.video.tab import VideoTab
from space.viewer import WEB_FOLDER, serve_viewer_files

log = logging.getLogger(__name__)


def build_demo(
    service: ReconstructionService, records: Path, boards: BoardSettings | None = None
) -> gr.Blocks:
    """The page, not yet launched.

    Args:
        service: shared by all visitors.
        records: folder with the scorer's records.
        boards: of the Leaderboard and Submit tabs; None takes the defaults.
    """
    boards = boards or BoardSettings()
    source = RecordSource(records, boards.place)
    serve_viewer_files()
    with gr.Blocks(
        title=text.TITLE, analytics_enabled=False, delete_cache=(CLEAN_EVERY_S, KEEP_FILES_S)
    ) as demo:
        gr.HTML(text.HEADER, elem_id="masthead")
        _tell_of_other_weights(demo, service)
        reconstruct, video, live, leaderboard, submit, about = map(gr.Tab, text.TABS)
        with reconstruct:
            ReconstructTab(service, demo)
        with video:
            VideoTab(service.reconstructor)
        with live:
            LiveTab(live, service.weights)
        with leaderboard:
            LeaderboardTab(source, leaderboard)
        with submit:
            SubmitTab(boards, source)
        with about:
            lay_out_about(about, service.weights)
        demo.load(None, js=_START)
    demo.queue(max_size=MAX_WAITING)
    return demo


_START = f"""
() => {{
  const root = (window.gradio_config?.root ?? location.origin).replace(/\\/+$/, "");
  const ours = (name) => import(`${{root}}/gradio_api/file={WEB_FOLDER}/${{name}}.js`);
  ours("first_screen").then((it) => it.handOver());
  ours("address").then((it) => it.followTabs());
  ours("upload").then((it) => it.shrinkPhotos("#photo, #person-photos", {MAX_SIDE}));
}}
"""


def _tell_of_other_weights(demo: gr.Blocks, service: ReconstructionService) -> None:
    """A notice at the top if the owner's weights could not be loaded from the hub."""
    notice = gr.Markdown(visible=False, elem_id="weights-notice")

    def tell() -> Any:
        problem = service.weights.problem if service.weights else ""
        return gr.Markdown(problem, visible=bool(problem))

    demo.load(tell, outputs=[notice], api_visibility="private")


def launch_options(
    service: ReconstructionService | None = None, *, host: str = "", mcp: bool = False
) -> dict[str, Any]:
    """Arguments of `launch`: no stored data, no analytics, no third-party requests.

    Args:
        service: its example is embedded in the page; if None, the page requests it later.
        host: host of the page, for the preview card of links to it; "" if unknown.
        mcp: whether the endpoints are offered as MCP tools too; needs `gradio[mcp]`.
    """
    if mcp and importlib.util.find_spec("mcp") is None:
        log.warning("%s=1 has no effect: pip install 'gradio[mcp]', then start again", MCP_VARIABLE)
        mcp = False
    own_head = Middleware(OwnHead, host, lambda: service.example if service else None)
    return {
        "theme": theme(),
        "css_paths": STYLES,
        "favicon_path": str(WEB_FOLDER / "favicon.svg"),
        "allowed_paths": [str(examples.FOLDER)],  # independent of the working folder
        "max_file_size": f"{MAX_UPLOAD_MB}mb",
        "state_session_capacity": MAX_SESSIONS,
        "run_history": False,
        "ssr_mode": False,
        "mcp_server": mcp,
        "show_error": False,
        "footer_links": ["api"],
        "app_kwargs": {
            "middleware": [
                Middleware(CompressPage, quality=5),
                # a fifth of the time for files an eighth larger; others wait meanwhile
                Middleware(CompressHeads, quality=2),
                Middleware(ModelTypes),
                own_head,
            ]
        },
    }
