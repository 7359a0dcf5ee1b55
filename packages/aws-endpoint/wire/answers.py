"""Holds answers of the endpoint, taken or refused, against the model of their operation."""

import json
from xml.etree.ElementTree import ParseError

from codes import COMMON, UNMODELLED
from decode import from_rest_response, from_xml, structure_from_xml, xml_root
from shapes import faults_of

REST = ("route53", "s3", "lambda")


def speaks_forms(request):
    return request["headers"].get("content-type", "").startswith("application/x-www-form-urlencoded")


def success_of(service, operation, request, response, body):
    """Faults of an answer that says yes."""
    shape = operation.output_shape
    expected = expected_status(service, operation, request, response)
    faults = [] if response["status"] == expected else [f"status {response['status']}, the model says {expected}"]
    try:
        if service in REST:
            value = from_rest_response(response, body, operation)
        elif service == "ec2" or speaks_forms(request):
            value = form_answer(service, operation, body)
        else:
            value = json.loads(body or b"{}")
    except (ValueError, ParseError) as error:
        return [*faults, f"cannot be read: {error}"]
    if shape is None:
        return [*faults, *(f"{name}: {operation.name} answers nothing" for name in value)]
    return faults + faults_of(value, shape, operation.name)


def expected_status(service, operation, request, response):
    # Lambda's model says 200; its reference says 202 of an event and 204 of a dry run
    if operation.name == "Invoke":
        return {"Event": 202, "DryRun": 204}.get(request["headers"].get("x-amz-invocation-type"), 200)
    # S3's model says 200 of GetObject; its reference says 206 of a part, which Content-Range tells
    if service == "s3" and "range" in request["headers"] and "content-range" in response["headers"]:
        return 206
    return operation.http.get("responseCode", 200) if service in REST else 200


def form_answer(service, operation, body):
    root = xml_root(body)
    if root.tag != f"{operation.name}Response":
        raise ValueError(f"root {root.tag} is not {operation.name}Response")
    if operation.output_shape is None:
        # EC2's reference has `return` of calls whose model answers nothing
        told = ("requestId", "return") if service == "ec2" else ("ResponseMetadata",)
        return {child.tag: child.text for child in root if child.tag not in told}
    if service == "ec2":
        value = structure_from_xml(root, operation.output_shape)
        value.pop("requestId", None)
        return value
    wrapper = operation.output_shape.serialization.get("resultWrapper", f"{operation.name}Result")
    result = root.find(wrapper)
    return {} if result is None else structure_from_xml(result, operation.output_shape)


def refusal_of(service, operation, request, response, body):
    """The code that an answer refuses with, and its faults."""
    if not body:
        # a HEAD has no body to say it in, and a 304 says it all
        silent = request["method"] == "HEAD" or response["status"] == 304
        return None, [] if silent else ["refused without a word"]
    try:
        if service == "lambda":
            return json_refusal(service, operation, response, {**json.loads(body), "__type": error_type(response)})
        if service in REST or service == "ec2" or speaks_forms(request):
            return xml_refusal(service, operation, response, xml_root(body))
        return json_refusal(service, operation, response, json.loads(body))
    except (ValueError, ParseError) as error:
        return None, [f"cannot be read: {error}"]


def error_type(response):
    return response["headers"].get("x-amzn-errortype", "").split(":")[0]


def json_refusal(service, operation, response, value):
    code = value.pop("__type").rsplit("#")[-1]
    shape = error_shape(operation, code)
    if shape is None:
        strange = [f"{code}.{name}: a common error has no such member" for name in value if name.lower() != "message"]
        return code, strange + unknown_code(service, operation, code)
    if not shape.members:
        # shapes without any member come with a message all the same
        value = {name: text for name, text in value.items() if name.lower() != "message"}
    faults = faults_of(value, shape, code) + status_faults(shape, response)
    query_code = shape.metadata.get("error", {}).get("code")
    told = response["headers"].get("x-amzn-query-error")
    if service == "monitoring" and query_code and (told or "").split(";")[0] != query_code:
        faults.append(f"{code}: x-amzn-query-error is {told}, the model says {query_code}")
    return code, faults


def xml_refusal(service, operation, response, root):
    path = {"s3": ".", "ec2": "Errors/Error"}.get(service, "Error")
    wanted = {"s3": "Error", "ec2": "Response"}.get(service, "ErrorResponse")
    error = root.find(path)
    if root.tag != wanted or error is None:
        return None, [f"{root.tag} is not the shape of this service's errors, {wanted}/{path}"]
    code = error.findtext("Code") or ""
    shape = error_shape(operation, code)
    if shape is None:
        return code, unknown_code(service, operation, code)
    envelope = {"Type", "Code", "Message", "RequestId", "HostId", "Resource", "Key", "BucketName"}
    members = {
        name: from_xml(found, member)
        for name, member in shape.members.items()
        if (found := error.find(member.serialization.get("name", name))) is not None
    }
    strange = [f"{code}.{child.tag}: no such member" for child in error if child.tag not in envelope | shape.members.keys()]
    return code, strange + faults_of(members, shape, code) + status_faults(shape, response)


def error_shape(operation, code):
    for shape in operation.error_shapes if operation else []:
        if code in (shape.name, shape.metadata.get("error", {}).get("code")):
            return shape
    return None


def status_faults(shape, response):
    wanted = shape.metadata.get("error", {}).get("httpStatusCode")
    if wanted in (None, response["status"]):
        return []
    return [f"{shape.name}: status {response['status']}, the model says {wanted}"]


def unknown_code(service, operation, code):
    if code in COMMON[service] or code in UNMODELLED.get((service, operation and operation.name), ()):
        return []
    return [f"{code} is no error of {operation.name if operation else 'this service'}"]
