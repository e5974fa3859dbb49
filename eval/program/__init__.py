"""The common frame of all programs: imports, exit status, errors as messages, Ctrl-C.

Exit status: 0 done, 1 the work failed (a message on stderr says why), 2 the command line is wrong.
"""

import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Work = Callable[[], int]
DEBIAN = "apt-get install libgl1 libglib2.0-0"
"""What OpenCV with windows needs: other packages may bring it in place of the headless one."""


def run_program(name: str, prepare: Callable[[], Work], errors: tuple[type[Exception], ...]) -> int:
    """Prepare a program, run it, and turn errors into messages.

    Args:
        name: the start of every message.
        prepare: imports, reads the command line, and returns the work.
        errors: classes whose messages are written for users.

    Returns:
        The exit status.
    """
    _accept_any_name()
    interrupts = _Interrupts()
    try:
        with _interrupts_end_at_once():
            work = prepare()
        with interrupts:
            status = work()
            sys.stdout.flush()
            return status
    except errors as error:
        return _failed(name, str(error))
    except KeyboardInterrupt:
        return _failed(name, "interrupted")
    except BrokenPipeError:
        # The reader (head, less) closed the pipe; avoid the interpreter's error at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except MemoryError:
        return _failed(name, "not enough memory; use smaller files or fewer at once")
    except Exception as error:
        if interrupts.seen:  # libraries turn an interruption into their own errors
            return _failed(name, "interrupted")
        words = _words(error)
        if words is None:  # a defect of ours: show the traceback
            raise
        return _failed(name, words)


def _words(error: Exception) -> str | None:
    """A message with advice for a built-in error; None if there is no advice."""
    if isinstance(error, ImportError):
        if error.name == "cv2" or ".so" in str(error):
            return f"{error}; install the system's libraries, on Debian: {DEBIAN}"
        return (
            f"{error}; pip install -r requirements.txt, or for the scorer alone "
            "pip install './dasl-eval[plots,mat73,hub]'"
        )
    if isinstance(error, OSError):
        if error.filename:
            return f"'{error.filename}': {error.strerror}; check the path"
        return str(error.strerror or error)
    return None


def _failed(name: str, words: str) -> int:
    print(f"{name}: {words}", file=sys.stderr)
    return 1


def _accept_any_name() -> None:
    """Print any file name without an encoding error, as its own bytes where possible."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_utf8 = stream.encoding.lower().replace("-", "") == "utf8"
            stream.reconfigure(errors="surrogateescape" if is_utf8 else "backslashreplace")


@contextmanager
def _interrupts_end_at_once() -> Iterator[None]:
    """End the process on Ctrl-C during imports; some libraries would swallow the exception."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Interrupts:
    """Ctrl-C during the work: the first raises an exception, the second ends the process."""

    def __init__(self) -> None:
        self.seen = False
        self._is_main = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> None:
        if self._is_main:
            self._before = signal.signal(signal.SIGINT, self._interrupt)

    def __exit__(self, *_: object) -> None:
        if self._is_main:
            signal.signal(signal.SIGINT, self._before)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.seen = True
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        raise KeyboardInterrupt
