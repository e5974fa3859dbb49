"""The Leaderboard tab: boards, details, curves, comparison."""
