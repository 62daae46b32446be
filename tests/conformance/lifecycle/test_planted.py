"""Mistakes planted in the emulator: each is found by the check that is meant for it.

Only the walk that is always made, and the small accounts: what Hypothesis makes up comes on top.
"""

from __future__ import annotations

import pytest

from mockleo.conformance.lifecycle.checks import CHECKS
from mockleo.conformance.lifecycle.part import Lifecycle
from mockleo.conformance.parts import Plan
from mockleo.conformance.tally import Tally
from tests.conformance.broken import Broken
from tests.conformance.bugs import BUGS

# What is planted -> the check that is meant for it, and where it must have found it ("" for anywhere).
ON_THE_SHORT_TOUR = {
    "other-seed-told": ("told-back-as-ordered", "getGenerationById"),
    "charged-twice": ("me-agrees-with-costs", "createVariationNoBG"),
    "refusals-are-charged": ("refusal-costs-nothing", "createGeneration"),
    "deleted-is-paid-back": ("delete-costs-nothing", "deleteGenerationById"),
    "calculator-too-low": ("calculator-agrees", "createGeneration"),
    "costs-disagree": ("cost-told-alike", "createGeneration"),
    "backwards-when-looked-at": ("terminal-is-terminal", "getGenerationById"),
    "fails-afterwards": ("terminal-is-terminal", "getGenerationById"),
    "unknown-status": ("status-moves-forward", "getGenerationById"),
    "unstable": ("finished-does-not-change", "getGenerationById"),
    "always-just-born": ("parameters-stay", "getGenerationById"),
    "all-fail": ("good-orders-succeed", "createGeneration"),
    "one-image-less": ("as-many-as-asked", "getGenerationById"),
    "images-before-the-end": ("no-results-before-the-end", "getGenerationById"),
    "same-images-again": ("ids-are-unique", "getGenerationById"),
    "variations-not-shown": ("variation-agrees-with-its-image", "getGenerationById"),
    "assets-are-pages": ("result-can-be-fetched", "getGenerationById"),
    "pictures-are-small": ("result-has-its-size", "getGenerationById"),
    "list-forgets-the-newest": ("in-the-list-once", "getGenerationsByUserId"),
    "page-unbounded": ("limit-is-kept", "getGenerationsByUserId"),
    "offset-ignored": ("pages-cover-all", "getGenerationsByUserId"),
    "list-of-somebody-else": ("unknown-id-tells-nothing", "getGenerationsByUserId"),
    "delete-twice": ("second-delete-finds-nothing", "deleteGenerationById"),
    "ids-null-for-all": ("known-thing-is-shown", ""),
}
ON_THE_TOUR = {
    "unknown-init-image": ("strangers-use-nothing", "createGeneration"),
    "lost-refund": ("failed-is-refunded", ""),
    "double-refund": ("failed-is-refunded", ""),
    "services-cost-more": ("price-as-published", ""),
    "never-ends": ("ends-in-time", "getVariationById"),
    "nothing-fails": ("nothing-comes-of-nothing", "createGeneration"),
    "film-without-url": ("as-many-as-asked", "getGenerationById"),
    "dataset-takes-nothing": ("uploaded-is-known", "getDatasetById"),
    "untrained-model-used": ("wrong-order-is-refused", "createGeneration"),
    "list-oldest-first": ("newest-first", "getGenerationsByUserId"),
    "short-page-by-default": ("page-is-full", "getGenerationsByUserId"),
    "list-disagrees": ("list-agrees-with-get", "getGenerationsByUserId"),
    "deleted-is-listed": ("deleted-stays-gone", "getGenerationsByUserId"),
    "texture-delete-keeps": ("deleted-stays-gone", "getTextureGenerationById"),
    "delete-says-null": ("delete-tells-the-id", "deleteDatasetById"),
    "any-key-is-let-in": ("strangers-see-nothing", "getGenerationById"),
}
WITH_LITTLE = {
    "overdrawn": ("out-of-credits-is-refused", "createGeneration"),
    "wrong-code-for-credits": ("out-of-credits-is-refused", "createGeneration"),
    "no-limit": ("refused-beyond-the-limit", "getUserSelf"),
    "limit-too-early": ("let-in-up-to-the-limit", ""),
    "limit-for-ever": ("let-in-after-a-minute", ""),
    "no-queue-limit": ("queue-full-is-refused", "createGeneration"),
    "no-queue": ("queue-takes-so-many", "createGeneration"),
    "no-slots": ("one-after-the-other", "createGeneration"),
}


ALL = {**ON_THE_SHORT_TOUR, **ON_THE_TOUR, **WITH_LITTLE}


def found(bug: str) -> set[tuple[str, str]]:
    """What is found on the tour, or with the small accounts."""
    opener = Broken(bug=bug)
    door = opener.open(seed=1)
    lifecycle = Lifecycle(Plan(seed=1, examples=1), opener, door, Tally(), lambda words: None)
    lifecycle.fast = bug not in ON_THE_SHORT_TOUR
    try:
        if bug in WITH_LITTLE:
            lifecycle.make_limits()
        else:
            lifecycle.make_tour()
    finally:
        door.close()
    return set(lifecycle.findings.failures)


@pytest.mark.parametrize("bug", ALL)
def test_it_is_found_by_the_check_that_is_meant_for_it(bug: str) -> None:
    check, operation = ALL[bug]
    places = found(bug)

    assert check in {name for name, where in places if not operation or where == operation}, BUGS[bug].says


def test_each_of_them_is_one_that_there_is() -> None:
    assert ALL.keys() <= BUGS.keys()
    assert {check for check, _ in ALL.values()} <= CHECKS.keys()
