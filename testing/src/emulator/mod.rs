//! A local SWAS-OPEN endpoint.
//!
//! It checks every call as Alibaba Cloud's gateway does, signature and clock
//! included, and answers `ListImages`,
//! `ListCustomImages`, `ListPlans` and `ListRegions` from a [`Catalog`].
//!
//! It also is everything that hands out credentials: STS with `AssumeRole` and
//! `AssumeRoleWithOIDC`, the metadata service of an ECS instance, a sidecar, and
//! OAuth and CloudSSO, which exchange the access token of somebody who has signed
//! in. Their keys are good until they expire.
//!
//! It remembers every request, and a test can script any [`Reply`] that the
//! network, a proxy or the API may come up with. It can have the API's [`Quota`].
//!
//! While it runs, it can be changed over HTTP too. `/_faults` takes with PUT a
//! JSON list of [`ScriptedFault`] for the calls to come, tells with GET which are
//! left and what became of the calls so far, and forgets both with DELETE.
//! `/_images/REGION` adds an [`Image`] with PUT.
//!
//! ```
//! use swas_testing::emulator::{Reply, Emulator, Options};
//!
//! let emulator = Emulator::start(Options::default())?;
//! emulator.reply_next(Reply::error(503, "ServiceUnavailable", "Try again."));
//! // … point a client at `emulator.url()` …
//! assert_eq!(emulator.requests().len(), 0);
//! # std::io::Result::Ok(())
//! ```

mod accounts;
mod actions;
mod body;
mod calls;
mod catalog;
mod control;
mod error;
mod fault;
mod form;
mod gateway;
mod instance;
mod options;
mod quota;
mod reply;
mod request;
mod request_id;
mod respond;
mod scenario;
mod script;
mod server;
mod sign_in;
pub mod signature;
mod state;
mod sts;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

pub use calls::{Call, Counts, Outcome};
pub use catalog::{Catalog, Image, Order, Region};
pub use fault::{Fault, ScriptedFault};
pub use options::Options;
pub use quota::{Quota, QuotaError};
pub use reply::{Length, Reply};
pub use request::Request;

use scenario::Scenario;
use script::Script;
use server::Server;
use state::Shared;

/// A running endpoint.
///
/// Dropping it closes every connection, frees the port and waits until its
/// thread has ended.
pub struct Emulator {
    address: SocketAddr,
    environment: Vec<(&'static str, String)>,
    shared: Arc<Shared>,
    _server: Server,
}

impl Emulator {
    /// Starts to listen. Requests are served from the moment it returns.
    ///
    /// # Errors
    ///
    /// When the address cannot be had, or no thread.
    pub fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(options.listen)?;
        let address = listener.local_addr()?;
        let environment = options.environment(address);
        let mut scenario = Scenario {
            catalog: options.catalog,
            oidc_token: options.oidc_token,
            access_token: options.access_token,
            ecs_role: options.ecs_role,
            ..Scenario::default()
        };
        scenario.accounts.add(
            &options.access_key_id,
            &options.access_key_secret,
            options.security_token.as_deref(),
        );
        let shared = Arc::new(Shared::new(scenario, options.quota, options.delay));
        let server = Server::start(listener, Arc::clone(&shared))?;
        Ok(Self {
            address,
            environment,
            shared,
            _server: server,
        })
    }

    /// `http://` and [`Emulator::address`].
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the emulated sidecar hands out credentials.
    #[must_use]
    pub fn credentials_uri(&self) -> String {
        format!("{}{}", self.url(), instance::SIDECAR)
    }

    /// Makes one more access key known. With a token it is a temporary one, and
    /// every call has to carry the token.
    pub fn add_key(&self, access_key_id: &str, secret: &str, token: Option<&str>) {
        let accounts = &mut self.shared.state().scenario.accounts;
        accounts.add(access_key_id, secret, token);
    }

    /// Makes keys that are handed out from now on hold for this long, whatever
    /// is asked for.
    ///
    /// # Panics
    ///
    /// When it is longer than 292 billion years.
    pub fn set_key_lifetime(&self, lifetime: Duration) {
        let lifetime = lifetime.try_into().expect("a reasonable time");
        self.shared.state().scenario.accounts.lifetime = Some(lifetime);
    }

