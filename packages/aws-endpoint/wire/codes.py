"""Error codes that the service models leave out. Sources: "Common errors" of each API reference, and where said."""

_JSON = {
    "AccessDeniedException",
    "IncompleteSignature",
    "InternalFailure",
    "MissingAuthenticationTokenException",
    "SerializationException",
    "ThrottlingException",
    "UnknownOperationException",
    "ValidationException",
}

_QUERY = {"AccessDenied", "InternalFailure", "InvalidAction", "MissingAuthenticationToken", "Throttling", "ServiceUnavailable"}

COMMON = {
    "ssm": _JSON,
    "events": _JSON,
    "sts": _QUERY | {"InvalidClientTokenId"},
    "lambda": _JSON,
    "sqs": _JSON | {"InvalidParameterValue", "MissingRequiredParameterException"},
    "monitoring": _JSON | _QUERY | {"ValidationError"},
    # developer guide, "Error messages"; MalformedInput and PriorRequestNotComplete are seen of every operation
    "route53": _QUERY | {"InvalidInput", "MalformedInput", "PriorRequestNotComplete", "ServiceUnavailable"},
    # EC2 API reference, "Error codes": the model names none
    "ec2": {
        "AuthFailure",
        "DryRunOperation",
        "InternalError",
        "InvalidAction",
        "InvalidID",
        "InvalidInstanceID.Malformed",
        "InvalidInstanceID.NotFound",
        "InvalidParameterCombination",
        "InvalidParameterValue",
        "InvalidSubnetID.NotFound",
        "InvalidVpcEndpointId.NotFound",
        "InvalidVpcID.NotFound",
        "MissingParameter",
        "RequestLimitExceeded",
        "TagLimitExceeded",
        "Unavailable",
        "UnauthorizedOperation",
    },
    # S3 API reference, "Error responses": the model names few
    "s3": {
        "AccessDenied",
        "BadDigest",
        "ConditionalRequestConflict",
        "IncompleteBody",
        "InternalError",
        "InvalidArgument",
        "InvalidBucketState",
        "InvalidRange",
        "InvalidRequest",
        "MalformedXML",
        "MethodNotAllowed",
        "NoSuchBucket",
        "NoSuchKey",
        "NoSuchObjectLockConfiguration",
        "NoSuchVersion",
        "NotImplemented",
        "ObjectLockConfigurationNotFoundError",
        "PreconditionFailed",
        "SlowDown",
    },
}

# (service, operation) -> codes seen there that neither the model nor the common errors have
UNMODELLED = {
    # the endpoint's own, where it was started with nothing that runs functions
    ("lambda", "Invoke"): {"NotImplemented"},
    # the model names InvalidNextToken alone; which code a query without meaning gets is assumed (docs/aws-claims.md)
    ("monitoring", "GetMetricData"): {"InvalidParameterValueException"},
    # API reference, PutMetricData: "1MB in size for HTTP POST requests"; the code is assumed
    ("monitoring", "PutMetricData"): {"RequestEntityTooLarge"},
}

# Shapes of answers whose pattern AWS itself does not keep: the reference's own examples of GetCommandInvocation have
# `PT0.004S` and, before the end, the empty string.
PATTERNS_NOT_KEPT = {"StringDateTime"}

# Lists of answers that are empty though the model wants a member: published outputs of `aws ssm get-parameters` have `[]` where
# every parameter is there.
MAY_BE_EMPTY = {"GetParameters.InvalidParameters"}

# Codes by which a service says that the request itself is wrong.
IS_ABOUT_THE_REQUEST = {
    "InvalidAttributeName",
    "InvalidArgument",
    "InvalidInput",
    "InvalidParameterCombination",
    "InvalidParameterCombinationException",
    "InvalidParameterValue",
    "InvalidParameterValueException",
    "InvalidInstanceID.Malformed",
    "MalformedInput",
    "MalformedXML",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "MissingParameter",
    "MissingRequiredParameterException",
    "SerializationException",
    "ValidationError",
    "ValidationException",
}

# Asked too often: the service has not looked at what was asked, and the SDK asks again.
REFUSED_UNREAD = {"RequestThrottled", "Throttling", "ThrottlingException", "RequestLimitExceeded", "SlowDown"}
