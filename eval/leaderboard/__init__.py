"""Measured and quoted results side by side: boards, exports, storage."""
