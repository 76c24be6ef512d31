//! What the provider block holds.

use crate::terraform::{Attribute, NestedBlock, Schema, Type};

/// The arguments and blocks.
#[must_use]
pub fn schema() -> Schema {
    Schema {
        description: "Reads what Alibaba Cloud Simple Application Server (SWAS) offers.",
        attributes: [credentials(), network()].concat(),
        blocks: vec![assume_role(), assume_role_with_oidc(), endpoints()],
    }
}

fn credentials() -> Vec<Attribute> {
    vec![
        Attribute::optional(
            "region",
            Type::String,
            "Region of the data sources that name none, for example `cn-hangzhou`. Default: the \
             environment variable `ALIBABA_CLOUD_REGION`, then `ALIBABA_CLOUD_REGION_ID`, then \
             `region_id` of the Alibaba Cloud CLI's profile.",
        ),
        Attribute::optional(
            "access_key",
            Type::String,
            "ID of the access key that signs calls. Set together with `secret_key`. Default: the \
             environment variable `ALIBABA_CLOUD_ACCESS_KEY_ID`.",
        )
        .sensitive(),
        Attribute::optional(
            "secret_key",
            Type::String,
            "Secret of the access key. Default: the environment variable \
             `ALIBABA_CLOUD_ACCESS_KEY_SECRET`.",
        )
        .sensitive(),
        Attribute::optional(
            "security_token",
            Type::String,
            "Token that comes with a temporary access key. Default, where `access_key` is not \
             set: the environment variable `ALIBABA_CLOUD_SECURITY_TOKEN`.",
        )
        .sensitive(),
        Attribute::optional(
            "profile",
            Type::String,
            "Profile of the Alibaba Cloud CLI whose credentials and region are used. Default: \
             the environment variable `ALIBABA_CLOUD_PROFILE`, then the file's current profile.",
        ),
        Attribute::optional(
            "shared_credentials_file",
            Type::String,
            "File that holds the profile: JSON of the Alibaba Cloud CLI, or INI of the SDKs. \
             Default: the environment variable `ALIBABA_CLOUD_CREDENTIALS_FILE`, then \
             `ALIBABA_CLOUD_CONFIG_FILE`, then `~/.aliyun/config.json`.",
        ),
        Attribute::optional(
            "ecs_role_name",
            Type::String,
            "RAM role of the ECS instance that Terraform runs on. Default: the environment \
             variable `ALIBABA_CLOUD_ECS_METADATA`.",
        ),
        Attribute::optional(
            "credentials_uri",
            Type::String,
            "Address of a sidecar that hands out credentials. Default: the environment variable \
             `ALIBABA_CLOUD_CREDENTIALS_URI`.",
        ),
    ]
}

fn network() -> Vec<Attribute> {
    vec![
        Attribute::optional(
            "protocol",
            Type::String,
            "`HTTPS` or `HTTP`, for endpoints that name no scheme. Default: `HTTPS`.",
        ),
        Attribute::optional(
            "client_connect_timeout",
            Type::Number,
            "How long connecting to an endpoint may take, in milliseconds, at most \
             `client_read_timeout`. Default: 10000.",
        ),
        Attribute::optional(
            "client_read_timeout",
            Type::Number,
            "How long an endpoint may be silent, in milliseconds. Default: 30000.",
        ),
        Attribute::optional(
            "max_retry_timeout",
            Type::Number,
            "How long one read may go on trying when calls fail in a way that may pass, or are \
             refused because there were too many in a minute, in seconds. 0 means that nothing is \
             tried twice. A call that is under way when the time is up is not cut off: it ends as \
             `client_read_timeout` says, and the read five minutes later in any case. Default: 300.",
        ),
        Attribute::optional(
            "configuration_source",
            Type::String,
            "Text that is appended to the User-Agent of calls, at most 1024 characters. Default: \
             the environment variable `TF_APPEND_USER_AGENT`.",
        ),
    ]
}

fn assume_role() -> NestedBlock {
    block(
        "assume_role",
        "A RAM role that is assumed with the credentials found. Without the block, the role that \
         the environment variable `ALIBABA_CLOUD_ROLE_ARN` names is assumed with keys that have no \
         token, unless it goes with an OIDC token.",
        vec![
            Attribute::optional(
                "role_arn",
                Type::String,
                "ARN of the role, for example `acs:ram::1234567890123456:role/reader`. Default: \
                 the environment variable `ALIBABA_CLOUD_ROLE_ARN`.",
            ),
            Attribute::optional(
                "session_name",
                Type::String,
                "Name of the session in audit logs. Default: the environment variable \
                 `ALIBABA_CLOUD_ROLE_SESSION_NAME`, then `terraform`.",
            ),
            session_expiration(),
            policy(),
            Attribute::optional(
                "external_id",
                Type::String,
                "External ID that the role asks for.",
            ),
        ],
    )
}

fn assume_role_with_oidc() -> NestedBlock {
    block(
        "assume_role_with_oidc",
        "A RAM role that is assumed with the token of an OIDC provider, as in a Kubernetes \
         cluster or a CI system.",
        vec![
            Attribute::optional(
                "oidc_provider_arn",
                Type::String,
                "ARN of the OIDC provider. Default: the environment variable \
                 `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`.",
            ),
            Attribute::optional(
                "role_arn",
                Type::String,
                "ARN of the role. Default: the environment variable `ALIBABA_CLOUD_ROLE_ARN`.",
            ),
            Attribute::optional(
                "oidc_token",
                Type::String,
                "The token. Conflicts with `oidc_token_file`. Default, where neither is set: the \
                 environment variable `ALIBABA_CLOUD_OIDC_TOKEN`.",
            )
            .sensitive(),
            Attribute::optional(
                "oidc_token_file",
                Type::String,
                "File that holds the token. Default, where there is no other token: the \
                 environment variable `ALIBABA_CLOUD_OIDC_TOKEN_FILE`.",
            ),
            Attribute::optional(
                "role_session_name",
                Type::String,
                "Name of the session in audit logs. Default: the environment variable \
                 `ALIBABA_CLOUD_ROLE_SESSION_NAME`, then `terraform`.",
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
        "How long the role's credentials hold, 900 to 43200 seconds. Default: 3600.",
    )
}

fn policy() -> Attribute {
    Attribute::optional(
        "policy",
        Type::String,
        "Policy, as JSON, that takes away from what the role may do.",
    )
}

fn endpoints() -> NestedBlock {
    block(
        "endpoints",
        "Other addresses of the APIs than the public ones.",
        vec![
            Attribute::optional(
                "swas",
                Type::String,
                "Address of the SWAS API: `host`, `host:port`, or a URL with `http://` or \
                 `https://`. `{region}` in the host stands for the region of the call, as in \
                 `swas-vpc.{region}.aliyuncs.com`. Default: the environment variable \
                 `ALIBABA_CLOUD_SWAS_ENDPOINT`, then `ALIBABA_CLOUD_ENDPOINT_SWAS_OPEN`, then \
                 `swas.REGION.aliyuncs.com`.",
            ),
            Attribute::optional(
                "sts",
                Type::String,
                "Address of the STS API, in the same form. Default: the environment variable \
                 `ALIBABA_CLOUD_STS_ENDPOINT`, then `sts.REGION.aliyuncs.com` or, without a \
                 region, `sts.aliyuncs.com`. `ALIBABA_CLOUD_STS_REGION` names another region than \
                 the provider's, and `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED=true` selects \
                 `sts-vpc.REGION.aliyuncs.com`.",
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
