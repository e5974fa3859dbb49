"""Libraries that would report their use are told not to, before any of them is imported.

Each reads its variable once, at import; a value that the user has set stays.
"""

import os

SWITCHES = {
    # ONNX Runtime from 1.29 on: a device id, a database and uploads to Microsoft
    "ORT_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    # Hugging Face: counts beside the downloads that were asked for
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",
}


def turn_off() -> None:
    """Sets every variable of `SWITCHES` that is not set."""
    for name, value in SWITCHES.items():
        os.environ.setdefault(name, value)
