"""The demo: `python app.py`, then http://127.0.0.1:7860 (or the port in GRADIO_SERVER_PORT)."""

import logging
import sys
import threading

from eval.errors import RecordError
from space.examples import photo_path
from space.page import build_demo, launch_options
from space.reconstruct.service import ReconstructionService
from space.settings import Settings, SettingsError

EXAMPLE = photo_path("astronaut")


def main() -> None:
    """Build the page, load the model beside it, and serve until interrupted."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = Settings.from_environment()
        service = ReconstructionService.from_settings(settings)
        threading.Thread(target=service.warm_up, args=[EXAMPLE], daemon=True).start()
        demo = build_demo(service, settings.records, settings.boards)
    except (SettingsError, RecordError) as error:
        sys.exit(f"app.py: {error}")
    demo.launch(**launch_options(mcp=settings.mcp))


if __name__ == "__main__":
    main()
