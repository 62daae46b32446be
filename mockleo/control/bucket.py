"""The bucket that uploads go to, for whoever wants to sign for it himself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.control.operation import Operation

if TYPE_CHECKING:
    from mockleo.control.operation import Ask, Nothing


class BucketShown(msgspec.Struct):
    """Where it is and how to sign for it, in the words of AWS."""

    name: str
    url: str
    endpoint: str
    region: str
    accessKeyId: str
    secretAccessKey: str
    sessionToken: str


def show(ask: Ask[Nothing]) -> BucketShown:
    shown = ask.app.site.storage.bucket.shown()
    # Once it is told, it may stand in whatever clients send.
    ask.app.redactor.learn(shown["secretAccessKey"], shown["sessionToken"])
    endpoint = f"{ask.base}/s3"
    return BucketShown(url=f"{endpoint}/{shown['name']}", endpoint=endpoint, **shown)


OPERATIONS = (
    Operation(
        method="GET",
        path="/bucket",
        summary="The upload bucket and its credentials",
        handle=show,
        answer=BucketShown,
        shows_secrets=True,
    ),
)
