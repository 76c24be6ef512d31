//! The schema of the provider block.

use crate::terraform::{Attribute, NestedBlock, Schema, Type};

/// Returns the arguments and nested blocks.
#[must_use]
pub fn schema() -> Schema {
    Schema {
        description: "Looks up images, plans, and regions of Alibaba Cloud Simple Application \
                      Server (SWAS).",
        attributes: [credentials(), network()].concat(),
        blocks: vec![assume_role(), assume_role_with_oidc(), endpoints()],
    }
}

fn credentials() -> Vec<Attribute> {
    vec![
        Attribute::optional(
            "region",
            Type::String,
            "Default region of the data sources, for example `cn-hangzhou`. Can also be set with \
             the `ALIBABA_CLOUD_REGION` or `ALIBABA_CLOUD_REGION_ID` environment variable. \
             Defaults to `region_id` of the profile.",
        ),
        Attribute::optional(
            "access_key",
            Type::String,
            "Access key ID. Must be set together with `secret_key`. Can also be set with the \
             `ALIBABA_CLOUD_ACCESS_KEY_ID` environment variable.",
        )
        .sensitive(),
        Attribute::optional(
            "secret_key",
            Type::String,
            "Access key secret. Must be set together with `access_key`. Can also be set with the \
             `ALIBABA_CLOUD_ACCESS_KEY_SECRET` environment variable.",
        )
        .sensitive(),
        Attribute::optional(
            "security_token",
            Type::String,
            "Security token of a temporary access key. Can also be set with the \
             `ALIBABA_CLOUD_SECURITY_TOKEN` environment variable, which applies only if \
             `access_key` is not set.",
        )
        .sensitive(),
        Attribute::optional(
            "profile",
            Type::String,
            "Profile of the Alibaba Cloud CLI that supplies credentials and region. Can also be \
             set with the `ALIBABA_CLOUD_PROFILE` environment variable. Defaults to the current \
             profile of the file.",
        ),
        Attribute::optional(
            "shared_credentials_file",
            Type::String,
            "File that contains the profile: JSON of the Alibaba Cloud CLI, or INI of the SDKs. \
             Can also be set with the `ALIBABA_CLOUD_CREDENTIALS_FILE` or \
             `ALIBABA_CLOUD_CONFIG_FILE` environment variable. Defaults to \
             `~/.aliyun/config.json`.",
        ),
        Attribute::optional(
            "ecs_role_name",
            Type::String,
            "RAM role of the ECS instance on which Terraform runs. Can also be set with the \
             `ALIBABA_CLOUD_ECS_METADATA` environment variable.",
        ),
        Attribute::optional(
            "credentials_uri",
            Type::String,
            "URL of a service that issues credentials, such as a sidecar. Can also be set with \
             the `ALIBABA_CLOUD_CREDENTIALS_URI` environment variable.",
        ),
    ]
}

fn network() -> Vec<Attribute> {
    vec![
        Attribute::optional(
            "protocol",
            Type::String,
            "Protocol of endpoints without a scheme. Valid values: `HTTPS` and `HTTP`. Defaults \
             to `HTTPS`.",
        ),
        Attribute::optional(
            "client_connect_timeout",
            Type::Number,
            "Time limit for connecting to an endpoint, in milliseconds. Must not exceed \
             `client_read_timeout`. Defaults to 10000.",
        ),
        Attribute::optional(
            "client_read_timeout",
            Type::Number,
            "Time limit for silence of an endpoint, in milliseconds. Defaults to 30000.",
        ),
        Attribute::optional(
            "max_retry_timeout",
            Type::Number,
            "Time limit for one read including retries, in seconds. 0 disables retries. A request \
             that is in flight at the limit is not canceled: it ends at `client_read_timeout`, and \
             the read five minutes after the limit at the latest. Defaults to 300.",
        ),
        Attribute::optional(
            "signature_method",
            Type::String,
            "Method that signs the requests to SWAS and STS. Valid values: `HMAC-SHA1` (RPC \
             signature 1.0) and `ACS3-HMAC-SHA256` (signature V3). Defaults to `HMAC-SHA1`.",
        ),
        Attribute::optional(
            "cache_dir",
            Type::String,
            "Directory for shared responses: plans, regions, and images of every type but \
             `custom`. Created if it is missing. Only your user may be able to write to it. Can \
             also be set with the `SWAS_CACHE_DIR` environment variable.",
        ),
        Attribute::optional(
            "cache_max_age",
            Type::Number,
            "Time for which responses in `cache_dir` are used, in seconds. Valid values: 1 to \
             86400. Can also be set with the `SWAS_CACHE_MAX_AGE` environment variable. Defaults \
             to 60.",
        ),
        Attribute::optional(
            "configuration_source",
            Type::String,
            "Text of at most 1024 characters that is appended to the User-Agent. Can also be set \
             with the `TF_APPEND_USER_AGENT` environment variable.",
        ),
    ]
}

