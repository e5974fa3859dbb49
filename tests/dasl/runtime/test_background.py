"""A call beside the caller's own work."""

import os
import threading

import pytest

from dasl.runtime.background import started


def test_a_call_runs_beside_its_caller_and_gives_its_result():
    other = threading.Event()

    def waiting(name: str, *, end: str) -> str:
        assert other.wait(60)
        return name + end

    found = started(waiting, "don", end="e")
    assert not found.done()
    other.set()
    assert found.result() == "done"


def test_its_error_is_raised_where_the_result_is_wanted():
    with pytest.raises(ZeroDivisionError):
        started(lambda: 1 / 0).result()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_has_a_thread_of_its_own():
    assert started(int, "7").result() == 7
    child = os.fork()
    if child == 0:
        os._exit(started(int, "7").result(timeout=60))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
