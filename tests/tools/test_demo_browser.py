import os
import subprocess
import sys

import pytest

from tools import demo_browser
from tools.demo_browser import Demo, running_demo


def test_peak_memory_is_that_of_the_process():
    demo = Demo("http://127.0.0.1:1/", os.getpid(), 1.0)
    before = demo.peak_memory_mb
    held = bytearray(300_000_000)
    held[::4096] = b"x" * len(held[::4096])
    assert demo.peak_memory_mb >= before
    assert demo.peak_memory_mb > 290


def test_a_demo_that_ends_before_it_answers_is_told(monkeypatch):
    popen = subprocess.Popen

    def broken(command, **options):
        return popen([sys.executable, "-c", "raise SystemExit(3)"], **options)

    monkeypatch.setattr(demo_browser.subprocess, "Popen", broken)
    with pytest.raises(SystemExit, match="status 3"), running_demo():
        pass


def test_no_browser_says_what_to_install(monkeypatch):
    monkeypatch.setattr(demo_browser.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="apt-get install chromium"), demo_browser.chromium():
        pass
