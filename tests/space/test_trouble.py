"""The browser tests' own alarm: each kind of trouble rings it, and what is allowed does not."""

import logging
import time

import pytest

from tests.space.trouble import Trouble
from tests.space.visit import WAIT_MS

pytestmark = pytest.mark.long

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
        seen += "\n".join(trouble.taken("", []))
    page.close()
    assert trouble.taken("", []) == []


def test_what_a_server_prints_and_logs_is_trouble_unless_it_is_allowed():
    trouble = Trouble()
    record = logging.LogRecord("x", logging.ERROR, "", 1, "the model is not ready", None, None)
    output = "Traceback (most recent call last):\n  ValueError: x"
    assert len(trouble.taken(output, [record])) == 2
    trouble.allow("not ready")
    assert trouble.taken("all is well", [record]) == []
    assert trouble.taken("", [record]) == ["logged: the model is not ready"]
