//! Descriptions of APIs, and their host names.

use crate::rpc::region::RegionId;

/// An RPC API of Alibaba Cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// First label of the API's host names.
    pub name: &'static str,
    /// API version, which is a date.
    pub version: &'static str,
    /// Environment variables that name the endpoint, in order of precedence.
    pub endpoint_variables: &'static [&'static str],
}

/// Security Token Service (STS), which issues temporary credentials of roles.
pub const STS: Service = Service {
    name: "sts",
    version: "2015-04-01",
    endpoint_variables: &["ALIBABA_CLOUD_STS_ENDPOINT"],
};

/// STS at its endpoints in virtual private clouds. It has no central host.
pub const STS_VPC: Service = Service {
    name: "sts-vpc",
    ..STS
};

impl Service {
    /// Returns the regional host or, without a region, the central host. Not every
    /// service has a central host.
    pub fn host(&self, region: Option<&RegionId>) -> String {
        match region {
            Some(region) => format!("{}.{region}.aliyuncs.com", self.name),
            None => format!("{}.aliyuncs.com", self.name),
        }
    }
}
