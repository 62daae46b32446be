"""Every "no" a client can be told.

    LeoError
    |-- AtTheDoor               before anybody looked at what was asked
    |   |-- Unauthenticated         no key, or a key nobody issued
    |   |-- MalformedKey            a key that is not shaped like one
    |   |-- EndpointNotFound        no such path
    |   |-- MethodNotAllowed        the path is there, the method is not
    |   |-- BodyTooLarge            more than the front lets through
    |   |-- NotTheApi               a path beside the API, such as one without /rest
    |   `-- NowhereAtAll            any other path
    |-- BadVariables            the request does not fit the operation's types
    |   |-- InvalidJson             the body is no JSON
    |   |-- UnexpectedVariable      a name the operation does not have
    |   |-- MissingVariable         a name it needs
    |   |-- WrongType               a value of another type
    |   |-- ListInQuery             a list where only scalars can stand
    |   `-- MalformedUuid           an id in the path that is no UUID
    |-- InvalidInput            it fits the types, and breaks a rule of the service
    |   |-- InvalidValue            out of range, or not with that other parameter
    |   |-- InvalidDimensions       width or height
    |   |-- TooManyImages           more than the size allows
    |   |-- PromptTooLong, ImprovePromptTooLong
    |   |-- InvalidExtension        not a kind of file that can be uploaded here
    |   |-- PhoenixNeedsItsVersion  another sd_version with a Phoenix model
    |   `-- EmptyDataset            nothing to train on
    |-- NotUsable               it names a thing that cannot be used so
    |   |-- InvalidInitImage        not an uploaded image of this account
    |   |-- CannotAccessImage       a variation of an upload, or of nothing
    |   |-- InitVariationNotFound   `isVariation` does not suit the id
    |   |-- ModelNotUsable          a model that the API does not run
    |   |-- ModelNotFound           a model nobody knows
    |   |-- ModelIdMalformed        a model id that is no UUID
    |   `-- WrongKindOfId           a generation's id where an image's is wanted
    |-- Moderated               the prompt is refused
    |   |-- WordFiltered            for one word
    |   `-- AgainstTerms            for what it says
    |-- OutOfCredits            the balance does not cover the cost
    |-- Throttled               more than the plan lets through
    |   |-- TooManyRequests         calls of all kinds in one minute
    |   |-- TooManyOfThisKind       calls of one endpoint in one minute
    |   `-- QueueFull               jobs of one kind that wait for a slot
    `-- BlueprintRefusal        what the blueprint backend says, which is built differently
        |-- BlueprintBadRequest
        |-- BlueprintNotFound
        |-- BlueprintOutOfCredits
        `-- BlueprintWrongType

None of them knows a status code or a text: `contracts/errors.toml` has one row for each leaf,
and `wire/errors.py` reads it. The facts that a row's text needs are the keyword arguments.
"""


class LeoError(Exception):
    """Base of all refusals. Anything else that escapes a handler is our bug: a 500.

    `facts` fill the placeholders of the row's text; `rule` names the row of rules.toml that was
    broken, where there is one.
    """

    def __init__(self, *, rule: str | None = None, **facts: str | int) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in facts.items()))
        self.facts = facts
        self.rule = rule


class AtTheDoor(LeoError):
    """Refused before anybody looked at what was asked."""


class Unauthenticated(AtTheDoor): ...


class MalformedKey(AtTheDoor): ...


class EndpointNotFound(AtTheDoor): ...


class MethodNotAllowed(AtTheDoor):
    def __init__(self, *, allowed: str) -> None:
        super().__init__(allowed=allowed)


class BodyTooLarge(AtTheDoor): ...


class NotTheApi(AtTheDoor): ...


class NowhereAtAll(AtTheDoor): ...


class BadVariables(LeoError):
    """The request does not fit the operation's types."""


class InvalidJson(BadVariables): ...


class UnexpectedVariable(BadVariables):
    def __init__(self, *, name: str) -> None:
        super().__init__(name=name)


class MissingVariable(BadVariables):
    def __init__(self, *, name: str) -> None:
        super().__init__(name=name)


class WrongType(BadVariables):
    """`message` says what was expected and found; `path` is where, as the engine writes it.

    `expected` is the JSON type alone, for the backend that tells no more; empty where the fault
    is another one than the type.
    """

    def __init__(self, *, message: str, path: str, expected: str = "") -> None:
        super().__init__(message=message, path=path)
        self.expected = expected


class ListInQuery(BadVariables):
    def __init__(self, *, name: str) -> None:
        super().__init__(name=name)


class MalformedUuid(BadVariables):
    def __init__(self, *, value: str) -> None:
        super().__init__(value=value)


class InvalidInput(LeoError):
    """It fits the types, and breaks a rule of the service."""


class InvalidValue(InvalidInput):
    def __init__(self, *, field: str, rule: str | None = None) -> None:
        super().__init__(field=field, rule=rule)


class InvalidDimensions(InvalidInput): ...


class TooManyImages(InvalidInput): ...


class PromptTooLong(InvalidInput):
    def __init__(self, *, limit: int, rule: str) -> None:
        super().__init__(limit=limit, rule=rule)


class ImprovePromptTooLong(InvalidInput):
    def __init__(self, *, limit: int, rule: str) -> None:
        super().__init__(limit=limit, rule=rule)


class InvalidExtension(InvalidInput): ...


class PhoenixNeedsItsVersion(InvalidInput): ...


class EmptyDataset(InvalidInput): ...


class NotUsable(LeoError):
    """It names a thing that cannot be used so."""


class InvalidInitImage(NotUsable): ...


class CannotAccessImage(NotUsable): ...


class InitVariationNotFound(NotUsable): ...


class ModelNotUsable(NotUsable):
    def __init__(self, *, model_id: str) -> None:
        super().__init__(model_id=model_id)


class ModelNotFound(NotUsable): ...


class ModelIdMalformed(NotUsable): ...


class WrongKindOfId(NotUsable): ...


class Moderated(LeoError):
    """The prompt is refused, and nothing is charged."""


class WordFiltered(Moderated):
    def __init__(self, *, word: str) -> None:
        super().__init__(word=word)


class AgainstTerms(Moderated): ...


class OutOfCredits(LeoError):
    def __init__(self, *, user_id: str) -> None:
        super().__init__(user_id=user_id)


class Throttled(LeoError):
    """More than the plan lets through. `wait_ms` brings a call in; None when time alone does not."""

    def __init__(self, *, rule: str, wait_ms: int | None = None) -> None:
        super().__init__(rule=rule)
        self.wait_ms = wait_ms


class TooManyRequests(Throttled): ...


class TooManyOfThisKind(Throttled): ...


class QueueFull(Throttled): ...


class BlueprintRefusal(LeoError):
    """What the blueprint backend says: mostly a list of errors under status 200."""


class BlueprintBadRequest(BlueprintRefusal):
    def __init__(self, *, root: str, detail: str) -> None:
        super().__init__(root=root, detail=detail)


class BlueprintNotFound(BlueprintRefusal):
    def __init__(self, *, root: str, noun: str) -> None:
        super().__init__(root=root, noun=noun)


class BlueprintOutOfCredits(BlueprintRefusal):
    def __init__(self, *, root: str, user_id: str) -> None:
        super().__init__(root=root, user_id=user_id)


class BlueprintWrongType(BlueprintRefusal):
    def __init__(self, *, expected: str, field: str) -> None:
        super().__init__(expected=expected, field=field)
