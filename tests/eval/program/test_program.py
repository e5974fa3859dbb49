"""One place where a program's errors become messages; run as programs, for signals and pipes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from eval.errors import EvalError
from eval.program import run_program

ROOT = Path(__file__).parents[2]


def _raising(error: BaseException):
    def work() -> int:
        raise error

    return lambda: work


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (EvalError("no file x; check the path"), "us: no file x; check the path\n"),
        (OSError(36, "File name too long", "xx"), "us: 'xx': File name too long; check the path\n"),
        (KeyboardInterrupt(), "us: interrupted\n"),
        (MemoryError(), "us: not enough memory; use smaller files or fewer at once\n"),
    ],
)
def test_errors_become_one_line(error, words, capsys):
    assert run_program("us", _raising(error), (EvalError,)) == 1
    assert capsys.readouterr().err == words


def test_a_defect_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        run_program("us", _raising(ZeroDivisionError()), (EvalError,))


def test_the_status_of_the_work_is_the_programs():
    assert run_program("us", lambda: lambda: 3, ()) == 3


def _program(work: str, prepare: str = "") -> list[str]:
    lines = [
        "import os, signal, sys",
        "from eval.program import run_program",
        "def work():",
        *(f"    {line}" for line in work.splitlines()),
        "    return 0",
        "def prepare():",
        *(f"    {line}" for line in prepare.splitlines()),
        "    return work",
        "sys.exit(run_program('us', prepare, ()))",
    ]
    return [sys.executable, "-c", "\n".join(lines)]


def _run(words: list[str], **variables: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(words, env=environment, capture_output=True, timeout=600, check=False)


needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
CTRL_C = "os.kill(os.getpid(), signal.SIGINT)"


@needs_signals
def test_ctrl_c_during_imports_ends_at_once_and_without_a_traceback():
    done = _run(_program("", prepare=f"try:\n    {CTRL_C}\nexcept BaseException:\n    pass"))
    assert done.returncode == -signal.SIGINT and done.stderr == b""


@needs_signals
@pytest.mark.parametrize(
    "work",
    [
        CTRL_C,
        f"try:\n    {CTRL_C}\nexcept BaseException as e:\n    raise ImportError('numpy') from e",
    ],
    ids=["plain", "turned into another error"],
)
def test_ctrl_c_during_the_work_is_one_line(work):
    done = _run(_program(work))
    assert (done.returncode, done.stderr) == (1, b"us: interrupted\n")


@needs_signals
def test_the_second_ctrl_c_ends_what_swallowed_the_first():
    done = _run(_program(f"try:\n    {CTRL_C}\nexcept BaseException:\n    pass\n{CTRL_C}"))
    assert done.returncode == -signal.SIGINT


def test_names_are_printed_whatever_the_terminal_can_show():
    work = "print('caf\\xe9', os.fsdecode(b'caf\\xe9'))"
    ascii_only = _run(_program(work), PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ascii_only.stdout.split() == [b"caf\\xe9", b"caf\\udce9"]
    windows = _run(_program(work), PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert windows.stdout.split() == [b"caf\xe9", b"caf\\udce9"]
    utf8 = _run(_program(work), PYTHONIOENCODING="utf-8")
    assert utf8.stdout.split() == ["café".encode(), b"caf\xe9"]


@needs_signals
def test_a_reader_that_leaves_is_no_error(tmp_path):
    program = _program("for n in range(100_000):\n    print(n)")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        assert running.stdout.readline() == b"0\n"
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() == 1
