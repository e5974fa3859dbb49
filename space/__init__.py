"""The demo: a Gradio app that turns a photo into a 3D head and shows benchmark results."""

from eval.program import telemetry

telemetry.turn_off()
