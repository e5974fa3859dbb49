"""How the page names the boards."""

from eval.benchmarks import PROTOCOLS
from eval.leaderboard.quoted import load_quoted
from space.leaderboard.view import Asked, view_of


def test_a_boards_title_says_where_it_has_run_on_invented_files_only():
    boards = {result.board for result in load_quoted()} & set(PROTOCOLS)
    assert {"aflw2000-3d", "florence"} <= boards
    for board in boards:
        title = view_of([], Asked(board=board)).title
        assert title.startswith(PROTOCOLS[board].title)
        assert ("synthetic files" in title) == bool(PROTOCOLS[board].caution)
