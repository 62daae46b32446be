"""Orders of images and what becomes of them: defaults, seeds, ids, deletion."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.core.generations import delete_generation, find_generation, order_generation
from mockleo.core.lifecycle import State
from mockleo.core.variations import order_upscale

from .worlds import (
    LIGHTNING,
    LUCID,
    START_MS,
    a_generation,
    a_place,
    a_world,
    an_account,
    an_order,
    let_all_end,
)


def test_an_order_of_a_prompt_alone_takes_the_defaults() -> None:
    world, account = a_place(spread_percent=0)
    generation = order_generation(world, account, an_order())
    assert (generation.width, generation.height, generation.quantity) == (1024, 768, 4)
    assert generation.model is not None
    assert (generation.model.id, generation.extension, generation.clip_ms) == (LIGHTNING, "jpg", 0)
    assert (generation.created_ms, generation.duration_ms) == (START_MS, 4_000)
    assert (generation.status, generation.image_ids) == ("PENDING", ())


@pytest.mark.parametrize(
    ("transparency", "extension"),
    [("foreground_only", "png"), ("disabled", "jpg"), (None, "jpg")],
)
def test_a_cut_out_is_a_png(transparency: str | None, extension: str) -> None:
    world, account = a_place()
    assert order_generation(world, account, an_order(transparency=transparency)).extension == extension


@pytest.mark.parametrize("num_images", [1, 2, 8])
def test_the_images_are_there_all_at_once_when_it_is_complete(num_images: int) -> None:
    world, account = a_place()
    generation = order_generation(world, account, an_order(num_images=num_images, width=512, height=512))
    world.advance(START_MS + generation.duration_ms - 1)
    assert (generation.image_ids, account.images) == ((), {})
    world.advance(START_MS + generation.duration_ms)
    assert generation.state is State.COMPLETE
    assert account.images == dict.fromkeys(generation.image_ids, generation)
    assert len(account.images) == num_images
    assert {UUID(image_id).version for image_id in generation.image_ids} == {4}


def test_generations_have_ids_of_version_6_that_sort_as_they_were_made() -> None:
    world, account = a_place()
    ids = []
    for _ in range(5):
        ids += [order_generation(world, account, an_order()).id for _ in range(2)]
        world.advance(world.now_ms + 7)
    assert {UUID(generation_id).version for generation_id in ids} == {6}
    assert ids == sorted(set(ids))
    assert list(account.generations) == ids


def test_a_seed_is_taken_as_given_or_drawn_anew() -> None:
    world, account = a_place()
    assert order_generation(world, account, an_order(seed=0)).seed == 0
    assert order_generation(world, account, an_order(seed=9_999_999_998)).seed == 9_999_999_998
    drawn = [order_generation(world, account, an_order()).seed for _ in range(50)]
    assert len(set(drawn)) == 50
    assert all(0 <= seed < 2_147_483_637 for seed in drawn)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([1, 2, 3]), max_size=6), st.integers(0, 9))
def test_no_id_is_given_twice(quantities: list[int], seed: int) -> None:
    world = a_world(seed=seed)
    ids: list[str] = []
    for key in ("alice", "bob"):
        for num_images in quantities:
            order_generation(world, an_account(world, key), an_order(num_images=num_images))
    let_all_end(world)
    for account in world.accounts.values():
        ids += [account.user_id, *account.generations, *account.images]
    assert len(set(ids)) == len(ids)


def test_a_generation_is_found_by_its_owner_alone() -> None:
    world = a_world()
    alice, bob = an_account(world, "alice"), an_account(world, "bob")
    generation = a_generation(world, alice)
    assert find_generation(alice, generation.id) is generation
    assert find_generation(bob, generation.id) is None
    assert find_generation(alice, generation.image_ids[0]) is None
    assert delete_generation(bob, generation.id) is None
    assert find_generation(alice, generation.id) is generation


def test_what_is_deleted_is_gone_with_its_images_and_no_other() -> None:
    world, account = a_place()
    kept, deleted = a_generation(world, account), a_generation(world, account)
    variation = order_upscale(world, account, deleted.image_ids[0])

    assert delete_generation(account, deleted.id) is deleted
    assert delete_generation(account, deleted.id) is None

    let_all_end(world)
    assert list(account.generations) == [kept.id]
    assert set(account.images) == set(kept.image_ids)
    assert account.variations_of == {}
    assert variation.state is State.COMPLETE, "what was made of it is a thing of its own"


def test_each_visible_change_counts_as_a_revision() -> None:
    world, account = a_place(slots=1)
    order_generation(world, account, an_order())
    generation = order_generation(world, account, an_order(modelId=LUCID))
    passed = [(generation.state, generation.revision)]
    for due_ms in iter(world.due_ms, None):
        assert isinstance(due_ms, int)
        world.advance(due_ms)
        passed.append((generation.state, generation.revision))
    assert passed == [(State.QUEUED, 0), (State.RUNNING, 1), (State.COMPLETE, 2)]

    order_upscale(world, account, generation.image_ids[0])
    assert generation.revision == 3
    let_all_end(world)
    assert generation.revision == 4
