"""Turns what went over the wire into values by a shape of the service model, whatever the protocol. What has no place in
the shape stays in the value under its own name, so that it is found to be unknown."""

import json
import re
import xml.etree.ElementTree as ElementTree
from urllib.parse import unquote

SCALARS = {
    "boolean": lambda text: {"true": True, "false": False}.get(text, text),
    **dict.fromkeys(["integer", "long", "short", "byte"], lambda text: int(text) if re.fullmatch(r"-?\d+", text) else text),
    **dict.fromkeys(["float", "double"], lambda text: number_of(text)),
}


def number_of(text):
    try:
        return float(text)
    except ValueError:
        return text


def scalar(text, shape):
    return SCALARS.get(shape.type_name, lambda same: same)(text)


# XML

ATTRIBUTE = "attribute "


def xml_root(body):
    """The root element without namespaces. Raises ElementTree.ParseError."""
    root = ElementTree.fromstring(body)
    for element in root.iter():
        element.tag = re.sub(r"^\{.*\}", "", element.tag)
    return root


def from_xml(element, shape):
    if shape.type_name == "structure":
        return structure_from_xml(element, shape)
    if shape.type_name == "list":
        return [from_xml(child, shape.member) for child in element]
    if shape.type_name == "map":
        return {child.findtext("key"): from_xml(child.find("value"), shape.value) for child in element}
    if len(element):
        return {child.tag: child.text for child in element}
    return scalar(element.text or "", shape)


def structure_from_xml(element, shape):
    by_tag = {}
    for name, member in shape.members.items():
        if member.serialization.get("location") is None:
            by_tag[tag_of(name, member)] = (name, member)
    value = {}
    for child in element:
        if child.tag not in by_tag:
            value[child.tag] = child.text
            continue
        name, member = by_tag[child.tag]
        if member.type_name == "list" and member.serialization.get("flattened"):
            value.setdefault(name, []).append(from_xml(child, member.member))
        elif name in value:
            value[f"{name} twice"] = child.text
        elif member.type_name == "list" and (strangers := strange_items(child, member)):
            value[f"{name} with {strangers}"] = None
        else:
            value[name] = from_xml(child, member)
    return value


def tag_of(name, member):
    flattened = member.type_name == "list" and member.serialization.get("flattened")
    own = member.member.serialization.get("name") if flattened else None
    return own or member.serialization.get("name", name)


def strange_items(element, member):
    wanted = member.member.serialization.get("name", "member")
    return sorted({child.tag for child in element if child.tag != wanted})


# Forms: the query protocol, and EC2's own


def from_form(form, shape, is_ec2, prefix=""):
    """Takes what it reads out of `form`, so that what is left in the end is unknown."""
    value = {}
    for name, member in shape.members.items():
        key = prefix + form_key(name, member, is_ec2)
        read = form_member(form, member, is_ec2, key)
        if read is not None:
            value[name] = read
    return value


def form_member(form, shape, is_ec2, key):
    if shape.type_name == "list":
        flat = is_ec2 or shape.serialization.get("flattened")
        base = key if flat else f"{key}.{shape.member.serialization.get('name', 'member')}"
        items = []
        while (item := form_member(form, shape.member, is_ec2, f"{base}.{len(items) + 1}")) is not None:
            items.append(item)
        return items or None
    if shape.type_name == "structure":
        return from_form(form, shape, is_ec2, f"{key}.") or None
    return scalar(form.pop(key), shape) if key in form else None


def form_key(name, member, is_ec2):
    if not is_ec2:
        return member.serialization.get("name", name)
    if "queryName" in member.serialization:
        return member.serialization["queryName"]
    own = member.serialization.get("name", name)
    return own[0].upper() + own[1:]


# REST: members in the path, the query, the headers and the body


def from_rest_request(request, body, operation):
    """The input of a REST call; raises ValueError when the path is not the operation's."""
    shape = operation.input_shape
    value, query = {}, dict(request["query"])
    template, _, fixed = operation.http["requestUri"].partition("?")
    match = re.fullmatch(path_pattern(template), request["path"])
    if match is None:
        raise ValueError(f"path {request['path']} is not {template}")
    by_location = {
        (member.serialization["location"], member.serialization.get("name", name)): (name, member)
        for name, member in shape.members.items()
        if "location" in member.serialization
    }
    for label, text in match.groupdict().items():
        name, member = by_location[("uri", label)]
        value[name] = scalar(unquote(text), member)
    for key, text in query.items():
        if key in fixed or key == "x-id":
            continue
        name, member = by_location.get(("querystring", key), (f"query {key}", None))
        value[name] = scalar(text, member) if member else text
    headers = request["headers"]
    if operation.http_checksum.get("requestAlgorithmMember"):
        # the header that the SDK adds is named by the algorithm; few models have it as a member too
        members = {key.lower() for location, key in by_location if location == "header"}
        headers = {key: text for key, text in headers.items() if key in members or not CHECKSUM_HEADER.fullmatch(key)}
    value.update(from_headers(headers, by_location))
    payload = shape.serialization.get("payload")
    if payload:
        if body:
            member = shape.members[payload]
            value[payload] = body if member.type_name in ("blob", "string") else from_xml(xml_root(body), member)
    elif body:
        value.update(structure_from_body(body, operation, shape))
    return value


def from_rest_response(response, body, operation):
    shape = operation.output_shape
    if shape is None:
        return {}
    by_location = {
        (member.serialization["location"], member.serialization.get("name", name)): (name, member)
        for name, member in shape.members.items()
        if "location" in member.serialization
    }
    value = from_headers(response["headers"], by_location)
    for (location, _), (name, _) in by_location.items():
        if location == "statusCode":
            value[name] = response["status"]
    payload = shape.serialization.get("payload")
    if payload:
        member = shape.members[payload]
        value[payload] = body if member.type_name in ("blob", "string") else from_xml(xml_root(body), member)
    elif body:
        value.update(structure_from_body(body, operation, shape))
    return value


def structure_from_body(body, operation, shape):
    if operation.service_model.metadata["protocol"] == "rest-json":
        return json.loads(body)
    return structure_from_xml(xml_root(body), shape)


def path_pattern(template):
    pattern = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", template.rstrip("/"))
    return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern) + "/?"


# What signing, tracing and transport add to any call.
COMMON_HEADERS = re.compile(
    r"x-amz-(date|content-sha256|security-token|user-agent|trailer|decoded-content-length|request-id|id-2|sdk-checksum-algorithm)"
)

CHECKSUM_HEADER = re.compile(r"x-amz-checksum-(crc32|crc32c|crc64nvme|md5|sha1|sha256|sha512|xxhash64|xxhash3|xxhash128)")


def from_headers(headers, by_location):
    value = {}
    lower = {key.lower(): text for key, text in headers.items()}
    known = {key.lower() for location, key in by_location if location == "header"}
    prefixes = tuple(key.lower() for location, key in by_location if location == "headers")
    for key, text in lower.items():
        if key.startswith("x-amz-") and key not in known and not COMMON_HEADERS.fullmatch(key):
            if not key.startswith(prefixes or "-"):
                value[f"header {key}"] = text
    for (location, key), (name, member) in by_location.items():
        if location == "header" and key.lower() in lower:
            text = lower[key.lower()]
            # botocore writes `True`
            value[name] = scalar(text.lower() if member.type_name == "boolean" else text, member)
        if location == "headers":
            found = {k[len(key) :]: text for k, text in lower.items() if k.startswith(key.lower())}
            if found:
                value[name] = found
    return value
