"""What other programs are sent, read by readers that did not write it."""

import csv
import io
import json
import socket
import struct

import numpy as np
import pytest
from pythonosc.osc_packet import OscPacket
from scipy.spatial.transform import Rotation

from dasl.errors import ConfigError
from dasl.head.morphable_model import MorphableModel
from dasl.video.live import live_link
from dasl.video.live.lines import CsvTable, JsonLines
from dasl.video.live.live_link import ORDER, LiveLinkSender
from dasl.video.live.tracker import LiveFace
from dasl.video.live.vmc import VmcSender, unity_quaternion

NAMES = MorphableModel.load().expression_names
WEIGHTS = {name: (at + 1) / 64 for at, name in enumerate(NAMES)}
FACE = LiveFace(2.5, np.eye(3, dtype=np.float32), (30.0, -10.0, 5.0), (0, 0, 1), WEIGHTS, 0.75)


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(5)
        yield listening


def test_vmc_has_every_weight_the_head_and_then_applies_them(receiver):
    sender = VmcSender(*receiver.getsockname())
    sender(FACE)
    sender.close()
    sent = [timed.message for timed in OscPacket(receiver.recv(65536)).messages]
    values = {m.params[0]: m.params[1] for m in sent if m.address == "/VMC/Ext/Blend/Val"}
    assert len(values) == len(NAMES)
    assert values["JawOpen"] == pytest.approx(WEIGHTS["jawOpen"])
    (head,) = (m.params for m in sent if m.address == "/VMC/Ext/Bone/Pos")
    assert head == ["Head", 0, 0, 0, 0, 0, 0, 1]
    assert (sent[0].address, sent[0].params) == ("/VMC/Ext/OK", [1])
    assert sent[-1].address == "/VMC/Ext/Blend/Apply"


def test_vmc_says_when_nobody_is_seen(receiver):
    sender = VmcSender(*receiver.getsockname())
    sender(None)
    sender.close()
    sent = [timed.message for timed in OscPacket(receiver.recv(65536)).messages]
    assert [(m.address, m.params[0]) for m in sent if m.params][:1] == [("/VMC/Ext/OK", 0)]


def test_a_turn_to_the_persons_left_is_one_to_the_left_in_unitys_axes():
    to_plus_x = Rotation.from_euler("y", 90, degrees=True).as_matrix()  # nose to the image's right
    x, y, z, w = unity_quaternion(to_plus_x)
    nose = Rotation.from_quat([x, y, z, w]).apply([0, 0, 1])
    assert nose == pytest.approx([-1, 0, 0])  # the person's left, -x where x is to the right


def test_live_link_reads_as_the_app_s_packets_do(receiver):
    sender = LiveLinkSender(*receiver.getsockname(), rate_hz=30)
    sender(None)  # sends nothing
    sender(FACE)
    sender.close()
    got = receiver.recv(65536)
    version, length = struct.unpack_from("!Bi", got)
    at = 5 + length
    assert (version, length) == (6, 36)
    (length,) = struct.unpack_from("!i", got, at)
    at += 4
    assert got[at : at + length] == b"dasl"
    at += length
    frame, part, rate, denominator, count = struct.unpack_from("!ifiiB", got, at)
    assert (frame, part, rate, denominator, count) == (75, 0.0, 30, 1, 61)
    values = struct.unpack_from("!61f", got, at + 17)
    assert len(got) == at + 17 + 61 * 4
    assert values[17] == pytest.approx(WEIGHTS["jawOpen"])  # JawOpen is the app's 18th
    assert values[43] == pytest.approx(WEIGHTS["browInnerUp"])
    assert values[52:55] == pytest.approx(np.radians(FACE.angles_deg))


def test_live_link_reads_in_a_library_that_did_not_write_it(receiver):
    """PyLiveLinkFace, made for the app's packets; the extra `dev` brings it."""
    library = pytest.importorskip("pylivelinkface", reason="pip install pylivelinkface")
    sender = LiveLinkSender(*receiver.getsockname(), rate_hz=30)
    sender(FACE)
    sender.close()
    has_face, read = library.PyLiveLinkFace.decode(receiver.recv(65536))
    assert has_face and read.name == "dasl"
    shapes = {
        shape.name[0].lower() + shape.name[1:]: read.get_blendshape(shape)
        for shape in library.FaceBlendShape
    }
    for name, weight in WEIGHTS.items():
        assert shapes[name] == pytest.approx(weight), name
    angles = [shapes[name] for name in ("headYaw", "headPitch", "headRoll")]
    assert angles == pytest.approx(np.radians(FACE.angles_deg))


def test_live_link_has_each_of_our_units_once():
    assert sorted(ORDER) == sorted(NAMES)
    assert len(ORDER) + live_link.ANGLES == 61


def test_lines_and_table_hold_what_is_sent():
    lines, table = io.StringIO(), io.StringIO()
    write_line, write_row = JsonLines(lines), CsvTable(table, NAMES)
    for face in (FACE, None):
        write_line(face, 2.5)
        write_row(face, 2.5)
    seen, unseen = map(json.loads, lines.getvalue().splitlines())
    assert unseen == {"time_s": 2.5}
    (row,) = csv.DictReader(io.StringIO(table.getvalue()))
    assert float(row["jawOpen"]) == seen["weights"]["jawOpen"]
    assert (float(row["yaw_deg"]), seen["yaw_deg"]) == (30.0, 30.0)


def test_an_address_that_is_none_is_told():
    with pytest.raises(ConfigError, match="no such address"):
        LiveLinkSender("no.such.host.invalid", 1)
