//! Where fuzzers enter.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use super::Environment;
use super::external::ExternalCommand;
use super::profile::ProfileFile;
use super::sts::Sts;
use super::sts_endpoint::StsEndpoint;
use super::way::Way;
use crate::swas::endpoint::{Endpoint, Protocol};
use crate::swas::service::STS;
use crate::swas::transport::{NetworkSettings, Transport};

/// Reads a file of profiles, which `{` at its beginning makes JSON and anything
/// else INI, and finds the way to the credentials of each of its profiles.
pub fn profiles(data: &[u8]) {
    let Ok(file) = ProfileFile::parse("credentials".into(), data) else {
        return;
    };
    let sts = Sts {
        endpoint: StsEndpoint::Fixed(Endpoint::of(&STS, None, Protocol::Https)),
        transport: Arc::new(Transport::new(NetworkSettings::default())),
        limit: Duration::ZERO,
    };
    let environment = Environment::of_process();
    // Commands are taken apart, and nothing is done that may start one.
    let commands = file.profiles.iter();
    let commands = commands.filter_map(|profile| profile.process_command.0.as_ref());
    let commands: Vec<_> = commands.map(ExternalCommand::parse).collect();
    if !commands.is_empty() {
        return;
    }
    for profile in &file.profiles {
        let way = Way::of(profile, &file, &environment, &sts);
        let _ = way.now_or_never();
    }
}
