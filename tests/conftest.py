"""What holds for all tests.

A skip has a reason; where everything is to be tested (CI=true) it is a failure, unless it says
that an optional thing, which cannot be installed, is not there.
"""

import os
from collections.abc import Generator

import pytest

OPTIONAL = "optional: "


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure in CI."""
    report = yield
    return failed_if_it_must_not_skip(report, in_ci=os.environ.get("CI") == "true")


def failed_if_it_must_not_skip(report: pytest.TestReport, *, in_ci: bool) -> pytest.TestReport:
    expected = hasattr(report, "wasxfail")
    if in_ci and report.skipped and not expected and OPTIONAL not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where everything is to be tested: {report.longrepr}"
    return report
