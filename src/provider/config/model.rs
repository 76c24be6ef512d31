//! The arguments and nested blocks of the provider block: models and schemas.

use secrecy::SecretString;
use serde::Deserialize;

use crate::terraform::{Attribute, NestedBlock, Number, Schema, Type, Value};

/// Name of the block [`AssumeRoleModel`].
pub(super) const ROLE_BLOCK: &str = "assume_role";

/// Name of the block [`AssumeRoleWithOidcModel`].
pub(super) const OIDC_BLOCK: &str = "assume_role_with_oidc";

/// A type of arguments.
trait ArgumentType {
    /// An optional argument of this type.
    fn attribute(name: &'static str, description: &'static str) -> Attribute;
}

impl ArgumentType for String {
    fn attribute(name: &'static str, description: &'static str) -> Attribute {
        Attribute::optional(name, Type::String, description)
    }
}

impl ArgumentType for SecretString {
    fn attribute(name: &'static str, description: &'static str) -> Attribute {
        String::attribute(name, description).sensitive()
    }
}

impl ArgumentType for Number {
    fn attribute(name: &'static str, description: &'static str) -> Attribute {
        Attribute::optional(name, Type::Number, description)
    }
}

/// Defines the model of a block and the schema of its arguments, each with its name, its type
/// and its description. Nested blocks follow.
macro_rules! block {
    (
        $(#[$doc:meta])*
        $model:ident { $($name:ident: $type:ty, $description:literal;)* }
        $($block:ident: $nested:ident;)*
    ) => {
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize)]
        pub struct $model {
            $(pub(super) $name: Value<$type>,)*
            $(pub(super) $block: Value<Vec<$nested>>,)*
        }

        impl $model {
            fn attributes() -> Vec<Attribute> {
                vec![$(<$type>::attribute(stringify!($name), $description),)*]
            }
        }
    };
}

block! {
    /// The provider block.
    ProviderModel {
        region: String,
            "Default region of the data sources, for example `cn-hangzhou`. Can also be set with \
             the `ALIBABA_CLOUD_REGION` or `ALIBABA_CLOUD_REGION_ID` environment variable. \
             Defaults to `region_id` of the profile.";
        access_key: SecretString,
            "Access key ID. Must be set together with `secret_key`. Can also be set with the \
             `ALIBABA_CLOUD_ACCESS_KEY_ID` environment variable.";
        secret_key: SecretString,
            "Access key secret. Must be set together with `access_key`. Can also be set with the \
             `ALIBABA_CLOUD_ACCESS_KEY_SECRET` environment variable.";
        security_token: SecretString,
            "Security token of a temporary access key. Can also be set with the \
             `ALIBABA_CLOUD_SECURITY_TOKEN` environment variable, which applies only if \
             `access_key` is not set.";
        profile: String,
            "Profile of the Alibaba Cloud CLI that supplies credentials and region. Can also be \
             set with the `ALIBABA_CLOUD_PROFILE` environment variable. Defaults to the current \
             profile of the file.";
        shared_credentials_file: String,
            "File that contains the profile: JSON of the Alibaba Cloud CLI, or INI of the SDKs. \
             Can also be set with the `ALIBABA_CLOUD_CREDENTIALS_FILE` or \
             `ALIBABA_CLOUD_CONFIG_FILE` environment variable. Defaults to \
             `~/.aliyun/config.json`.";
        ecs_role_name: String,
            "RAM role of the ECS instance on which Terraform runs. Can also be set with the \
             `ALIBABA_CLOUD_ECS_METADATA` environment variable.";
        credentials_uri: String,
            "URL of a service that issues credentials, such as a sidecar. Can also be set with \
             the `ALIBABA_CLOUD_CREDENTIALS_URI` environment variable.";
        protocol: String,
            "Protocol of endpoints without a scheme. Valid values: `HTTPS` and `HTTP`. Defaults \
             to `HTTPS`.";
        client_connect_timeout: Number,
            "Time limit for connecting to an endpoint, in milliseconds. Must not exceed \
             `client_read_timeout`. Defaults to 10000.";
        client_read_timeout: Number,
            "Time limit for silence of an endpoint, in milliseconds. Defaults to 30000.";
        max_retry_timeout: Number,
            "Time limit for one read including retries, in seconds. 0 disables retries. A request \
             that is in flight at the limit is not canceled: it ends at `client_read_timeout`, \
             and the read five minutes after the limit at the latest, or `client_connect_timeout` \
             and `client_read_timeout` after it if these are longer. Defaults to 300.";
        signature_method: String,
            "Method that signs the requests to SWAS and STS. Valid values: `HMAC-SHA1` (RPC \
             signature 1.0) and `ACS3-HMAC-SHA256` (signature V3). Defaults to `HMAC-SHA1`.";
        cache_dir: String,
            "Directory for shared responses: plans, regions, and images of every type but \
             `custom`. Created if it is missing. Only your user may be able to write to it. Can \
             also be set with the `SWAS_CACHE_DIR` environment variable.";
        cache_max_age: Number,
            "Time for which responses in `cache_dir` are used, in seconds. Valid values: 1 to \
             86400. Can also be set with the `SWAS_CACHE_MAX_AGE` environment variable. Defaults \
             to 60.";
        configuration_source: String,
            "Text of at most 1024 characters that is appended to the User-Agent. Can also be set \
             with the `TF_APPEND_USER_AGENT` environment variable.";
    }
    assume_role: AssumeRoleModel;
    assume_role_with_oidc: AssumeRoleWithOidcModel;
    endpoints: EndpointsModel;
}

