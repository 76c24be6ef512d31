"""Calls the emulator with Alibaba Cloud's own SDKs, and prints the IDs of the images.

    python testing/sdk/calls.py v3|rpc HOST:PORT ACCESS_KEY_ID [SECURITY_TOKEN]

Reads the secret from standard input. Lists images, assumes a role, and lists images with the
role's credentials.
"""

import json
import sys

ROLE = "acs:ram::1234567890123456:role/reader"
REGION = "cn-hangzhou"
SWAS = "2020-06-01"
STS = "2015-04-01"


def v3(host, version, action, parameters, key):
    from alibabacloud_tea_openapi import models
    from alibabacloud_tea_openapi.client import Client
    from darabonba.runtime import RuntimeOptions

    client = Client(
        models.Config(
            access_key_id=key[0],
            access_key_secret=key[1],
            security_token=key[2],
            endpoint=host,
            protocol="HTTP",
        )
    )
    params = models.Params(
        action=action,
        version=version,
        protocol="HTTP",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    request = models.OpenApiRequest(body=parameters)
    return client.call_api(params, request, RuntimeOptions())["body"]


def v3_list_images(host, key):
    """Uses the product's SDK, which sends the parameters in the query."""
    from alibabacloud_swas_open20200601 import models as swas
    from alibabacloud_swas_open20200601.client import Client
    from alibabacloud_tea_openapi import models

    client = Client(
        models.Config(
            access_key_id=key[0],
            access_key_secret=key[1],
            security_token=key[2],
            endpoint=host,
            protocol="HTTP",
        )
    )
    request = swas.ListImagesRequest(region_id=REGION, image_type="system")
    return client.list_images(request).body.to_map()


def rpc(host, version, action, parameters, key):
    from aliyunsdkcore.auth.credentials import AccessKeyCredential, StsTokenCredential
    from aliyunsdkcore.client import AcsClient
    from aliyunsdkcore.request import CommonRequest

    credential = StsTokenCredential(*key) if key[2] else AccessKeyCredential(*key[:2])
    client = AcsClient(region_id=REGION, credential=credential, auto_retry=False)
    request = CommonRequest(domain=host, version=version, action_name=action)
    request.set_method("POST")
    request.set_protocol_type("http")
    for name, value in parameters.items():
        request.add_query_param(name, value)
    return json.loads(client.do_action_with_exception(request))


def rpc_list_images(host, key):
    return rpc(host, SWAS, "ListImages", {"RegionId": REGION, "ImageType": "system"}, key)


def main(signature, host, access_key_id, security_token=None):
    key = (access_key_id, sys.stdin.read(), security_token)
    call, list_images = {"v3": (v3, v3_list_images), "rpc": (rpc, rpc_list_images)}[signature]
    role = {"RoleArn": ROLE, "RoleSessionName": "sdk +*~镜像"}
    images = list_images(host, key)["Images"]
    issued = call(host, STS, "AssumeRole", role, key)["Credentials"]
    issued = [issued[name] for name in ("AccessKeyId", "AccessKeySecret", "SecurityToken")]
    again = list_images(host, issued)["Images"]
    json.dump([[image["ImageId"] for image in one] for one in (images, again)], sys.stdout)


main(*sys.argv[1:])
