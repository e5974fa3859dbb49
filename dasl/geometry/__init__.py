"""Pose, frames and crops: how a head in metres becomes points in pixels. No photo, no network."""
