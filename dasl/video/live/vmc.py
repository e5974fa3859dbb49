"""Expression and head rotation as VMC messages over OSC: VSeeFace, Unity, Unreal, Blender, Godot.

Source: https://protocol.vmc.info/english. The protocol has Unity's axes: left-handed, y up, the
face looks along +z. So x is opposite to the model frame's.
"""

import time
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from dasl.errors import ConfigError
from dasl.video.live.tracker import LiveFace

DEFAULT_PORT = 39539
_HEAD = "Head"
_TO_UNITY = np.array([-1.0, 1.0, 1.0])


class VmcSender:
    """Send one bundle per frame by UDP; works without a receiver."""

    def __init__(self, host: str, port: int) -> None:
        """Open a socket.

        Args:
            host: of the receiving program.
            port: its UDP port.

        Raises:
            ConfigError: the package `python-osc` is missing, or the host is unknown.
        """
        try:
            from pythonosc.udp_client import UDPClient
        except ImportError as error:
            raise ConfigError('VMC needs python-osc; run `pip install "dasl[live]"`') from error
        try:
            self._client: Any = UDPClient(host, port)
        except OSError as error:
            raise ConfigError(f"{host}:{port}: no such address ({error.strerror})") from error
        self._start_s = time.monotonic()

    def __call__(self, face: LiveFace | None) -> None:
        """Send a face, or for None the status "not tracking"."""
        from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder

        bundle = OscBundleBuilder(IMMEDIATELY)
        bundle.add_content(_message("/VMC/Ext/OK", int(face is not None)))
        bundle.add_content(_message("/VMC/Ext/T", time.monotonic() - self._start_s))
        if face is not None:
            turned = unity_quaternion(face.rotation)
            bundle.add_content(_message("/VMC/Ext/Bone/Pos", _HEAD, 0.0, 0.0, 0.0, *turned))
            for name, weight in face.weights.items():
                clip = name[0].upper() + name[1:]  # the clip names of "perfect sync" avatars
                bundle.add_content(_message("/VMC/Ext/Blend/Val", clip, weight))
            bundle.add_content(_message("/VMC/Ext/Blend/Apply"))
        self._client.send(bundle.build())

    def close(self) -> None:
        """Close the socket."""
        self._client._sock.close()


def unity_quaternion(rotation: np.ndarray) -> tuple[float, float, float, float]:
    """Convert a rotation (3, 3), model to view, to a quaternion x, y, z, w in Unity's axes."""
    mirrored = rotation * _TO_UNITY[:, None] * _TO_UNITY
    x, y, z, w = Rotation.from_matrix(mirrored).as_quat().tolist()
    return x, y, z, w


def _message(address: str, *values: float | str) -> Any:
    from pythonosc.osc_message_builder import OscMessageBuilder

    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return builder.build()
