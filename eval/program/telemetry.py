"""Turns off the telemetry of libraries, before any of them is imported.

Each library reads its variable once, at import. Values set by the user are kept.
"""

import os

SWITCHES = {
    # ONNX Runtime from 1.29 on: a device id, a database and uploads to Microsoft
    "ORT_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    # Hugging Face: usage counts in addition to downloads
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",
}


def turn_off() -> None:
    """Set every variable of `SWITCHES` that is not set."""
    for name, value in SWITCHES.items():
        os.environ.setdefault(name, value)
