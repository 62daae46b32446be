"""Blueprints: which inputs they take, how they run, what comes out."""

import pytest

from mockleo.core.blueprints import NodeValue, execute
from mockleo.core.errors import BlueprintBadRequest, BlueprintNotFound, BlueprintOutOfCredits
from mockleo.core.generations import delete_generation
from mockleo.core.ledger import Why
from mockleo.core.lifecycle import State

from .worlds import NOBODYS, RECIPE, RECIPE_DISH, a_place, a_recipe, let_all_end

RECIPE_LABELS = "21417f6f-75b2-4c05-a282-837e0031b726"
PRICE = 120


def test_a_run_and_what_comes_out_of_it_pass_through_the_same_states() -> None:
    world, account = a_place(slots=1)
    first, second = a_recipe(world, account, text="soup"), a_recipe(world, account, text="stew")
    told = [(second.execution_status, [output.status for output in second.outputs])]
    for due_ms in iter(world.due_ms, None):
        assert isinstance(due_ms, int)
        world.advance(due_ms)
        told.append((second.execution_status, [output.status for output in second.outputs]))
    assert told == [("QUEUED", ["PENDING"]), ("PENDING", ["PENDING"]), ("COMPLETED", ["COMPLETE"])]
    assert [output.prompt for run in (first, second) for output in run.outputs] == ["soup", "stew"]
    assert account.executions == {first.id: first, second.id: second}


def test_what_comes_out_is_a_generation_like_others_and_costs_nothing_more() -> None:
    world, account = a_place()
    run = a_recipe(world, account)
    let_all_end(world)
    (output,) = run.outputs
    assert (run.cost, output.cost, account.ledger.opening - account.ledger.balance) == (PRICE, 0, PRICE)
    assert account.generations == {output.id: output}
    assert account.images == {output.image_ids[0]: output}


def test_a_run_and_its_outputs_take_one_place() -> None:
    world, account = a_place(slots=2)
    runs = [a_recipe(world, account) for _ in range(3)]
    assert [run.state for run in runs] == [State.RUNNING, State.RUNNING, State.QUEUED]
    assert account.lanes["blueprint"].running == 2
    assert account.lanes["image"].running == 0


@pytest.mark.parametrize("text", ["nude", "this is against the terms"])
def test_a_refused_prompt_makes_the_run_fail_and_is_refunded(text: str) -> None:
    world, account = a_place()
    run = a_recipe(world, account, text=text)
    assert (run.moderated, run.execution_status) == (True, "PENDING")
    let_all_end(world)
    assert (run.execution_status, [output.status for output in run.outputs]) == ("FAILED", ["FAILED"])
    assert account.images == {}
    assert account.ledger.balance == account.ledger.opening
    assert [entry.why for entry in account.ledger.entries] == [Why.CHARGE, Why.REFUND]


def test_named_texts_are_moderated_too() -> None:
    world, account = a_place()
    labels = NodeValue(
        nodeId=RECIPE_LABELS, settingName="textVariables", value=[{"name": "a", "value": "naked"}]
    )
    assert execute(world, account, version_id=RECIPE, inputs=[labels], public=False).moderated


@pytest.mark.parametrize(
    ("node_id", "setting"),
    [(RECIPE_DISH, "imageUrl"), (RECIPE_DISH, "textVariables"), (NOBODYS, "text"), (RECIPE_DISH, "")],
)
def test_an_input_that_the_version_does_not_have_is_refused(node_id: str, setting: str) -> None:
    world, account = a_place()
    inputs = [NodeValue(nodeId=node_id, settingName=setting, value="soup")]
    with pytest.raises(BlueprintBadRequest, match=f"{node_id} {setting}"):
        execute(world, account, version_id=RECIPE, inputs=inputs, public=False)
    assert (account.executions, account.generations, account.serial) == ({}, {}, 0)


def test_an_unknown_version_is_not_found() -> None:
    world, account = a_place(credits=0)
    with pytest.raises(BlueprintNotFound):
        execute(world, account, version_id=NOBODYS, inputs=[], public=False)


@pytest.mark.parametrize(("credits", "paid"), [(PRICE - 1, False), (PRICE, True)])
def test_a_run_is_paid_for_in_full(credits: int, *, paid: bool) -> None:
    world, account = a_place(credits=credits)
    if paid:
        assert a_recipe(world, account).cost == PRICE
    else:
        with pytest.raises(BlueprintOutOfCredits) as caught:
            a_recipe(world, account)
        assert caught.value.facts["user_id"] == account.user_id
        assert (account.executions, account.generations, account.serial) == ({}, {}, 0)


def test_an_output_that_is_deleted_meanwhile_brings_nothing() -> None:
    world, account = a_place()
    run = a_recipe(world, account)
    delete_generation(account, run.outputs[0].id)
    let_all_end(world)
    assert run.execution_status == "COMPLETED"
    assert (account.generations, account.images) == ({}, {})
