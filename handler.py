"""A custom handler for Hugging Face inference endpoints: one photo in, faces out.

Put this file into a weights repository beside `model.safetensors`, with a `requirements.txt` that
installs dasl. The endpoint makes one `EndpointHandler` and calls it for each request:

    {"inputs": "<base64 of a photo's file>", "parameters": {"glb": true}}

A request whose body is a photo itself (`Content-Type: image/jpeg`) arrives as a PIL image.
"""

import base64
import binascii
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from dasl import FaceReconstructor, PhotoError
from dasl.arrays import RgbImage
from dasl.errors import ConfigError
from dasl.photo.load import load_photo

PARAMETERS = ("boxes", "glb")
MAX_BYTES = 32_000_000
"""Of a photo's file."""


class EndpointHandler:
    """The interface that an endpoint calls; its errors become the response's message.

    Example:
        >>> EndpointHandler()({"inputs": Image.new("RGB", (64, 64))})
        {'faces': []}
    """

    def __init__(self, path: str = "") -> None:
        """Load the weights.

        Args:
            path: the repository's folder; "" takes the embedded weights.

        Raises:
            WeightsError: the folder has no weights, or damaged ones.
        """
        self._reconstructor = FaceReconstructor.from_pretrained(Path(path) if path else None)

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Reconstruct the faces of a photo.

        Args:
            data: `inputs`, a photo: base64 text (or a data URL) of a file, bytes of a file, or a
                PIL image; and perhaps `parameters`: `boxes`, tight face boxes x0, y0, x1, y1 in
                pixels, which skip detection, and `glb`, whether to add the textured head.

        Returns:
            `faces`, largest first: the content of `dasl reconstruct --format json`, and with `glb`
            the file as base64 text.

        Raises:
            ConfigError: the request has no photo or unknown parameters.
            PhotoError: the photo cannot be read.
            BoxError: a box is inverted, empty or outside the photo.
        """
        if not isinstance(data, Mapping) or "inputs" not in data:
            raise ConfigError('the request has no photo; send {"inputs": "<base64 of a photo>"}')
        boxes, glb = _parameters(data.get("parameters"))
        faces = []
        for face in self._reconstructor(_photo(data["inputs"]), boxes=boxes):
            document = face.record().document()
            if glb:
                with tempfile.TemporaryDirectory() as folder:
                    path = Path(folder) / "head.glb"
                    face.save(path)
                    document["glb"] = base64.b64encode(path.read_bytes()).decode("ascii")
            faces.append(document)
        return {"faces": faces}


def _parameters(given: Any) -> tuple[Any, bool]:
    """The parameters `boxes` and `glb`."""
    given = {} if given is None else given
    known = ", ".join(PARAMETERS)
    if not isinstance(given, Mapping):
        raise ConfigError(f"parameters must be an object with any of {known}, got {given!r:.80}")
    unknown = [str(name) for name in given if name not in PARAMETERS]
    if unknown:
        raise ConfigError(f"unknown parameters {', '.join(unknown)}; there are {known}")
    glb = given.get("glb", False)
    if not isinstance(glb, bool):
        raise ConfigError(f"glb must be true or false, got {glb!r:.80}")
    return given.get("boxes"), glb


def _photo(inputs: Any) -> RgbImage:
    """The photo of a request."""
    if isinstance(inputs, Image.Image):
        return load_photo(inputs)
    content = _decoded(inputs) if isinstance(inputs, str) else inputs
    if not isinstance(content, bytes):
        raise PhotoError(
            f"inputs must be base64 text of a photo's file, got {type(inputs).__name__}"
        )
    if len(content) > MAX_BYTES:
        raise PhotoError(
            f"the photo's file has {len(content)} bytes, the limit is {MAX_BYTES}; shrink it"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inputs"
        path.write_bytes(content)
        try:
            return load_photo(path)
        except PhotoError as error:  # names the request's field, and no path of the server
            raise PhotoError(str(error).replace(str(path), "inputs")) from None


def _decoded(text: str) -> bytes:
    if text.startswith("data:"):
        _, _, text = text.partition(",")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise PhotoError(
            f"inputs is not base64 text ({error}); encode the photo's file, not its address"
        ) from error
