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
ON_THE_TOUR = {
    "other-seed-told": ("told-back-as-ordered", "getGenerationById"),
    "one-image-by-default": ("as-many-as-asked", "getGenerationById"),
    "unknown-init-image": ("strangers-use-nothing", "createGeneration"),
    "lost-refund": ("failed-is-refunded", ""),
    "double-refund": ("failed-is-refunded", ""),
    "charged-twice": ("me-agrees-with-costs", "createVariationNoBG"),
    "refusals-are-charged": ("refusal-costs-nothing", "createGeneration"),
    "deleted-is-paid-back": ("delete-costs-nothing", "deleteGenerationById"),
    "calculator-too-low": ("calculator-agrees", "createGeneration"),
    "services-cost-more": ("price-as-published", ""),
    "costs-disagree": ("cost-told-alike", "createGeneration"),
    "backwards-when-looked-at": ("terminal-is-terminal", "getGenerationById"),
    "fails-afterwards": ("terminal-is-terminal", "getGenerationById"),
    "unknown-status": ("status-moves-forward", "getGenerationById"),
    "unstable": ("finished-does-not-change", "getGenerationById"),
    "always-just-born": ("parameters-stay", "getGenerationById"),
    "never-ends": ("ends-in-time", "getVariationById"),
    "all-fail": ("good-orders-succeed", "createGeneration"),
    "nothing-fails": ("nothing-comes-of-nothing", "createGeneration"),
    "one-image-less": ("as-many-as-asked", "getGenerationById"),
    "images-before-the-end": ("no-results-before-the-end", "getGenerationById"),
    "film-without-url": ("as-many-as-asked", "getGenerationById"),
    "same-images-again": ("ids-are-unique", "getGenerationById"),
    "variations-not-shown": ("variation-agrees-with-its-image", "getGenerationById"),
    "assets-are-pages": ("result-can-be-fetched", "getGenerationById"),
    "pictures-are-small": ("result-has-its-size", "getGenerationById"),
    "dataset-takes-nothing": ("uploaded-is-known", "getDatasetById"),
    "untrained-model-used": ("wrong-order-is-refused", "createGeneration"),
    "list-forgets-the-newest": ("in-the-list-once", "getGenerationsByUserId"),
    "models-forgotten": ("in-the-list-once", "getCustomModelsByUserId"),
    "list-oldest-first": ("newest-first", "getGenerationsByUserId"),
    "page-unbounded": ("limit-is-kept", "getGenerationsByUserId"),
    "short-page-by-default": ("page-is-full", "getGenerationsByUserId"),
    "offset-ignored": ("pages-cover-all", "getGenerationsByUserId"),
    "list-disagrees": ("list-agrees-with-get", "getGenerationsByUserId"),
    "list-of-somebody-else": ("unknown-id-tells-nothing", "getGenerationsByUserId"),
    "deleted-is-listed": ("deleted-stays-gone", "getGenerationsByUserId"),
    "texture-delete-keeps": ("deleted-stays-gone", "getTextureGenerationById"),
    "delete-twice": ("second-delete-finds-nothing", "deleteGenerationById"),
    "delete-says-null": ("delete-tells-the-id", "deleteGenerationById"),
    "ids-null-for-all": ("known-thing-is-shown", ""),
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


def found(bug: str, *, tour: bool) -> set[tuple[str, str]]:
    """What is found: on the tour, or with the small accounts."""
    opener = Broken(bug=bug)
    door = opener.open(seed=1)
    lifecycle = Lifecycle(Plan(seed=1, examples=1), opener, door, Tally(), lambda words: None)
    try:
        if tour:
            lifecycle.make_tour()
        else:
            lifecycle.make_limits()
    finally:
        door.close()
    return set(lifecycle.findings.failures)


@pytest.mark.parametrize("bug", ON_THE_TOUR)
def test_the_tour_finds_it(bug: str) -> None:
    check, operation = ON_THE_TOUR[bug]
    places = found(bug, tour=True)

    assert check in {name for name, where in places if not operation or where == operation}, BUGS[bug].says


@pytest.mark.parametrize("bug", WITH_LITTLE)
def test_those_who_have_little_find_it(bug: str) -> None:
    check, operation = WITH_LITTLE[bug]
    places = found(bug, tour=False)

    assert check in {name for name, where in places if not operation or where == operation}, BUGS[bug].says


def test_each_of_them_is_one_that_there_is() -> None:
    assert {*ON_THE_TOUR, *WITH_LITTLE} <= BUGS.keys()
    assert {check for check, _ in (*ON_THE_TOUR.values(), *WITH_LITTLE.values())} <= CHECKS.keys()
