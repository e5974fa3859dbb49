"""Expression and head rotation as packets of Epic's app Live Link Face, version 6, over UDP.

The layout is that of the app as Unreal Engine reads it: version, the device's id, the subject's
name, frame time, then 61 float32, big endian: the 52 ARKit weights in `ORDER`, and yaw, pitch and
roll of head, left eye and right eye in radians. Eye rotations stay 0: the weights say where the
eyes look.
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
    """Sends one packet a frame in which there is a face."""

    def __init__(self, host: str, port: int, rate_hz: int = 30, subject: str = "dasl") -> None:
        """Opens a socket.

        Args:
            host: of the program that receives.
            port: its UDP port.
            rate_hz: frames a second that the frame numbers count.
            subject: name that the receiver lists.

        Raises:
            ConfigError: there is no such host.
        """
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.connect((host, port))
        except OSError as error:
            raise ConfigError(f"{host}:{port}: no such address ({error.strerror})") from error
        self._device = str(uuid.uuid5(uuid.NAMESPACE_DNS, subject))
        self._subject, self._rate_hz = subject, rate_hz

    def __call__(self, face: LiveFace | None) -> None:
        """Sends a face; None sends nothing, and the receiver keeps the last one."""
        if face is None:
            return
        try:
            self._socket.send(packet(face, self._device, self._subject, self._rate_hz))
        except ConnectionRefusedError:  # nobody listens yet; UDP tells it one packet late
            return

    def close(self) -> None:
        """Gives the socket back."""
        self._socket.close()


def packet(face: LiveFace, device: str, subject: str, rate_hz: int) -> bytes:
    """One packet's bytes.

    Args:
        face: what it says.
        device: id of the sender, 36 characters.
        subject: name that the receiver lists.
        rate_hz: of the frame number.
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