    /// Ends every key that has been handed out, before its time.
    pub fn expire_issued_keys(&self) {
        self.shared.state().scenario.accounts.end_issued();
    }

    /// Everything that it knows or has seen and that no output may show: the
    /// secrets and tokens of all keys, those of STS and the metadata service,
    /// and the signatures of all requests.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let state = self.shared.state();
        let requests = state.requests.iter();
        let signatures = requests.filter_map(|request| request.parameters.get("Signature"));
        let keys = state.scenario.accounts.secrets().chain(signatures);
        let secrets = keys.chain([&state.scenario.oidc_token, &state.scenario.access_token]);
        let secrets = secrets.cloned();
        secrets
            .chain([instance::METADATA_TOKEN.to_owned()])
            .collect()
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The environment variables that lead the provider here, with the key that
    /// is known.
    #[must_use]
    pub fn environment(&self) -> &[(&'static str, String)] {
        &self.environment
    }

    /// Every request so far, in the order in which they were read to the end,
    /// those that were refused or answered by a script included.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state().requests.clone()
    }

    /// Waits until `count` requests in all have been read; `false` when that
    /// takes longer than `timeout`.
    #[must_use]
    pub fn wait_for_requests(&self, count: usize, timeout: Duration) -> bool {
        self.shared
            .wait_until(timeout, |state| state.requests.len() >= count)
    }

    /// How many TCP connections it has accepted.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.state().connections
    }

    /// Queues an answer for one request to come, after those queued already.
    pub fn reply_next(&self, answer: Reply) {
        self.shared.state().script.next.push_back(answer);
    }

    /// Answers every request for `action` so, once the queue is empty.
    pub fn reply_to(&self, action: &str, answer: Reply) {
        let mut state = self.shared.state();
        state.script.by_action.insert(action.to_owned(), answer);
    }

    /// Answers every request so, once the queue is empty and where nothing else
    /// was said of its action.
    pub fn reply_always(&self, answer: Reply) {
        self.shared.state().script.always = Some(answer);
    }

    /// Sets the faults that the next calls have, once the queue of answers is empty.
    pub fn set_faults(&self, faults: impl IntoIterator<Item = impl Into<ScriptedFault>>) {
        let faults = faults.into_iter().map(Into::into).collect();
        self.shared.state().script.faults = faults;
    }

    /// The faults that no call has had yet.
    #[must_use]
    pub fn faults(&self) -> Vec<ScriptedFault> {
        self.shared.state().script.faults.clone()
    }

    /// Every call of an action so far, in the order in which they were decided.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.state().calls.clone()
    }

    /// How many calls of `action` ended in which way.
    #[must_use]
    pub fn counts(&self, action: &str) -> Counts {
        let state = self.shared.state();
        let counts = calls::by_action(&state.calls);
        counts.get(action).copied().unwrap_or_default()
    }

    /// Forgets every scripted answer and fault, queued ones too. Requests that hang go on
    /// hanging.
    pub fn clear_script(&self) {
        self.shared.state().script = Script::default();
    }

    /// Answers the requests that hang now as the API does.
    pub fn release(&self) {
        self.shared.releases.send_replace(());
    }

    /// Sets the order in which images and regions are answered from now on.
    pub fn set_order(&self, order: Order) {
        self.shared.state().scenario.order = order;
    }

    /// Adds an image to the region `region_id`, in the place of any with its ID.
    /// Without an ID it gets one.
    ///
    /// # Panics
    ///
    /// When there is no such region.
    pub fn add_image(&self, region_id: &str, image: Image) {
        let catalog = &mut self.shared.state().scenario.catalog;
        catalog.add_image(region_id, image).expect("a region");
    }

    /// Sets the regions and images that are answered from now on.
    pub fn set_catalog(&self, catalog: Catalog) {
        self.shared.state().scenario.catalog = catalog;
    }
}
