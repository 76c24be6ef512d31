//! Names of variables that Alibaba Cloud's tools once had or still take. They are
//! not read here, and an error that finds nothing tells their new names.

use super::Environment;

/// A variable that is set and not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renamed {
    pub old: &'static str,
    /// The name under which it is read.
    pub new: &'static str,
}

const fn renamed(old: &'static str, new: &'static str) -> Renamed {
    Renamed { old, new }
}

/// Those of the official provider, and then those of the CLI.
const OF_CREDENTIALS: [Renamed; 18] = [
    renamed("ALICLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID"),
    renamed("ALICLOUD_SECRET_KEY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
    renamed("ALICLOUD_SECURITY_TOKEN", "ALIBABA_CLOUD_SECURITY_TOKEN"),
    renamed("ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"),
    renamed(
        "ALICLOUD_SHARED_CREDENTIALS_FILE",
        "ALIBABA_CLOUD_CREDENTIALS_FILE",
    ),
    renamed("ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"),
    renamed("ALICLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_CREDENTIALS_URI"),
    renamed("ALICLOUD_ASSUME_ROLE_ARN", "ALIBABA_CLOUD_ROLE_ARN"),
    renamed(
        "ALICLOUD_ASSUME_ROLE_SESSION_NAME",
        "ALIBABA_CLOUD_ROLE_SESSION_NAME",
    ),
    renamed("ALICLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_ID"),
    renamed(
        "ALICLOUD_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    ),
    renamed("ALIBABACLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_ID"),
    renamed(
        "ALIBABACLOUD_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    ),
    renamed(
        "ALIBABACLOUD_SECURITY_TOKEN",
        "ALIBABA_CLOUD_SECURITY_TOKEN",
    ),
    renamed("ALIBABACLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"),
    renamed("ALIBABACLOUD_ROLE_ARN", "ALIBABA_CLOUD_ROLE_ARN"),
    renamed(
        "ALIBABACLOUD_OIDC_PROVIDER_ARN",
        "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
    ),
    renamed(
        "ALIBABACLOUD_OIDC_TOKEN_FILE",
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
    ),
];

const OF_REGION: [Renamed; 3] = [
    renamed("ALICLOUD_REGION", "ALIBABA_CLOUD_REGION"),
    renamed("ALICLOUD_REGION_ID", "ALIBABA_CLOUD_REGION_ID"),
    renamed("ALIBABACLOUD_REGION_ID", "ALIBABA_CLOUD_REGION_ID"),
];

/// Variables for credentials that are set under such names.
pub(super) fn of_credentials(environment: &Environment) -> Vec<Renamed> {
    set(&OF_CREDENTIALS, environment)
}

/// Variables for the region that are set under such names.
pub(super) fn of_region(environment: &Environment) -> Vec<Renamed> {
    set(&OF_REGION, environment)
}

fn set(names: &[Renamed], environment: &Environment) -> Vec<Renamed> {
    let set = names.iter().copied();
    set.filter(|name| environment.get(name.old).is_some())
        .collect()
}
