"""All failures there are: one class each, and no other list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

from mockleo.faults.add_field import AddField
from mockleo.faults.asset_corrupt import AssetCorrupt
from mockleo.faults.asset_html import AssetHtml
from mockleo.faults.asset_slow import AssetSlow
from mockleo.faults.asset_status import AssetStatus
from mockleo.faults.asset_truncated import AssetTruncated
from mockleo.faults.asset_wrong_type import AssetWrongType
from mockleo.faults.connection_close import ConnectionClose
from mockleo.faults.connection_reset import ConnectionReset
from mockleo.faults.credits_gone import CreditsGone
from mockleo.faults.empty_body import EmptyBody
from mockleo.faults.fewer_images import FewerImages
from mockleo.faults.form_expired import FormExpired
from mockleo.faults.gateway_error import GatewayError
from mockleo.faults.html_page import HtmlPage
from mockleo.faults.job_fails import JobFails
from mockleo.faults.job_late import JobLate
from mockleo.faults.job_moderated import JobModerated
from mockleo.faults.job_never_ends import JobNeverEnds
from mockleo.faults.key_revoked import KeyRevoked
from mockleo.faults.latency import Latency
from mockleo.faults.limits_halved import LimitsHalved
from mockleo.faults.model_retired import ModelRetired
from mockleo.faults.nsfw import Nsfw
from mockleo.faults.null_field import NullField
from mockleo.faults.null_result import NullResult
from mockleo.faults.object_lost import ObjectLost
from mockleo.faults.outage import Outage
from mockleo.faults.partial_results import PartialResults
from mockleo.faults.redirect import Redirect
from mockleo.faults.slow_body import SlowBody
from mockleo.faults.status import Status
from mockleo.faults.throttle import Throttle
from mockleo.faults.truncated_json import TruncatedJson
from mockleo.faults.unknown_model import UnknownModel
from mockleo.faults.unknown_status import UnknownStatus
from mockleo.faults.upload_slow import UploadSlow
from mockleo.faults.upload_unavailable import UploadUnavailable
from mockleo.faults.webhook_doubled import WebhookDoubled
from mockleo.faults.webhook_first import WebhookFirst
from mockleo.faults.webhook_forged import WebhookForged
from mockleo.faults.webhook_huge import WebhookHuge
from mockleo.faults.webhook_late import WebhookLate
from mockleo.faults.webhook_lost import WebhookLost
from mockleo.faults.webhook_no_bearer import WebhookNoBearer
from mockleo.faults.webhook_other_payload import WebhookOtherPayload
from mockleo.faults.webhook_reordered import WebhookReordered
from mockleo.faults.webhook_unknown_type import WebhookUnknownType
from mockleo.faults.webhook_wrong_bearer import WebhookWrongBearer
from mockleo.faults.wrong_type import WrongType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.faults.fault import Fault

MENU: tuple[type[Fault], ...] = (
    # what a client gets back
    Status,
    Throttle,
    GatewayError,
    Redirect,
    HtmlPage,
    EmptyBody,
    TruncatedJson,
    WrongType,
    NullField,
    AddField,
    Latency,
    SlowBody,
    ConnectionClose,
    ConnectionReset,
    Outage,
    # what becomes of a job
    JobFails,
    JobModerated,
    JobNeverEnds,
    JobLate,
    FewerImages,
    PartialResults,
    Nsfw,
    UnknownStatus,
    UnknownModel,
    NullResult,
    WebhookFirst,
    # what an account may do and has
    KeyRevoked,
    CreditsGone,
    LimitsHalved,
    ModelRetired,
    # what the bucket does
    FormExpired,
    UploadUnavailable,
    UploadSlow,
    ObjectLost,
    # what an asset's URL gives
    AssetStatus,
    AssetTruncated,
    AssetCorrupt,
    AssetHtml,
    AssetWrongType,
    AssetSlow,
    # what becomes of a webhook
    WebhookLost,
    WebhookDoubled,
    WebhookLate,
    WebhookReordered,
    WebhookWrongBearer,
    WebhookNoBearer,
    WebhookForged,
    WebhookOtherPayload,
    WebhookUnknownType,
    WebhookHuge,
)

# What a description of a fault is read as: its member `fault` says which.
KINDS: Any = Union[MENU]  # noqa: UP007  the members are not known to the type checker

BY_NAME: Mapping[str, type[Fault]] = {str(kind.__struct_config__.tag): kind for kind in MENU}
