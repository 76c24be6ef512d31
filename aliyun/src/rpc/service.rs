//! The APIs that are called, and the hosts that they have.

use crate::rpc::region::RegionId;

/// One of Alibaba Cloud's APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// The first part of its host names.
    pub name: &'static str,
    /// The version of it that everything in here speaks.
    pub version: &'static str,
    /// Which variables of the environment name its endpoint, first one first.
    pub endpoint_variables: &'static [&'static str],
}

/// Security Token Service, which hands out the credentials of roles.
pub const STS: Service = Service {
    name: "sts",
    version: "2015-04-01",
    endpoint_variables: &["ALIBABA_CLOUD_STS_ENDPOINT"],
};

/// The same as virtual private clouds reach it. It has no host for all regions.
pub const STS_VPC: Service = Service {
    name: "sts-vpc",
    ..STS
};

impl Service {
    /// The host that it has in a region or, for a service that has such a host,
    /// the one for all regions.
    pub fn host(&self, region: Option<&RegionId>) -> String {
        match region {
            Some(region) => format!("{}.{region}.aliyuncs.com", self.name),
            None => format!("{}.aliyuncs.com", self.name),
        }
    }
}
