"""Tags of an object: as XML in a form or a request, as a query in a header.

Sources: AWS: RESTObjectPOST (`tagging`), PutObjectTagging ("up to 10", lengths); words of the
refusals: published answers of S3.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from mockleo.bucket.errors import BadArgument, BadTag, TooManyTags
from mockleo.bucket.markup import around, element, read, result
from mockleo.bucket.reply import Reply

TAGS_MAX = 10
KEY_CHARACTERS_MAX = 128
VALUE_CHARACTERS_MAX = 256


def from_xml(text: str | bytes) -> dict[str, str]:
    """Read `<Tagging><TagSet><Tag><Key/><Value/></Tag>...`. Well-formed XML of another kind has no tags.

    Raises MalformedXML, BadTag, TooManyTags.
    """
    root = read(text)
    if root.tag != "Tagging":
        return {}
    return _checked(
        [(tag.findtext("Key", ""), tag.findtext("Value", "")) for tag in root.iterfind("TagSet/Tag")]
    )


def from_header(text: str) -> dict[str, str]:
    """Read `a=1&b=2`. Raises BadArgument, BadTag, TooManyTags."""
    try:
        return _checked(parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)))
    except ValueError:
        message = (
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
            "without tag name duplicates."
        )
        raise BadArgument(message, name="x-amz-tagging", value=text) from None


def shown(tags: Mapping[str, str]) -> Reply:
    """The answer to GetObjectTagging."""
    written = [around("Tag", [element("Key", name), element("Value", value)]) for name, value in tags.items()]
    body = result("Tagging", [around("TagSet", written)])
    return Reply(status=200, headers={"content-type": "application/xml"}, body=body)


def _checked(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for name, value in pairs:
        if not 0 < len(name) <= KEY_CHARACTERS_MAX:
            raise BadTag("The TagKey you have provided is invalid", {"TagKey": name})
        if len(value) > VALUE_CHARACTERS_MAX:
            raise BadTag("The TagValue you have provided is invalid", {"TagKey": name, "TagValue": value})
        if name in tags:
            raise BadTag("Cannot provide multiple Tags with the same key", {"TagKey": name})
        tags[name] = value
    if len(tags) > TAGS_MAX:
        raise TooManyTags
    return tags
