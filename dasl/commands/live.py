"""`python -m dasl live`: a camera's face to other programs, as it moves."""

import argparse
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from dasl.commands.options import add_network_options
from dasl.errors import ExportError
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.video.live import live_link, vmc
from dasl.video.live.lines import CsvTable, JsonLines
from dasl.video.live.settings import LIVE_FILTER
from dasl.video.live.sources import camera_frames, clip_frames
from dasl.video.live.tracker import LiveFace, LiveTracker

EXAMPLES = """examples:
  python -m dasl live --camera 0 --vmc                    VSeeFace, Unity, Blender
  python -m dasl live --camera 0 --live-link 192.168.0.7  Unreal Engine
  python -m dasl live --camera 0 --json > moves.jsonl
  python -m dasl live --clip clip.mp4 --csv moves.csv --at-once

Ctrl+C ends it. Pictures stay on this machine; only weights and angles are sent.
"""
Send = Callable[[LiveFace | None, float], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `live`."""
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--camera", type=int, metavar="N", help="0 for the first")
    source.add_argument("--clip", type=Path, metavar="CLIP", help="a clip in its place")
    for name, port, what in (
        ("vmc", vmc.DEFAULT_PORT, "VMC messages over OSC"),
        ("live-link", live_link.DEFAULT_PORT, "packets of Live Link Face"),
    ):
        parser.add_argument(
            f"--{name}",
            nargs="?",
            type=_address(port),
            const=("127.0.0.1", port),
            metavar="HOST[:PORT]",
            help=f"send {what}; default: 127.0.0.1:{port}",
        )
    parser.add_argument("--json", action="store_true", help="print one JSON object a frame")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write a table")
    parser.add_argument("--unsmoothed", action="store_true", help="with jitter, without lag")
    parser.add_argument(
        "--at-once", action="store_true", help="a clip's frames as fast as possible, none left out"
    )
    add_network_options(parser)


def run(args: argparse.Namespace) -> int:
    """Follow the face until the clip ends or Ctrl+C is pressed.

    Raises:
        DaslError: camera, clip or an address cannot be opened.
    """
    with ExitStack() as stack:
        reconstructor = FaceReconstructor.from_pretrained(args.model, precision=args.precision)
        tracker = LiveTracker(reconstructor, None if args.unsmoothed else LIVE_FILTER)
        senders = _senders(args, stack, reconstructor.model.expression_names)
        if args.clip is None:
            frames = camera_frames(args.camera)
        else:
            frames = clip_frames(args.clip, args.at_once)
        count = seen = 0
        try:
            for frame in frames:
                face = tracker.update(frame.pixels, frame.time_s)
                for send in senders:
                    send(face, frame.time_s)
                count, seen = count + 1, seen + (face is not None)
        except KeyboardInterrupt:
            pass
        finally:
            print(f"dasl: {count} frames, a face on {seen}", file=sys.stderr)
    return 0


def _senders(args: argparse.Namespace, stack: ExitStack, names: tuple[str, ...]) -> list[Send]:
    senders: list[Send] = []
    for address, kind in ((args.vmc, vmc.VmcSender), (args.live_link, live_link.LiveLinkSender)):
        if address is not None:
            sender = kind(*address)
            stack.callback(sender.close)
            senders.append(lambda face, time_s, send=sender: send(face))  # type: ignore[misc]
    if args.csv is not None:
        try:
            file = stack.enter_context(args.csv.open("w", encoding="utf-8", newline=""))
        except OSError as error:
            raise ExportError(f"cannot write {args.csv}: {error.strerror}") from error
        senders.append(CsvTable(file, names))
    if args.json or not senders:
        senders.append(JsonLines(sys.stdout))
    return senders


def _address(default_port: int) -> Callable[[str], tuple[str, int]]:
    def read(text: str) -> tuple[str, int]:
        host, _, port = text.partition(":")
        if not host or (port and not (port.isdecimal() and 0 < int(port) < 65536)):
            raise argparse.ArgumentTypeError(f"wanted HOST or HOST:PORT, got {text!r}")
        return host, int(port or default_port)

    return read
