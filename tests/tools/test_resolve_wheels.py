"""The cells of the table of systems, from messages as uv 0.9 prints them."""

from tools.resolve_wheels import blamed, described

EMBREEX = """\
  × No solution found when resolving dependencies:
  ╰─▶ Because embreex==4.4.0 has no wheels with a matching platform tag (e.g.,
      `manylinux_2_28_aarch64`) and dasl==0.1.0 depends on embreex>=2.17, we can conclude that
      dasl==0.1.0 cannot be used.
"""


def test_the_package_without_a_wheel_is_named() -> None:
    assert blamed(EMBREEX) == "embreex"


def test_an_unknown_message_is_kept() -> None:
    assert blamed("error: no\n  such file") == "error: no such file"


def test_a_cell_groups_extras_by_what_they_lack() -> None:
    assert described({}) == "all"
    assert described({"dasl": "scipy", "space": "scipy"}) == "no: scipy"
    lacking = {"torch": "torch", "train": "torch", "usdz": "usd-core"}
    assert described(lacking) == "all but [torch] [train] (torch), [usdz] (usd-core)"