fn assume_role() -> NestedBlock {
    block(
        "assume_role",
        "RAM role that is assumed with the credentials of the source. Without this block, \
         `ALIBABA_CLOUD_ROLE_ARN` applies only to keys that have no token.",
        vec![
            Attribute::optional(
                "role_arn",
                Type::String,
                "ARN of the role, for example `acs:ram::1234567890123456:role/reader`. Can also \
                 be set with the `ALIBABA_CLOUD_ROLE_ARN` environment variable.",
            ),
            Attribute::optional(
                "session_name",
                Type::String,
                "Session name in audit logs. Can also be set with the \
                 `ALIBABA_CLOUD_ROLE_SESSION_NAME` environment variable. Defaults to `terraform`.",
            ),
            session_expiration(),
            policy(),
            Attribute::optional(
                "external_id",
                Type::String,
                "External ID that the role requires. Can also be set with the \
                 `ALIBABA_CLOUD_EXTERNAL_ID` environment variable.",
            ),
        ],
    )
}

fn assume_role_with_oidc() -> NestedBlock {
    block(
        "assume_role_with_oidc",
        "RAM role that is assumed with a token of an OIDC provider, as in a Kubernetes cluster or \
         a CI system.",
        vec![
            Attribute::optional(
                "oidc_provider_arn",
                Type::String,
                "ARN of the OIDC provider. Can also be set with the \
                 `ALIBABA_CLOUD_OIDC_PROVIDER_ARN` environment variable.",
            ),
            Attribute::optional(
                "role_arn",
                Type::String,
                "ARN of the role. Can also be set with the `ALIBABA_CLOUD_ROLE_ARN` environment \
                 variable.",
            ),
            Attribute::optional(
                "oidc_token",
                Type::String,
                "OIDC token. Conflicts with `oidc_token_file`. Can also be set with the \
                 `ALIBABA_CLOUD_OIDC_TOKEN` environment variable.",
            )
            .sensitive(),
            Attribute::optional(
                "oidc_token_file",
                Type::String,
                "File that contains the OIDC token. Conflicts with `oidc_token`. Can also be set \
                 with the `ALIBABA_CLOUD_OIDC_TOKEN_FILE` environment variable.",
            ),
            Attribute::optional(
                "role_session_name",
                Type::String,
                "Session name in audit logs. Can also be set with the \
                 `ALIBABA_CLOUD_ROLE_SESSION_NAME` environment variable. Defaults to `terraform`.",
            ),
            session_expiration(),
            policy(),
        ],
    )
}

fn session_expiration() -> Attribute {
    Attribute::optional(
        "session_expiration",
        Type::Number,
        "Session duration in seconds. Valid values: 900 to 43200. Defaults to 3600.",
    )
}

fn policy() -> Attribute {
    Attribute::optional(
        "policy",
        Type::String,
        "Session policy in JSON, which restricts the permissions of the role.",
    )
}

fn endpoints() -> NestedBlock {
    block(
        "endpoints",
        "Endpoints of the APIs, in place of the public ones.",
        vec![
            Attribute::optional(
                "swas",
                Type::String,
                "Endpoint of the SWAS API: `host`, `host:port`, or a URL with `http://` or \
                 `https://`. `{region}` in the host stands for the region of the request, as in \
                 `swas-vpc.{region}.aliyuncs.com`. Can also be set with the \
                 `ALIBABA_CLOUD_SWAS_ENDPOINT` or `ALIBABA_CLOUD_ENDPOINT_SWAS_OPEN` environment \
                 variable. Defaults to `swas.REGION.aliyuncs.com`.",
            ),
            Attribute::optional(
                "sts",
                Type::String,
                "Endpoint of the STS API, in the same form. Can also be set with the \
                 `ALIBABA_CLOUD_STS_ENDPOINT` environment variable. Defaults to \
                 `sts.REGION.aliyuncs.com` or, without a region, `sts.aliyuncs.com`.",
            ),
        ],
    )
}

fn block(name: &'static str, description: &'static str, attributes: Vec<Attribute>) -> NestedBlock {
    NestedBlock {
        name,
        max_items: 1,
        block: Schema {
            description,
            attributes,
            blocks: Vec::new(),
        },
    }
}
