"""Uploads and assets: forms that are not checked, bytes that are others, pictures that are none."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from unittest import mock

import msgspec
from starlette.responses import Response

from mockleo.bucket import errors, presign
from mockleo.bucket.store import Draft
from mockleo.wire import assets
from mockleo.wire.links import Links
from tests.conformance.bugs.planting import Bug, Planted, answer, both, function, instead, method, rule


def _form(change: Any) -> Planted:
    """Hand out other forms; `change` is given the fields, and gives them back."""

    def make(true: Any) -> Any:
        def presigned(call: Any, upload: Any) -> tuple[str, str]:
            fields, url = true(call, upload)
            return msgspec.json.encode(change(msgspec.json.decode(fields))).decode(), url

        return presigned

    nouns = ("init_images", "datasets", "media", "mesh_assets")
    return both(*(function(f"mockleo.wire.endpoints.{noun}.presigned", make) for noun in nouns))


def _form_url(change: Any) -> Planted:
    def make(true: Any) -> Any:
        def presigned(call: Any, upload: Any) -> tuple[str, str]:
            fields, url = true(call, upload)
            return fields, change(url)

        return presigned

    nouns = ("init_images", "datasets", "media", "mesh_assets")
    return both(*(function(f"mockleo.wire.endpoints.{noun}.presigned", make) for noun in nouns))


def _without(name: str) -> Any:
    return lambda fields: {key: value for key, value in fields.items() if key != name}


def _unless(refusal: type[Exception]) -> Any:
    """Let a form that would be refused so be good."""

    def make(true: Any) -> Any:
        def judge(*given: Any, **named: Any) -> Any:
            try:
                return true(*given, **named)
            except refusal:
                return None

        return judge

    return make


def _any_size(true: Any) -> Any:
    def admit(head: Any, **named: Any) -> Any:
        return replace(true(head, **named), most_bytes=10**12, least_bytes=0)

    return admit


def _altered(true: Any) -> Any:
    """Keep other bytes than came."""
    return lambda draft, data: true(draft, data[:-1] + bytes([data[-1] ^ 1]) if data else data)


def _cut(true: Any) -> Any:
    return lambda draft, data: true(draft, data[: max(1, len(data) // 2)])


def _answered(status: int) -> Planted:
    def make(true: Any) -> Any:
        def told(stored: Any, fields: Any, *, url: str) -> Any:
            return replace(true(stored, fields, url=url), status=status)

        return told

    return function("mockleo.bucket.service.answer", make)


def _code(refusal: type[errors.S3Refusal], code: str) -> Planted:
    return mock.patch.object(refusal, "code", code)


def _status(refusal: type[errors.S3Refusal], status: int) -> Planted:
    return mock.patch.object(refusal, "status", status)


def _asset(change: Any) -> Planted:
    """Answer assets otherwise."""

    def make(true: Any) -> Any:
        async def part(owner: Any, verb: str, path: str, *, asked: str | None) -> Any:
            return change(await true(owner, verb, path, asked=asked), path)

        return part

    return method(assets.Assets, "_answer", make)


def _of_type(content_type: str) -> Any:
    def change(response: Any, path: str) -> Any:
        response.headers["content-type"] = content_type
        return response

    return change


def _page(response: Any, path: str) -> Any:
    return Response("<html>moved</html>", 200, media_type="text/html")


def _gone(response: Any, path: str) -> Any:
    return Response("Not Found", 404, media_type="text/plain")


def _gone_if(extension: str) -> Any:
    return lambda response, path: _gone(response, path) if path.endswith(extension) else response


def _empty(response: Any, path: str) -> Any:
    return Response(b"", response.status_code, media_type=response.headers["content-type"])


def _half(response: Any, path: str) -> Any:
    body = bytes(response.body)
    return Response(body[: len(body) // 2], response.status_code, media_type=response.headers["content-type"])


def _small(true: Any) -> Any:
    """Draw every picture small."""
    return lambda prompt, **named: true(prompt, **{**named, "width": 64, "height": 64})


def _one_picture(true: Any) -> Any:
    return lambda prompt, **named: true("the same", **{**named, "seed": 1, "index": 0})


def _links_elsewhere(true: Any) -> Any:
    return lambda links, path: true(links, path).replace("/cdn/", "/assets/")


def _wrong_key(told: Any, call: Any) -> Any:
    return {**told, "key": f"{told['key']}.bak"}


def _one_id(told: Any, call: Any) -> Any:
    return {**told, "maskImageId": told["initImageId"], "masksImageId": told["initImageId"]}


def _another_owner(true: Any) -> Any:
    """Keys that hang on nobody: every upload of a kind has the same."""
    return lambda presigner, *, key, **named: true(presigner, key=key.rsplit("/", 1)[0] + "/file", **named)


BUGS: Mapping[str, Bug] = {
    "signature-unchecked": Bug(
        "a form's signature is not checked",
        lambda: function("mockleo.bucket.upload.verify", instead(None)),
    ),
    "expiry-unchecked": Bug(
        "a form that has expired is taken",
        lambda: function("mockleo.bucket.policy.judge", _unless(errors.PolicyExpired)),
    ),
    "form-lives-too-long": Bug("a form lives an hour", lambda: rule({"upload.form_life.value": 3_600_000})),
    "form-is-dead": Bug("a form is expired at once", lambda: rule({"upload.form_life.value": 0})),
    "size-unchecked": Bug(
        "a file of any size is taken", lambda: function("mockleo.bucket.service.admit", _any_size)
    ),
    "conditions-unchecked": Bug(
        "a form need not keep its policy's conditions",
        lambda: function("mockleo.bucket.policy.judge", _unless(errors.ConditionFailed)),
    ),
    "extra-fields-taken": Bug(
        "a form may have fields that its policy does not name",
        lambda: function("mockleo.bucket.policy.judge", _unless(errors.ExtraFields)),
    ),
    "policy-unchecked": Bug(
        "a form's policy is not looked at", lambda: function("mockleo.bucket.policy.judge", instead(None))
    ),
    "wrong-signature-code": Bug(
        "a wrong signature is refused with another code",
        lambda: _code(errors.SignatureMismatch, "BadSignature"),
    ),
    "wrong-signature-is-400": Bug(
        "a wrong signature is answered 400", lambda: _status(errors.SignatureMismatch, 400)
    ),
    "too-large-is-413": Bug(
        "a file that is too large is answered 413", lambda: _status(errors.TooLarge, 413)
    ),
    "expired-code": Bug(
        "a form that has expired is refused with another code",
        lambda: _code(errors.PolicyExpired, "RequestExpired"),
    ),
    "upload-is-200": Bug("an upload is answered 200", lambda: _answered(200)),
    "upload-is-303": Bug("an upload is answered 303", lambda: _answered(303)),
    "bytes-altered": Bug("an upload's bytes are altered", lambda: method(Draft, "write", _altered)),
    "bytes-cut": Bug("an upload's bytes are cut", lambda: method(Draft, "write", _cut)),
    "form-without-policy": Bug("a form has no policy", lambda: _form(_without("Policy"))),
    "form-without-signature": Bug("a form has no signature", lambda: _form(_without("X-Amz-Signature"))),
    "form-without-type": Bug(
        "a form does not say what kind of file it is for", lambda: _form(_without("Content-Type"))
    ),
    "form-of-another-type": Bug(
        "a form is for another kind of file",
        lambda: mock.patch.dict(
            "mockleo.wire.shapes._CONTENT_TYPES", {"png": "image/gif", "jpg": "text/plain"}
        ),
    ),
    "form-goes-nowhere": Bug("a form's URL leads nowhere", lambda: _form_url(lambda url: f"{url}-none/x/y")),
    "form-with-another-key": Bug(
        "the key beside a form is not the form's", lambda: answer("uploadInitImage", _wrong_key)
    ),
    "canvas-has-one-id": Bug("canvas and mask have one id", lambda: answer("uploadCanvasInitImage", _one_id)),
    "uploads-overwrite": Bug(
        "every upload goes to the same place",
        lambda: method(presign.Presigner, "presign", _another_owner),
    ),
    "upload-not-found": Bug(
        "what was uploaded cannot be fetched",
        lambda: function("mockleo.wire.assets._stored", instead(None)),
    ),
    "assets-are-pages": Bug("an asset is a page", lambda: _asset(_page)),
    "assets-are-gone": Bug("no asset can be fetched", lambda: _asset(_gone)),
    "films-are-gone": Bug("no video can be fetched", lambda: _asset(_gone_if(".mp4"))),
    "thumbnails-are-gone": Bug("no thumbnail can be fetched", lambda: _asset(_gone_if("thumbnail.png"))),
    "assets-of-another-type": Bug(
        "a picture is said to be bytes", lambda: _asset(_of_type("application/octet-stream"))
    ),
    "jpeg-is-said-to-be-png": Bug("every asset is said to be a PNG", lambda: _asset(_of_type("image/png"))),
    "assets-are-empty": Bug("an asset has no bytes", lambda: _asset(_empty)),
    "assets-are-cut": Bug("an asset ends in the middle", lambda: _asset(_half)),
    "pictures-are-small": Bug(
        "pictures have another size than was asked for",
        lambda: function("mockleo.wire.assets._picture", _small),
    ),
    "pictures-are-all-one": Bug(
        "all pictures are the same", lambda: function("mockleo.wire.assets._picture", _one_picture)
    ),
    "links-lead-elsewhere": Bug(
        "an asset's URL leads to nothing",
        lambda: method(Links, "asset", _links_elsewhere),
    ),
}
