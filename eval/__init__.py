"""Scores predictions on face benchmarks: protocols, metrics, submissions, results.

Nothing here imports ``dasl``: a submission file is all that the scorer sees of a method.
"""

from eval import telemetry

telemetry.turn_off()
