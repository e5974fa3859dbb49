"""The browser tests' own alarm: each kind of trouble rings it, and what is allowed does not."""

import logging
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.space.trouble import Trouble
from tests.space.visit import WAIT_MS

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
ON_PURPOSE = "tests/space/trouble_on_purpose.py"

PAGE = """<body><script>
const put = (html) => { const box = document.createElement("div"); box.innerHTML = html;
  document.body.append(box); };
put('<div data-testid="toast-body">a toast</div>');
put('<div data-testid="status-tracker"><span class="error">Error</span></div>');
console.error("a console error");
setTimeout(() => { throw new Error("an uncaught one"); });
</script></body>"""


def test_every_kind_of_trouble_on_a_page_is_seen(browser):
    trouble, page = Trouble(), browser.new_page()
    trouble.watch(page)
    page.goto("data:text/html," + PAGE)
    seen, deadline = "", time.monotonic() + WAIT_MS / 1000
    kinds = ("toast: a toast", "error overlay: Error", "a console error", "an uncaught one")
    while not all(words in seen for words in kinds):
        assert time.monotonic() < deadline, seen
        page.wait_for_timeout(50)
        seen += "\n".join(trouble.taken())
    page.close()
    assert trouble.taken() == []


def test_what_a_server_prints_and_logs_is_trouble_unless_it_is_allowed():
    trouble, log = Trouble(), logging.getLogger("tests of trouble")
    with trouble.heard():
        log.error("the model is not ready")
    log.error("nobody hears this")
    output = "Traceback (most recent call last):\n  ValueError: x"
    assert len(trouble.taken(output)) == 2
    trouble.allow("not ready")
    with trouble.heard():
        log.error("the model is not ready")
    assert trouble.taken("all is well") == []


def test_each_kind_of_trouble_fails_the_test_that_it_happens_in(chromium_path):
    """Tests that bring each about on purpose, run on their own: all of them fail."""
    pytest.importorskip("playwright", reason="pip install playwright")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ON_PURPOSE]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    for name in (
        *("toast", "overlay", "console", "uncaught", "missing_file", "logged", "in_setup"),
        "left_open",
    ):
        assert f"ERROR {ON_PURPOSE}::test_{name}" in told, told
    assert f"FAILED {ON_PURPOSE}::test_fails" in told
    assert "What it says at last" in told and re.search(r"GET \S+/config\?asked: done", told), told
    for name in ("fails", "nothing"):  # what a failed test left open is closed
        assert f"ERROR {ON_PURPOSE}::test_{name}" not in told, told
