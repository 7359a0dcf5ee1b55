"""That the check finds what it is there to find: `python -m unittest` in this folder."""

import base64
import json
import unittest

from check import check


def exchange(service, operation, body, answer, status=200, headers=None, method="POST", path="/", query=()):
    encode = lambda text: base64.b64encode(text.encode()).decode()  # noqa: E731
    return {
        "service": service,
        "operation": operation,
        "request": {"method": method, "path": path, "query": list(query), "headers": headers or {}, "body": encode(body)},
        "response": {"status": status, "headers": {}, "body": encode(answer)},
    }


def ssm(body, answer, status=200, **more):
    return exchange("ssm", "GetParameter", json.dumps(body), json.dumps(answer), status, **more)


RRSET = "/2013-04-01/hostedzone/Z1/rrset"
CHANGE = (
    '<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes><Change>'
    "<Action>{action}</Action><ResourceRecordSet><Name>ntp.az-a.pod.</Name><Type>A</Type><TTL>{ttl}</TTL>"
    "</ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
)
CHANGED = (
    "<ChangeResourceRecordSetsResponse><ChangeInfo><Id>/change/C1</Id><Status>{status}</Status>"
    "<SubmittedAt>2026-11-22T12:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>"
)


def route53(action="UPSERT", ttl="30", status="PENDING"):
    body, answer = CHANGE.format(action=action, ttl=ttl), CHANGED.format(status=status)
    return exchange("route53", "ChangeResourceRecordSets", body, answer, path=RRSET)


class Check(unittest.TestCase):
    def assert_fault(self, faults, *words):
        self.assertTrue(any(all(word in f"{side} {fault}" for word in words) for side, fault in faults), faults)

    def test_takes_what_is_right(self):
        self.assertEqual(check(ssm({"Name": "/stage/mode"}, {"Parameter": {"Value": "hold", "Type": "String"}})), [])
        self.assertEqual(check(route53()), [])

    def test_finds_what_json_has_wrong(self):
        self.assert_fault(check(ssm({"Name": "x", "Colour": 1}, {})), "request", "no such member")
        self.assert_fault(check(ssm({}, {})), "request", "requires it")
        self.assert_fault(check(ssm({"Name": ""}, {})), "request", "at least 1")
        self.assert_fault(check(ssm({"Name": "x"}, {"Parameter": {"Type": "Text"}})), "answer", "none of")
        self.assert_fault(check(ssm({"Name": "x"}, {"Parameter": {"Version": "1"}})), "answer", "integer")

    def test_finds_what_xml_has_wrong(self):
        self.assert_fault(check(route53(action="REPLACE")), "request", "none of")
        self.assert_fault(check(route53(ttl="soon")), "request", "integer")
        self.assert_fault(check(route53(status="DONE")), "answer", "none of")

    def test_finds_what_a_form_has_wrong(self):
        headers = {"content-type": "application/x-www-form-urlencoded"}
        body = "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&Colour=red"
        faults = check(exchange("ec2", "DescribeInstances", body, "<DescribeInstancesResponse/>", headers=headers))
        self.assertEqual(faults, [("request", "DescribeInstances.Colour: DescribeInstancesRequest has no such member")])

    def test_finds_a_header_that_no_model_has(self):
        call = exchange("s3", "GetObject", "", "", method="GET", path="/bucket/key", headers={"x-amz-colour": "red"})
        self.assert_fault(check(call), "request", "x-amz-colour")

    def test_takes_the_header_of_a_checksum_only_where_the_operation_has_checksums(self):
        headers = {"x-amz-checksum-crc32": "AAAAAA=="}
        body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        put = exchange("s3", "PutBucketVersioning", body, "", method="PUT", path="/bucket", headers=headers, query=[("versioning", "")])
        self.assertEqual(check(put), [])
        deleted = exchange("s3", "DeleteObject", "", "", status=204, method="DELETE", path="/bucket/key", headers=headers)
        self.assert_fault(check(deleted), "request", "x-amz-checksum-crc32")

    def test_takes_206_only_for_a_part(self):
        call = exchange("s3", "GetObject", "", "0", 206, method="GET", path="/bucket/key", headers={"range": "bytes=0-0"})
        self.assert_fault(check(call), "answer", "status 206")
        call["response"]["headers"]["content-range"] = "bytes 0-0/10"
        self.assertEqual(check(call), [])

    def test_reads_rest_with_json(self):
        def invoked(status, kind, answer="{}", headers=None, body="{}"):
            path, asked = "/2015-03-31/functions/app/invocations", {"x-amz-invocation-type": kind}
            call = exchange("lambda", "Invoke", body, answer, status, path=path, headers=asked)
            call["response"]["headers"] = headers or {}
            return call

        self.assertEqual(check(invoked(202, "Event", "")), [])
        self.assert_fault(check(invoked(200, "Event")), "answer", "status 200")
        listed = exchange("lambda", "ListFunctions", "", '{"Functions": [{"Colour": 1}]}', method="GET", path="/2015-03-31/functions/")
        self.assert_fault(check(listed), "answer", "no such member")
        refusal = '{"Type": "User", "Message": "Function not found"}'
        code = {"x-amzn-errortype": "ResourceNotFoundException"}
        self.assertEqual(check(invoked(404, "Event", refusal, code)), [])
        self.assert_fault(check(invoked(404, "Event", refusal, {"x-amzn-errortype": "NoSuchKey"})), "no error of Invoke")

    def test_reads_a_document_that_is_the_payload(self):
        retention = "<Retention><Mode>{}</Mode><RetainUntilDate>2026-12-01T00:00:00.000Z</RetainUntilDate></Retention>"
        asked = {"method": "GET", "path": "/bucket/key", "query": [("retention", "")]}
        self.assertEqual(check(exchange("s3", "GetObjectRetention", "", retention.format("GOVERNANCE"), **asked)), [])
        self.assert_fault(check(exchange("s3", "GetObjectRetention", "", retention.format("SOFT"), **asked)), "none of")

    def test_knows_which_errors_an_operation_has(self):
        self.assertEqual(check(ssm({"Name": "x"}, {"__type": "ParameterNotFound"}, 400)), [])
        self.assert_fault(check(ssm({"Name": "x"}, {"__type": "NoSuchKey"}, 404)), "answer", "no error of GetParameter")

    def test_lets_a_wrong_request_be_refused_but_not_one_of_the_client_under_test(self):
        refusal = {"__type": "ValidationException", "message": "1 validation error detected"}
        self.assertEqual(check(ssm({}, refusal, 400)), [])
        throttled = {"__type": "ThrottlingException", "message": "Rate exceeded"}
        self.assertEqual(check(ssm({}, throttled, 400)), [])
        client = {"authorization": "AWS4-HMAC-SHA256 Credential=AKIDCLIENT1/20261122/us-west-2/ssm/aws4_request"}
        self.assert_fault(check(ssm({}, refusal, 400, headers=client), "AKIDCLIENT"), "request", "requires it")
        self.assert_fault(check(ssm({}, throttled, 400, headers=client), "AKIDCLIENT"), "request", "requires it")


if __name__ == "__main__":
    unittest.main()
