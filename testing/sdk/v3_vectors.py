"""Computes the test vectors of signature V3 with Alibaba Cloud's own SDK, without a network.

    python testing/sdk/v3_vectors.py > tests/data/signature-v3-vectors.json

Vectors with "parameters" are requests in the form of the provider: the SDK signs their
headers and body. The others are whole requests that the SDK builds and signs.
"""

import json
import sys

from alibabacloud_swas_open20200601 import models as swas
from alibabacloud_swas_open20200601.client import Client
from alibabacloud_tea_openapi import client as tea
from alibabacloud_tea_openapi import models, utils
from alibabacloud_tea_openapi.utils import Utils
from darabonba.core import DaraCore
from darabonba.request import DaraRequest
from darabonba.runtime import RuntimeOptions

METHOD = "ACS3-HMAC-SHA256"
DATE = "2024-10-31T08:15:30Z"
KEY = ("LTAItestid", "testsecret", None)
TOKEN = ("STS.NUgYrLnoC37mZZCNnAbez", "st5ecret/+=", "CAIS+gF1q6Ft5B2yf/SjIr5bAbZ1==")
RESERVED = r"""["a b+c*d~e/f?g=h&i%j", "quote\"back\\slash", ";,:@!$'()[]"]"""
CHINESE = '["宝塔面板", "é", "🦀"]'

vectors = []
signed_texts = []


def record(name, request, key, parameters=None):
    """Adds a signed request. The SDK has hashed the canonical request, then signed its hash."""
    headers = dict(request.headers)
    vector = {
        "name": name,
        "access_key_id": key[0],
        "access_key_secret": key[1],
        "method": request.method,
        "query": utils.get_canonical_query_string(request.query),
        "headers": headers,
        "body": request.body or "",
        "string_to_sign": signed_texts[-1],
        "authorization": headers.pop("Authorization"),
    }
    if parameters is not None:
        vector["parameters"] = parameters
    vectors.append(vector)


def keep_signed_texts():
    sign = utils.signature_method

    def signature_method(secret, source, sign_type):
        signed_texts.append(source)
        return sign(secret, source, sign_type)

    utils.signature_method = signature_method


def in_our_form(name, action, parameters, key=KEY, **others):
    """Signs the headers and the body that the provider sends."""
    request = DaraRequest()
    request.method = "POST"
    request.pathname = "/"
    body = utils.get_canonical_query_string(parameters)
    request.body = body
    body_hash = Utils.hash(body.encode(), METHOD).hex()
    request.headers = {
        "content-type": "application/x-www-form-urlencoded",
        "host": others.get("host", "swas.cn-hangzhou.aliyuncs.com"),
        "x-acs-action": action,
        "x-acs-content-sha256": body_hash,
        "x-acs-date": others.get("date", DATE),
        "x-acs-signature-nonce": f"nonce-{len(vectors)}",
        "x-acs-version": others.get("version", "2020-06-01"),
    }
    if key[2]:
        request.headers["x-acs-security-token"] = key[2]
    request.headers["Authorization"] = Utils.get_authorization(
        request, METHOD, body_hash, key[0], key[1]
    )
    record(name, request, key, parameters)


class Sent(BaseException):
    """Carries a request out of the SDK, which would retry after an `Exception`."""


def from_the_sdk(name, call, key=KEY):
    """Records the request of a call instead of sending it."""

    def send(request, _runtime=None):
        raise Sent(request)

    DaraCore.do_action = send
    Utils.get_timestamp = staticmethod(lambda: DATE)
    Utils.get_nonce = staticmethod(lambda: f"nonce-{len(vectors)}")
    Utils.get_user_agent = staticmethod(lambda _: "sdk/1")
    client = Client(
        models.Config(
            access_key_id=key[0],
            access_key_secret=key[1],
            security_token=key[2],
            endpoint="swas.cn-hangzhou.aliyuncs.com",
        )
    )
    try:
        call(client)
    except Sent as sent:
        record(name, sent.args[0], key)


def list_images(**parameters):
    request = swas.ListImagesRequest(region_id="cn-hangzhou", **parameters)
    return lambda client: client.list_images(request)


def form(client):
    """A call with the parameters in the body."""
    params = models.Params(
        action="ListImages",
        version="2020-06-01",
        protocol="HTTPS",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    body = {"RegionId": "cn-hangzhou", "ImageIds": RESERVED}
    tea.Client.call_api(client, params, models.OpenApiRequest(body=body), RuntimeOptions())


keep_signed_texts()
REGION = {"RegionId": "cn-hangzhou"}
in_our_form("list images, region only", "ListImages", REGION)
in_our_form(
    "system images",
    "ListImages",
    {"RegionId": "ap-southeast-1", "ImageType": "system"},
    host="swas.ap-southeast-1.aliyuncs.com",
    date="2024-12-31T23:59:59Z",
)
in_our_form("empty body", "ListRegions", {})
in_our_form("temporary credentials", "ListImages", REGION, TOKEN)
in_our_form("temporary credentials, empty body", "ListRegions", {}, TOKEN)
in_our_form("every reserved character", "ListImages", {**REGION, "ImageIds": RESERVED})
in_our_form("text outside ASCII", "ListImages", {**REGION, "ImageIds": CHINESE}, TOKEN)
in_our_form("host with a port", "ListImages", REGION, host="127.0.0.1:8787")
in_our_form(
    "assume a role",
    "AssumeRole",
    {
        "RoleArn": "acs:ram::1234567890123456:role/reader",
        "RoleSessionName": "terraform",
        "DurationSeconds": "3600",
        "Policy": '{"Version": "1", "Statement": []}',
    },
    host="sts.aliyuncs.com",
    version="2015-04-01",
)
from_the_sdk("SDK, parameters in the query", list_images(image_type="system"))
from_the_sdk("SDK, temporary credentials", list_images(image_ids=CHINESE), TOKEN)
from_the_sdk("SDK, reserved characters", list_images(image_ids=RESERVED))
from_the_sdk("SDK, parameters in the body", form)

json.dump(vectors, sys.stdout, ensure_ascii=False, indent=2)
print()
