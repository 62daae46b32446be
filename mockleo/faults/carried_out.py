"""What has in common whatever is done to an answer of a call that was carried out."""

from __future__ import annotations

from mockleo.faults.fault import AnswerFault


class CarriedOutFault(AnswerFault, frozen=True, kw_only=True):
    """Does something to the answer that there is: so `commit` is always true."""

    commit: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.commit:
            raise ValueError(
                f"commit: {self.kind} needs an answer to work on, so the call is always carried out"
            )
