"""The demo: `python app.py`, then http://127.0.0.1:7860 (or the port in GRADIO_SERVER_PORT)."""

import logging
import os
import threading

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported

from space.build import build_demo, launch_options
from space.service import ReconstructionService
from space.settings import EXAMPLES_FOLDER, Settings


def main() -> None:
    """Build the page, load the model beside it, and serve until interrupted."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    settings = Settings.from_environment(os.environ)
    service = ReconstructionService.from_settings(settings)
    example = EXAMPLES_FOLDER / "astronaut.jpg"
    threading.Thread(target=service.warm_up, args=[example], daemon=True).start()
    build_demo(service, settings.records, settings.boards).launch(**launch_options())


if __name__ == "__main__":
    main()
