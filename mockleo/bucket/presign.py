"""The fields of a presigned POST form.

Names and order are those of AWS's own SDK for JavaScript (createPresignedPost), which is
assumed to be what stands behind Leonardo's `fields`: no real sample is public.
"""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mockleo.bucket.signature import ALGORITHM, Credentials, sign_v4

# Leonardo's upload page: a form lives two minutes.
LIFE_MS = 120_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Presigner:
    """Makes forms for one bucket. `name` is the bucket's, `region` stands in the credential."""

    name: str
    region: str
    credentials: Credentials

    def presign(
        self,
        *,
        key: str,
        content_type: str,
        now_ms: int,
        life_ms: int = LIFE_MS,
        max_bytes: int | None = None,
    ) -> dict[str, str]:
        """Return the form's fields in the order in which they are to be sent, before the file.

        The form is good while the clock shows less than `now_ms + life_ms`. With `max_bytes`
        the policy also asks for a file of 1 to `max_bytes` bytes.
        """
        now = _instant(now_ms)
        scope = f"{now:%Y%m%d}/{self.region}/s3/aws4_request"
        fixed = {
            "Content-Type": content_type,
            "bucket": self.name,
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{self.credentials.access_key_id}/{scope}",
            "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
            "X-Amz-Security-Token": self.credentials.session_token,
            "key": key,
        }
        if not self.credentials.session_token:
            del fixed["X-Amz-Security-Token"]
        conditions: list[object] = [{name: value} for name, value in fixed.items()]
        if max_bytes is not None:
            conditions.append(["content-length-range", 1, max_bytes])
        ends = _instant(now_ms + life_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        document = json.dumps({"expiration": ends, "conditions": conditions}, separators=(",", ":"))
        policy = base64.b64encode(document.encode()).decode()
        signature = sign_v4(
            policy,
            secret=self.credentials.secret_access_key,
            day=f"{now:%Y%m%d}",
            region=self.region,
        )
        return {**fixed, "Policy": policy, "X-Amz-Signature": signature}


def _instant(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=epoch_ms)
