//! Where STS is called.

use std::sync::Arc;

use super::DefaultRegion;
use crate::http::protocol::Protocol;
use crate::rpc::endpoint::{Endpoint, RegionalEndpoint};
use crate::rpc::region::RegionId;
use crate::rpc::service::{STS, STS_VPC};

/// Where STS is called.
#[derive(Clone, Debug)]
pub enum StsEndpoint {
    /// At the address that is given.
    Fixed(Endpoint),
    /// At the address that is given for the region.
    Regional(RegionalEndpoint, StsRegion),
    /// At one of its own endpoints.
    Own {
        /// HTTPS unless set otherwise.
        protocol: Protocol,
        /// Region of the endpoint.
        region: StsRegion,
        /// At the one that virtual private clouds have.
        vpc: bool,
    },
}

/// The region whose STS is called.
#[derive(Clone, Debug)]
pub enum StsRegion {
    /// A configured region.
    Named(RegionId),
    /// The default region, or any if there is none.
    Default(Arc<DefaultRegion>),
}

/// What a profile says of STS.
#[derive(Debug)]
pub(crate) struct ProfileSts {
    pub(crate) region: Option<RegionId>,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) vpc: bool,
}

impl StsEndpoint {
    /// The same as a profile wants it. An address that was given stays.
    pub(crate) fn of_profile(self, profile: ProfileSts) -> Self {
        let named = profile.region.map(StsRegion::Named);
        match (self, profile.endpoint) {
            (Self::Fixed(endpoint), _) | (Self::Own { .. }, Some(endpoint)) => {
                Self::Fixed(endpoint)
            }
            (Self::Regional(endpoint, region), _) => {
                Self::Regional(endpoint, named.unwrap_or(region))
            }
            (
                Self::Own {
                    protocol,
                    region,
                    vpc,
                },
                None,
            ) => Self::Own {
                protocol,
                region: named.unwrap_or(region),
                vpc: vpc || profile.vpc,
            },
        }
    }

    /// The address.
    pub(crate) async fn get(&self) -> Endpoint {
        match self {
            Self::Fixed(endpoint) => endpoint.clone(),
            Self::Regional(endpoint, region) => match region.get().await {
                Some(region) => endpoint.of(region),
                // The STS of any region hands out the same credentials.
                None => endpoint.of(&RegionId::any()),
            },
            Self::Own {
                protocol,
                region,
                vpc,
            } => match (region.get().await, vpc) {
                (Some(region), true) => Endpoint::of(&STS_VPC, Some(region), *protocol),
                // The endpoint for all regions is a public one alone.
                (region, _) => Endpoint::of(&STS, region, *protocol),
            },
        }
    }
}

impl StsRegion {
    /// What keeps a region from being known matters to those who need one.
    async fn get(&self) -> Option<&RegionId> {
        match self {
            Self::Named(region) => Some(region),
            Self::Default(region) => region.get().await.ok(),
        }
    }
}
