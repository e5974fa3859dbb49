import sys
from types import SimpleNamespace

import pytest

from space.reconstruct.zero_gpu import LONGEST_S, on_gpu


def double(number: int) -> int:
    return 2 * number


def test_where_no_gpu_is_lent_the_function_stays_as_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "spaces", None)
    assert on_gpu(double) is double


def test_where_one_is_lent_the_function_runs_on_it(monkeypatch: pytest.MonkeyPatch):
    asked = []

    def lend(duration: int):
        def decorate(function):
            return lambda number: asked.append(duration) or function(number)

        return decorate

    monkeypatch.setitem(sys.modules, "spaces", SimpleNamespace(GPU=lend))
    assert on_gpu(double)(21) == 42
    assert asked == [LONGEST_S]
