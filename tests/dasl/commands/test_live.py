"""`python -m dasl live`: a clip as the camera, a stand-in for the program that receives."""

import json
import socket

import pytest
from pythonosc.osc_packet import OscPacket

from tests.dasl.conftest import run_command
from tests.dasl.video.moving_head import moving_head
from tools.moving_head import write_clip

pytestmark = pytest.mark.usefixtures("weights_loaded_once")

FRAMES = 6


@pytest.fixture(scope="module")
def clip_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return write_clip(path, moving_head(24).frames[:FRAMES])


@pytest.fixture
def receivers():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as vmc,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as live_link,
    ):
        for one in (vmc, live_link):
            one.bind(("127.0.0.1", 0))
            one.settimeout(5)
        yield vmc, live_link


def test_every_frame_of_a_clip_reaches_all_receivers(clip_file, receivers, tmp_path, capsys):
    vmc, live_link = receivers
    table = tmp_path / "moves.csv"
    addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in receivers]
    arguments = ["--vmc", addresses[0], "--live-link", addresses[1], "--csv", table, "--json"]
    assert run_command("live", "--clip", clip_file, "--at-once", *arguments) == 0
    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert len(lines) == FRAMES and all("weights" in line for line in lines)
    assert len(table.read_text().splitlines()) == FRAMES + 1
    for line in lines:
        sent = [timed.message.params for timed in OscPacket(vmc.recv(65536)).messages]
        weights = {params[0]: params[1] for params in sent if len(params) == 2}
        assert weights["JawOpen"] == pytest.approx(line["weights"]["jawOpen"], abs=1e-4)
        assert b"dasl" in live_link.recv(65536)
    assert f"{FRAMES} frames, a face on {FRAMES}" in told.err


def test_a_camera_that_is_not_there_is_told(capsys):
    assert run_command("live", "--camera", "97") == 1
    assert "camera 97 cannot be opened" in capsys.readouterr().err


@pytest.mark.parametrize("address", [":39539", "here:port", "here:70000"])
def test_an_address_must_be_a_host_and_a_port(address, capsys):
    with pytest.raises(SystemExit, match="2"):
        run_command("live", "--camera", "0", "--vmc", address)
    assert "wanted HOST or HOST:PORT" in capsys.readouterr().err
