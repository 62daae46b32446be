"""Blueprints: prepared workflows that are run with a few inputs.

They are another backend's, with other words for its states and its refusals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.core.errors import BlueprintBadRequest, BlueprintNotFound, BlueprintOutOfCredits, LeoError
from mockleo.core.generations import Generation, drawn_seed, generation_id
from mockleo.core.lifecycle import Job, State
from mockleo.core.moderation import moderate
from mockleo.core.orders import GenerationOrder

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.world import World

_ROOT = "executeBlueprint"


class NodeValue(msgspec.Struct, frozen=True, kw_only=True):
    """One input as the client gave it: a text, or named texts."""

    nodeId: str
    settingName: str
    value: str | list[dict[str, str]]

    def texts(self) -> list[str]:
        if isinstance(self.value, str):
            return [self.value]
        return [variable["value"] for variable in self.value]


class Execution(Job, kw_only=True, gc=False):
    """One run of a blueprint, and the generations that come out of it."""

    version_id: str
    inputs: list[NodeValue]
    public: bool
    outputs: tuple[Generation, ...]
    moderated: bool = False

    def parts(self) -> tuple[Job, ...]:
        return self.outputs

    def settle(self, account: Account) -> None:
        for generation in self.outputs:
            generation.settle(account)

    @property
    def execution_status(self) -> str:
        """As the blueprint backend says it: it tells QUEUED apart."""
        return "QUEUED" if self.state is State.QUEUED else status_there(self)

    @property
    def stopped_by_moderation(self) -> bool:
        """Whether its prompt is why it has failed, or will."""
        return self.moderated or (self.fate is not None and self.fate.moderated)


# What a job's status is called here, where it is called otherwise.
_STATUS = {"COMPLETE": "COMPLETED"}


def status_there(job: Job) -> str:
    """The status of `job` in the blueprint backend's words."""
    return _STATUS.get(job.status, job.status)


def execute(
    world: World, account: Account, *, version_id: str, inputs: list[NodeValue], public: bool
) -> Execution:
    """Accept a run of the blueprint version; its inputs must be the version's own."""
    found = world.catalogue.blueprint_versions.get(version_id)
    if found is None:
        raise BlueprintNotFound(root=_ROOT, noun="Blueprint version")
    blueprint, version = found
    if version.cost > account.ledger.balance:
        raise BlueprintOutOfCredits(root=_ROOT, user_id=account.user_id)
    wanted = {(wish.nodeId, wish.settingName) for wish in version.inputs}
    for given in inputs:
        if (given.nodeId, given.settingName) not in wanted:
            raise BlueprintBadRequest(
                root=_ROOT, detail=f"Unknown node input {given.nodeId} {given.settingName}"
            )
    moderated = _is_moderated(world, inputs)
    words = " ".join(text for given in inputs if given.settingName == "text" for text in given.texts())
    serial = account.next()
    execution = Execution(
        id=account.chance.uuid4(f"execution:{serial}"),
        lane="blueprint",
        cost=version.cost,
        seed=0,
        created_ms=world.now_ms,
        changed_ms=world.now_ms,
        duration_ms=world.duration_ms(
            world.rules.integer("durations.blueprint"), account=account, label=f"time:{serial}"
        ),
        doomed=moderated,
        version_id=version_id,
        inputs=inputs,
        public=public,
        outputs=tuple(
            _output(world, account, words or blueprint.name, public=public) for _ in version.outputs
        ),
        moderated=moderated,
    )
    world.book(account, execution)
    account.executions[execution.id] = execution
    account.generations.update((generation.id, generation) for generation in execution.outputs)
    return execution


def _is_moderated(world: World, inputs: list[NodeValue]) -> bool:
    """A prompt that is refused elsewhere at once makes a run fail here. Source: OAS samples."""
    try:
        for given in inputs:
            for text in given.texts():
                moderate(world.rules, text)
    except LeoError:
        return True
    return False


def _output(world: World, account: Account, prompt: str, *, public: bool) -> Generation:
    serial = account.next()
    rules = world.rules
    order = GenerationOrder(prompt=prompt, num_images=1, public=public)
    return Generation(
        id=generation_id(world, account, serial),
        lane="blueprint",
        cost=0,
        seed=drawn_seed(account, None, serial, rules),
        created_ms=world.now_ms,
        changed_ms=world.now_ms,
        duration_ms=0,
        order=order,
        prompt=prompt,
        model=world.catalogue.models[rules.default("generation.modelId")],
        width=rules.default("generation.width"),
        height=rules.default("generation.height"),
        quantity=1,
    )
