"""What the suite has looked at: the one thing that all of its parts write, and all reports read.

A check is known by its name ("body-conforms"). It passes where it was made and nothing was found;
where it could not be made it is inconclusive, and a run with such a check is never green. What the
user has not asked for (no `--spend`, another `--only`) is left out, and told.
"""

from __future__ import annotations

from collections import Counter

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong, with the proof.

    `check` names the check, `operation` the operationId ("" where it is none). `message` says in
    plain words what is wrong, `expected` what the contract says and with what evidence, `fix` what
    to look at. `curl` is the call that shows it, without the key; `seen` the answer's beginning.
    `steps` are the calls before it that it needs, as curl lines. `replay` is the command that finds
    it again.
    """

    part: str
    check: str
    message: str
    operation: str = ""
    expected: str = ""
    fix: str = ""
    curl: str = ""
    seen: str = ""
    steps: tuple[str, ...] = ()
    replay: str = ""

    @property
    def what(self) -> tuple[str, str, str]:
        """Findings alike in this are one, and counted."""
        return self.check, self.operation, self.message


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """A check that could not be made, and why: in words that say what would help."""

    part: str
    check: str
    why: str
    operation: str = ""


class Omission(msgspec.Struct, frozen=True, kw_only=True):
    """What the user has not asked for, and what he would say to have it."""

    part: str
    what: str
    why: str


class Tally(msgspec.Struct, kw_only=True):
    """Counts of one run, or of one process's share of it; shares are added with `add`.

    `made` counts, by (part, check, operation), how often a check was made; `cases` the generated
    calls by part; `statuses` the answers by (operation, status); `findings` in the order in which
    they were met, with `times` how often. `notes` are numbers for the report, by name.
    """

    made: Counter[tuple[str, str, str]] = msgspec.field(default_factory=Counter)
    cases: Counter[str] = msgspec.field(default_factory=Counter)
    statuses: Counter[tuple[str, int]] = msgspec.field(default_factory=Counter)
    findings: dict[tuple[str, str, str], Finding] = {}
    times: Counter[tuple[str, str, str]] = msgspec.field(default_factory=Counter)
    doubts: dict[tuple[str, str, str], Doubt] = {}
    omissions: dict[tuple[str, str], Omission] = {}
    notes: dict[str, object] = {}

    def checked(self, part: str, check: str, operation: str = "", *, times: int = 1) -> None:
        """A check was made, whatever came of it."""
        self.made[part, check, operation] += times

    def found(self, finding: Finding) -> None:
        """Something is wrong. The first of those that are alike is kept."""
        self.findings.setdefault(finding.what, finding)
        self.times[finding.what] += 1

    def doubt(self, doubt: Doubt) -> None:
        self.doubts.setdefault((doubt.part, doubt.check, doubt.operation), doubt)

    def omit(self, omission: Omission) -> None:
        self.omissions.setdefault((omission.part, omission.what), omission)

    def add(self, other: Tally) -> None:
        """Take in what another process has counted."""
        self.made.update(other.made)
        self.cases.update(other.cases)
        self.statuses.update(other.statuses)
        for what, finding in other.findings.items():
            self.findings.setdefault(what, finding)
        self.times.update(other.times)
        for key, doubt in other.doubts.items():
            self.doubts.setdefault(key, doubt)
        for left, omission in other.omissions.items():
            self.omissions.setdefault(left, omission)
        self.notes.update(other.notes)

    @property
    def verdict(self) -> str:
        """ "failed", "inconclusive" or "passed"; nothing made is inconclusive, too."""
        if self.findings:
            return "failed"
        if self.doubts or not self.made:
            return "inconclusive"
        return "passed"
