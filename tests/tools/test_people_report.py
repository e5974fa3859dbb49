"""The report measures what the limits in `dasl.video` stand on."""

import sys

from tools import people_report
from tools.moving_head import EXAMPLE


def test_the_report_names_drift_distance_and_agreement(monkeypatch, capsys):
    photos = [str(EXAMPLE), str(EXAMPLE.with_name("hopper.jpg"))]
    words = ["people_report", "--seconds", "0.5", "--photos", *photos]
    monkeypatch.setattr(sys, "argv", words)
    assert people_report.main() == 0
    lines = capsys.readouterr().out.splitlines()
    drift, apart, _, within, across = (line.split(": ", 1) for line in lines)
    assert float(drift[1].split()[2].rstrip(",")) < float(apart[1].split()[0])
    assert float(within[1].split()[0]) > 0.8
    assert "over a cut" in across[0]
