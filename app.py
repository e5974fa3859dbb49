"""The demo: `python app.py`, then http://127.0.0.1:7860 (or the port in GRADIO_SERVER_PORT)."""

import logging
import threading

from eval.errors import RecordError
from eval.program import Work, run_program
from space.settings import Settings, SettingsError
from space.start import leave, prepare_environment, quick_imports

WARM_UP = "warm_up"


def main() -> int:
    """Build the page, load the model beside it, and serve until interrupted."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    return run_program("app.py", _prepared, (SettingsError, RecordError))


def _prepared() -> Work:
    settings = Settings.from_environment()
    prepare_environment()  # before Gradio is imported
    with quick_imports():
        from space.examples import photo_path
        from space.page import build_demo, launch_options
        from space.reconstruct.service import ReconstructionService

    def work() -> int:
        service = ReconstructionService.from_settings(settings)
        example = photo_path("astronaut")
        threading.Thread(target=service.warm_up, args=[example], daemon=True, name=WARM_UP).start()
        demo = build_demo(service, settings.records, settings.boards)
        demo.launch(**launch_options(service, host=settings.host, mcp=settings.mcp))
        return 0

    return work


if __name__ == "__main__":
    leave(main(), while_alive=WARM_UP)
