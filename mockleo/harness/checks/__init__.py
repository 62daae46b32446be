"""What clients get wrong: one module for each check, and the one list of them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from mockleo.harness.checks import (
    asset_broken_taken,
    asset_not_fetched,
    asset_not_retried,
    asset_url_made_up,
    body_on_get,
    broken_by_additive_change,
    budget_exceeded,
    deleted_before_saved,
    double_spend,
    doubled_slash,
    duplicate_click,
    error_taken_for_pending,
    failed_ignored,
    false_success,
    gave_up_early,
    gave_up_on_passing_trouble,
    hopeless_retry,
    key_after_redirect,
    key_in_url,
    key_printed,
    key_to_cdn,
    key_to_storage,
    miscased_parameter,
    mistyped_parameter,
    model_by_name,
    new_connection_each_time,
    no_backoff,
    no_content_type,
    no_jitter,
    no_time_out,
    no_wait_after_429,
    not_brought_about,
    not_reconciled,
    orphaned_job,
    out_of_range_parameter,
    partial_taken,
    polls_flat,
    polls_past_end,
    polls_too_fast,
    polls_without_end,
    queue_unbounded,
    receiver_breaks_on_other_payload,
    receiver_breaks_on_unknown_event,
    receiver_dies,
    receiver_fails_on_duplicate,
    receiver_no_answer,
    receiver_not_idempotent,
    receiver_slow,
    receiver_takes_wrong_bearer,
    receiver_trusts_address,
    receiver_wants_key_in_body,
    retry_after_ignored,
    retry_storm,
    scheme_in_small_letters,
    short_time_out_on_order,
    thundering_herd,
    too_many_in_flight,
    unknown_parameter,
    upload_by_put,
    upload_fields_as_object,
    upload_late,
    upload_not_multipart,
    upload_order,
    upload_path_as_name,
    upload_refusal_ignored,
    upload_reused,
    upload_to_the_api,
    upload_wrong_type,
    used_before_uploaded,
    wrong_endpoint,
    wrong_kind_of_id,
)
from mockleo.harness.evidence import Evidence
from mockleo.harness.scenario import BadScenario
from mockleo.harness.verdict import Finding, Severity, Unsure, Verdict, grade

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockleo.harness.checks.check import Check
    from mockleo.harness.run import Run
    from mockleo.harness.scenario import Scenario

MENU: tuple[Check, ...] = (
    # spending and waiting
    double_spend.CHECK,
    duplicate_click.CHECK,
    budget_exceeded.CHECK,
    orphaned_job.CHECK,
    gave_up_early.CHECK,
    failed_ignored.CHECK,
    polls_past_end.CHECK,
    polls_without_end.CHECK,
    polls_too_fast.CHECK,
    polls_flat.CHECK,
    partial_taken.CHECK,
    too_many_in_flight.CHECK,
    queue_unbounded.CHECK,
    deleted_before_saved.CHECK,
    false_success.CHECK,
    # limits and errors
    no_wait_after_429.CHECK,
    retry_after_ignored.CHECK,
    no_backoff.CHECK,
    no_jitter.CHECK,
    thundering_herd.CHECK,
    retry_storm.CHECK,
    hopeless_retry.CHECK,
    gave_up_on_passing_trouble.CHECK,
    error_taken_for_pending.CHECK,
    no_time_out.CHECK,
    short_time_out_on_order.CHECK,
    new_connection_each_time.CHECK,
    # requests, credentials, uploads
    key_in_url.CHECK,
    key_to_storage.CHECK,
    key_to_cdn.CHECK,
    key_after_redirect.CHECK,
    key_printed.CHECK,
    unknown_parameter.CHECK,
    miscased_parameter.CHECK,
    mistyped_parameter.CHECK,
    out_of_range_parameter.CHECK,
    wrong_endpoint.CHECK,
    model_by_name.CHECK,
    wrong_kind_of_id.CHECK,
    no_content_type.CHECK,
    body_on_get.CHECK,
    doubled_slash.CHECK,
    scheme_in_small_letters.CHECK,
    upload_not_multipart.CHECK,
    upload_fields_as_object.CHECK,
    upload_by_put.CHECK,
    upload_to_the_api.CHECK,
    upload_order.CHECK,
    upload_wrong_type.CHECK,
    upload_late.CHECK,
    upload_reused.CHECK,
    upload_path_as_name.CHECK,
    used_before_uploaded.CHECK,
    upload_refusal_ignored.CHECK,
    # receivers and assets
    receiver_takes_wrong_bearer.CHECK,
    receiver_trusts_address.CHECK,
    receiver_wants_key_in_body.CHECK,
    receiver_slow.CHECK,
    receiver_no_answer.CHECK,
    receiver_fails_on_duplicate.CHECK,
    receiver_not_idempotent.CHECK,
    receiver_breaks_on_other_payload.CHECK,
    receiver_breaks_on_unknown_event.CHECK,
    receiver_dies.CHECK,
    not_reconciled.CHECK,
    asset_not_fetched.CHECK,
    asset_broken_taken.CHECK,
    asset_not_retried.CHECK,
    asset_url_made_up.CHECK,
    broken_by_additive_change.CHECK,
    # where nothing else tells why
    not_brought_about.CHECK,
)
BY_NAME = {check.name: check for check in MENU}


def refuse_unknown(scenario: Scenario) -> None:
    """Raise `BadScenario` where a scenario speaks of checks or thresholds that there are not."""
    for name in scenario.checks.skip:
        if name not in BY_NAME:
            raise BadScenario(
                f"{scenario.name}: checks.skip: there is no check {name}{_nearest(name, BY_NAME)}"
            )
    for name, numbers in scenario.checks.thresholds.items():
        if name not in BY_NAME:
            raise BadScenario(
                f"{scenario.name}: checks.thresholds: there is no check {name}{_nearest(name, BY_NAME)}"
            )
        own = BY_NAME[name].thresholds
        for number in numbers:
            if number not in own:
                raise BadScenario(
                    f"{scenario.name}: checks.thresholds.{name}: there is no {number}{_nearest(number, own)}"
                )


def _nearest(name: str, names: Iterable[str]) -> str:
    close = get_close_matches(name, list(names), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def judge(run: Run) -> Verdict:
    """Make every check that the scenario does not leave out."""
    evidence = Evidence(run)
    findings: list[Finding] = []
    unsure: list[Unsure] = []
    made = [check for check in MENU if check.name not in run.scenario.checks.skip]
    for check in made:
        if check.is_last and any(found.severity is not Severity.NOTE for found in findings):
            continue
        for found in check.look(evidence):
            if isinstance(found, Finding):
                findings.append(found)
            else:
                unsure.append(found)
    findings.sort(key=lambda finding: (finding.at_ms, finding.check, finding.exchanges))
    letter, rule = grade(findings, is_brought_about=not not_brought_about.missing_in(evidence))
    return Verdict(
        scenario=run.scenario.name,
        grade=letter,
        rule=rule,
        findings=tuple(findings),
        unsure=tuple(unsure),
        made=tuple(check.name for check in made),
    )
