"""The same saved run gives the same bytes, in every form, in any process."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mockleo.harness import judged, report
from tests.harness.report.crowd import a_crowd

if TYPE_CHECKING:
    from pathlib import Path

_FORMS = "as_json(j), as_junit(j), as_page(j), as_text(j, colours=True).encode()"
_PROGRAM = f"""
import sys, hashlib
from mockleo.harness import judged
from mockleo.harness.report import as_json, as_junit, as_page, as_text
j = [judged.of(open(sys.argv[1], 'rb'))]
print(*(hashlib.sha256(each).hexdigest() for each in ({_FORMS})))
"""


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    saved = tmp_path / "crowd.jsonl"
    saved.write_bytes(b"".join(a_crowd(300)))
    told = {
        subprocess.run(
            [sys.executable, "-c", _PROGRAM, str(saved)],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


@pytest.mark.parametrize("form", ["as_json", "as_junit", "as_page"])
def test_every_form_ends_and_names_the_finding(form: str) -> None:
    graded = [judged.of(a_crowd(300))]
    told: bytes = getattr(report, form)(graded)
    assert graded[0].verdict.findings
    for finding in graded[0].verdict.findings:
        assert finding.check.encode() in told