block! {
    /// A role that is assumed with the credentials of the source.
    AssumeRoleModel {
        role_arn: String,
            "ARN of the role, for example `acs:ram::1234567890123456:role/reader`. Can also \
             be set with the `ALIBABA_CLOUD_ROLE_ARN` environment variable.";
        session_name: String,
            "Session name in audit logs. Can also be set with the \
             `ALIBABA_CLOUD_ROLE_SESSION_NAME` environment variable. Defaults to `terraform`.";
        session_expiration: Number,
            "Session duration in seconds. Valid values: 900 to 43200. Defaults to 3600.";
        policy: String,
            "Session policy in JSON, which restricts the permissions of the role.";
        external_id: String,
            "External ID that the role requires. Can also be set with the \
             `ALIBABA_CLOUD_EXTERNAL_ID` environment variable.";
    }
}

block! {
    /// A role that is assumed with a token of an OIDC provider.
    AssumeRoleWithOidcModel {
        oidc_provider_arn: String,
            "ARN of the OIDC provider. Can also be set with the \
             `ALIBABA_CLOUD_OIDC_PROVIDER_ARN` environment variable.";
        role_arn: String,
            "ARN of the role. Can also be set with the `ALIBABA_CLOUD_ROLE_ARN` environment \
             variable.";
        oidc_token: SecretString,
            "OIDC token. Conflicts with `oidc_token_file`. Can also be set with the \
             `ALIBABA_CLOUD_OIDC_TOKEN` environment variable.";
        oidc_token_file: String,
            "File that contains the OIDC token. Conflicts with `oidc_token`. Can also be set \
             with the `ALIBABA_CLOUD_OIDC_TOKEN_FILE` environment variable.";
        role_session_name: String,
            "Session name in audit logs. Can also be set with the \
             `ALIBABA_CLOUD_ROLE_SESSION_NAME` environment variable. Defaults to `terraform`.";
        session_expiration: Number,
            "Session duration in seconds. Valid values: 900 to 43200. Defaults to 3600.";
        policy: String,
            "Session policy in JSON, which restricts the permissions of the role.";
    }
}

block! {
    /// Endpoints of the APIs.
    EndpointsModel {
        swas: String,
            "Endpoint of the SWAS API: `host`, `host:port`, or a URL with `http://` or \
             `https://`. `{region}` in the host stands for the region of the request, as in \
             `swas-vpc.{region}.aliyuncs.com`. Can also be set with the \
             `ALIBABA_CLOUD_SWAS_ENDPOINT` or `ALIBABA_CLOUD_ENDPOINT_SWAS_OPEN` environment \
             variable. Defaults to `swas.REGION.aliyuncs.com`.";
        sts: String,
            "Endpoint of the STS API, in the same form. Can also be set with the \
             `ALIBABA_CLOUD_STS_ENDPOINT` environment variable. Defaults to \
             `sts.REGION.aliyuncs.com` or, without a region, `sts.aliyuncs.com`.";
    }
}

/// Returns the schema of the provider block.
#[must_use]
pub fn schema() -> Schema {
    Schema {
        description: "Looks up images, plans, and regions of Alibaba Cloud Simple Application \
                      Server (SWAS).",
        attributes: ProviderModel::attributes(),
        blocks: vec![
            nested(
                ROLE_BLOCK,
                "RAM role that is assumed with the credentials of the source. Without this block, \
                 `ALIBABA_CLOUD_ROLE_ARN` applies only to keys that have no token.",
                AssumeRoleModel::attributes(),
            ),
            nested(
                OIDC_BLOCK,
                "RAM role that is assumed with a token of an OIDC provider, as in a Kubernetes \
                 cluster or a CI system.",
                AssumeRoleWithOidcModel::attributes(),
            ),
            nested(
                "endpoints",
                "Endpoints of the APIs, in place of the public ones.",
                EndpointsModel::attributes(),
            ),
        ],
    }
}

fn nested(
    name: &'static str,
    description: &'static str,
    attributes: Vec<Attribute>,
) -> NestedBlock {
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
