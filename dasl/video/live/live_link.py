"""Expression and head rotation as packets of Epic's app Live Link Face, version 6, over UDP.

The layout is what Unreal Engine reads from the app: version, device id, subject name, frame time,
then 61 float32, big endian: the 52 ARKit weights in `ORDER`, and yaw, pitch and roll of head, left
eye and right eye in radians. Eye rotations are 0; the gaze is in the weights.
"""

import math
import socket
import struct
import uuid

from dasl.errors import ConfigError
from dasl.video.live.tracker import LiveFace

DEFAULT_PORT = 11111
VERSION = 6
ANGLES = 9
ORDER = (
    *(f"eye{part}{side}" for side in ("Left", "Right") for part in
      ("Blink", "LookDown", "LookIn", "LookOut", "LookUp", "Squint", "Wide")),
    "jawForward", "jawLeft", "jawRight", "jawOpen",
    "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight",
    *(f"mouth{part}{side}" for part in ("Smile", "Frown", "Dimple", "Stretch")
      for side in ("Left", "Right")),
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    *(f"mouth{part}{side}" for part in ("Press", "LowerDown", "UpperUp")
      for side in ("Left", "Right")),
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight",
    "tongueOut",
)  # fmt: skip
"""ARKit names in the packet's order."""


class LiveLinkSender:
    """Send one packet per frame with a face."""

    def __init__(self, host: str, port: int, rate_hz: int = 30, subject: str = "dasl") -> None:
        """Open a socket.

        Args:
            host: of the receiving program.
            port: its UDP port.
            rate_hz: frame rate of the frame numbers.
            subject: name shown by the receiver.

        Raises:
            ConfigError: unknown host.
        """
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.connect((host, port))
        except OSError as error:
            raise ConfigError(f"{host}:{port}: no such address ({error.strerror})") from error
        self._device = str(uuid.uuid5(uuid.NAMESPACE_DNS, subject))
        self._subject, self._rate_hz = subject, rate_hz

    def __call__(self, face: LiveFace | None) -> None:
        """Send a face; for None nothing is sent, and the receiver keeps the last one."""
        if face is None:
            return
        try:
            self._socket.send(packet(face, self._device, self._subject, self._rate_hz))
        except ConnectionRefusedError:  # no receiver yet; UDP reports it one packet late
            return

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def packet(face: LiveFace, device: str, subject: str, rate_hz: int) -> bytes:
    """Encode one packet.

    Args:
        face: to send.
        device: id of the sender, 36 characters.
        subject: name shown by the receiver.
        rate_hz: frame rate of the frame number.
    """
    frame, part = divmod(face.time_s * rate_hz, 1.0)
    yaw_deg, pitch_deg, roll_deg = face.angles_deg
    angles = [math.radians(angle) for angle in (yaw_deg, pitch_deg, roll_deg)]
    values = [*(face.weights[name] for name in ORDER), *angles, *[0.0] * (ANGLES - 3)]
    head = struct.pack("!B", VERSION) + _text(device) + _text(subject)
    clock = struct.pack("!ifii", int(frame), part, rate_hz, 1)
    return head + clock + struct.pack(f"!B{len(values)}f", len(values), *values)


def _text(words: str) -> bytes:
    encoded = words.encode()
    return struct.pack("!i", len(encoded)) + encoded
