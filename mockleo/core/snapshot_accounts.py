"""Accounts as an export tells them, and back, with all that they own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from mockleo.core.account import Account, Lane
from mockleo.core.chance import Chance
from mockleo.core.datasets import Dataset, DatasetImage
from mockleo.core.generations import Generation
from mockleo.core.lifecycle import Job
from mockleo.core.limits import Windows
from mockleo.core.snapshot_forms import (
    AccountForm,
    DatasetForm,
    DatasetImageForm,
    LaneForm,
    LedgerForm,
    UploadForm,
)
from mockleo.core.snapshot_jobs import NOUNS, Jobs, form_of, reachable
from mockleo.core.snapshot_reading import BadState
from mockleo.core.uploads import Purpose, Upload
from mockleo.core.variations import Variation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.core.catalogue import Catalogue
    from mockleo.core.snapshot_forms import AnyJobForm
    from mockleo.core.world import World


def account_form(account: Account, under_way: list[Job], catalogue: Catalogue) -> AccountForm:
    named = {noun: list(getattr(account, noun).values()) for noun in NOUNS}
    has_name = {job.id for jobs in named.values() for job in jobs}
    nouns: dict[str, Any] = {noun: [form_of(job, catalogue) for job in jobs] for noun, jobs in named.items()}
    return AccountForm(
        user_id=account.user_id,
        chance=account.chance.seed.hex(),
        plan=account.plan,
        calling=account.calling,
        limit_percent=account.limit_percent,
        retired=account.retired,
        serial=account.serial,
        windows=account.windows.export(),
        ledger=LedgerForm(
            opening=account.ledger.opening, balance=account.ledger.balance, entries=account.ledger.entries
        ),
        lanes={name: _lane_form(lane) for name, lane in account.lanes.items()},
        uploads=[
            UploadForm(**{**asdict(upload), "purpose": upload.purpose.name})
            for upload in account.uploads.values()
        ],
        datasets=[_dataset_form(dataset, account) for dataset in account.datasets.values()],
        **nouns,
        gone=[form_of(job, catalogue) for job in reachable(account, under_way) if job.id not in has_name],
        images=list(account.images),
        variations_of={
            image_id: [variation.id for variation in variations]
            for image_id, variations in account.variations_of.items()
        },
    )


def _lane_form(lane: Lane) -> LaneForm:
    return LaneForm(
        slots=lane.slots,
        pending_max=lane.pending_max,
        percent=lane.percent,
        running=lane.running,
        queue=[job.id for job in lane.queue],
    )


def _dataset_form(dataset: Dataset, account: Account) -> DatasetForm:
    images = []
    for image in dataset.images:
        upload, generation = image.upload, image.generation
        assert upload is None or account.uploads.get(upload.id) is upload, "its uploads are its owner's"
        refers = {
            "upload": upload.id if upload is not None else None,
            "generation": generation.id if generation is not None else None,
        }
        images.append(DatasetImageForm(**{**asdict(image), **refers}))
    return DatasetForm(**{**asdict(dataset), "images": images})


def restore_account(saved: AccountForm, path: str, world: World) -> Account:
    """The account with all that is its own, except what refers to something."""
    rules = world.rules
    try:
        windows = Windows.restore(
            rules["limits.window"].value, rules.integer("limits.window_ms"), saved.windows
        )
    except ValueError as error:
        field, _, what = str(error).partition(": ")
        raise BadState(f"{path}.{field}", what) from None
    account = Account(plan=saved.plan, chance=Chance(bytes.fromhex(saved.chance)), windows=windows)
    if account.user_id != saved.user_id:
        raise BadState(f"{path}.user_id", "is not the one that its chance draws")
    if account.user_id in world.accounts:
        raise BadState(f"{path}.user_id", "two accounts have it")
    if set(saved.lanes) != set(world.plan.slots) or set(saved.lanes) != set(account.plan.slots):
        raise BadState(f"{path}.lanes", "are not those for which the plans have slots")
    world.accounts[account.user_id] = account
    account.calling = saved.calling
    account.limit_percent = saved.limit_percent
    account.retired = saved.retired
    account.serial = saved.serial
    account.ledger.opening = saved.ledger.opening
    account.ledger.balance = saved.ledger.balance
    account.ledger.entries = saved.ledger.entries
    account.lanes = {name: Lane(lane.slots, lane.pending_max) for name, lane in saved.lanes.items()}
    return account


def restore_things(account: Account, saved: AccountForm, path: str, world: World) -> Jobs:
    """Give the account its uploads, its jobs and its datasets, with all that leads to them."""
    for nth, upload in enumerate(saved.uploads):
        _restore_upload(upload, f"{path}.uploads.{nth}", account, world)
    jobs = Jobs(account=account, catalogue=world.catalogue, now_ms=world.now_ms)
    jobs.restore(_jobs_in(saved, path))
    for noun in NOUNS:
        things: dict[Any, Job] = getattr(account, noun)
        for nth, form in enumerate(getattr(saved, noun)):
            name = form.number if noun == "elements" else form.id
            if name in things:
                raise BadState(f"{path}.{noun}.{nth}.number", "two elements have it")
            things[name] = jobs.find(form.id, Job, f"{path}.{noun}.{nth}")
    made_by = {image_id: one for one in account.generations.values() for image_id in one.image_ids}
    for nth, image_id in enumerate(saved.images):
        if image_id not in made_by:
            raise BadState(f"{path}.images.{nth}", f"no generation has the image {image_id!r}")
        account.images[image_id] = made_by[image_id]
    for image_id, ids in saved.variations_of.items():
        place = f"{path}.variations_of.{image_id}"
        account.variations_of[image_id] = [
            jobs.find(variation_id, Variation, f"{place}.{nth}") for nth, variation_id in enumerate(ids)
        ]
    for name, lane in saved.lanes.items():
        account.lanes[name].percent, account.lanes[name].running = lane.percent, lane.running
        place = f"{path}.lanes.{name}.queue"
        account.lanes[name].queue.extend(
            jobs.find(job_id, Job, f"{place}.{nth}") for nth, job_id in enumerate(lane.queue)
        )
    in_datasets: set[str] = set()
    for nth, dataset in enumerate(saved.datasets):
        _restore_dataset(dataset, f"{path}.datasets.{nth}", account, jobs, in_datasets)
    return jobs


def _jobs_in(saved: AccountForm, path: str) -> Iterator[tuple[str, AnyJobForm]]:
    for noun in (*NOUNS, "gone"):
        for nth, form in enumerate(getattr(saved, noun)):
            yield f"{path}.{noun}.{nth}", form


def _restore_upload(saved: UploadForm, path: str, account: Account, world: World) -> None:
    if saved.purpose not in Purpose.__members__:
        raise BadState(f"{path}.purpose", f"{saved.purpose!r} is none of {', '.join(Purpose.__members__)}")
    if saved.id in account.uploads:
        raise BadState(f"{path}.id", "two uploads have it")
    if saved.key in world.uploads_by_key:
        raise BadState(f"{path}.key", "two uploads have it")
    upload = Upload(**{**asdict(saved), "purpose": Purpose[saved.purpose]})
    account.uploads[upload.id] = world.uploads_by_key[upload.key] = upload


def _restore_dataset(saved: DatasetForm, path: str, account: Account, jobs: Jobs, met: set[str]) -> None:
    """`met` are the ids of images that datasets have so far: each is in one of them."""
    if saved.id in account.datasets:
        raise BadState(f"{path}.id", "two datasets have it")
    images = []
    for nth, image in enumerate(saved.images):
        place = f"{path}.images.{nth}"
        if image.id in met:
            raise BadState(f"{place}.id", "two images have it")
        met.add(image.id)
        upload = generation = None
        if image.upload is not None:
            upload = account.uploads.get(image.upload)
            if upload is None or upload.purpose is not Purpose.DATASET_IMAGE:
                raise BadState(f"{place}.upload", f"no such upload: {image.upload!r}")
            if (upload.id, upload.key) != (image.id, image.key):
                raise BadState(f"{place}.upload", "has another id or key than the image")
        if image.generation is not None:
            generation = jobs.find(image.generation, Generation, f"{place}.generation")
            if image.index >= generation.quantity:
                raise BadState(f"{place}.index", "its generation has fewer images")
        if (upload is None) is (generation is None):
            raise BadState(place, "is either an upload or the copy of a generated image")
        refers = {"upload": upload, "generation": generation}
        images.append(DatasetImage(**{**asdict(image), **refers}))
    account.datasets[saved.id] = Dataset(**{**asdict(saved), "images": images})
