"""Holds every recorded call against AWS's own service models (botocore's): `check.py FOLDER [--client KEY] [--calls SERVICE:OPERATION …]`.

The folder holds what the local endpoint recorded under ENDPOINT_RECORD_WIRE. Each request and each answer is decoded by the
model of its operation and checked strictly (shapes.py). A request that breaks its model is right only when it was refused
for that, or as one too many before it was read; one of the client under test (its access key begins with KEY) never is. Each of
the calls named must have been recorded, else the suite proves nothing about it. Ends with 1 when anything is wrong.
"""

import argparse
import base64
import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import parse_qsl
from xml.etree.ElementTree import ParseError

import botocore.session

from answers import REST, refusal_of, success_of
from codes import IS_ABOUT_THE_REQUEST, REFUSED_UNREAD
from decode import from_form, from_rest_request
from shapes import faults_of

MODELS = {
    "route53": "route53",
    "ssm": "ssm",
    "monitoring": "cloudwatch",
    "ec2": "ec2",
    "events": "events",
    "s3": "s3",
    "sqs": "sqs",
    "lambda": "lambda",
    "sts": "sts",
}

session = botocore.session.get_session()
models = {name: session.get_service_model(model) for name, model in MODELS.items()}


def check(exchange, client=None):
    """Faults of one exchange, as (which side, fault). `client`: the start of the access key of the client under test."""
    service, name = exchange["service"], exchange["operation"]
    model = models[service]
    request, response = exchange["request"], exchange["response"]
    answer = base64.b64decode(response["body"])
    operation = model.operation_model(name) if name in model.operation_names else None
    if response["status"] >= 300:
        code, answer_faults = refusal_of(service, operation, request, response, answer)
        faults = [("answer", fault) for fault in answer_faults]
    elif operation is None:
        return [("answer", f"{name} is no operation of {service}, yet it was carried out")]
    else:
        code = None
        faults = [("answer", fault) for fault in success_of(service, operation, request, response, answer)]
    if operation is None:
        return faults
    broken = request_faults(service, operation, request)
    if code not in IS_ABOUT_THE_REQUEST | REFUSED_UNREAD or is_from(client, request):
        faults += [("request", fault) for fault in broken]
    return faults


def request_faults(service, operation, request):
    body = base64.b64decode(request["body"])
    kind = request["headers"].get("content-type", "")
    try:
        if service in REST:
            value = from_rest_request(request, body, operation)
        elif kind.startswith("application/x-www-form-urlencoded"):
            form = dict(parse_qsl(body.decode(), keep_blank_values=True))
            form.pop("Action", None), form.pop("Version", None)
            value = from_form(form, operation.input_shape, service == "ec2")
            value.update(form)
        else:
            value = json.loads(body or b"{}")
    except (ValueError, ParseError) as error:
        return [f"cannot be read: {error}"]
    return faults_of(value, operation.input_shape, operation.name) if operation.input_shape else []


def is_from(client, request):
    return client is not None and f"Credential={client}" in request["headers"].get("authorization", "")


def main(folder, client, expected):
    lines = [line for file in sorted(Path(folder).glob("*.jsonl")) for line in file.open()]
    calls, found, examples = Counter(), defaultdict(Counter), {}
    of_client = Counter()
    for line in lines:
        exchange = json.loads(line)
        call = (exchange["service"], exchange["operation"] or "(unknown)")
        calls[call] += 1
        of_client[call] += is_from(client, exchange["request"])
        for side, fault in check(exchange, client):
            alike = re.sub(r"\[\d+\]", "[…]", fault)
            found[call][(side, alike)] += 1
            examples.setdefault((call, side, alike), exchange)
    for (service, operation), count in sorted(calls.items()):
        print(f"{service} {operation}: {count} exchanges, {of_client[(service, operation)]} of the client under test")
    for (service, operation), faults in sorted(found.items()):
        for (side, fault), count in faults.items():
            print(f"FAULT {service} {operation}, {side}, {count} times: {fault}")
    missing = [call for call in expected if calls[tuple(call.split(":"))] == 0]
    for call in missing:
        print(f"FAULT {call}: not recorded at all")
    faults = sum(len(kinds) for kinds in found.values()) + len(missing)
    print(f"{len(lines)} requests and their answers held against the service models: {faults} kinds of faults")
    return 1 if faults else 0


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("--client", metavar="KEY")
    arguments.add_argument("--calls", nargs="*", default=[], metavar="SERVICE:OPERATION")
    given = arguments.parse_args()
    sys.exit(main(given.folder, given.client, given.calls))
