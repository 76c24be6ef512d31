//! A local emulator of SWAS-OPEN and of the services that issue credentials.
//!
//! The API validates every call as Alibaba Cloud's gateway does, including the
//! timestamp and the signature, which may be RPC signature 1.0 or V3. It serves `ListImages`, `ListCustomImages`,
//! `ListPlans` and `ListRegions` from a [`Catalog`].
//!
//! The credentials services are STS with `AssumeRole` and `AssumeRoleWithOIDC`, the
//! metadata service of an ECS instance, a credentials sidecar, and OAuth and
//! CloudSSO, which exchange an access token. Their keys work until they expire.
//!
//! The emulator records every request. Tests can script a [`Reply`] to imitate
//! failures of the network, a proxy or the API, and can enforce the API's [`Quota`].
//!
//! Control endpoints change a running emulator. On `/_faults`, PUT sets a JSON list
//! of [`ScriptedFault`] for future calls, GET returns the remaining faults and the
//! call counts, and DELETE clears both. PUT `/_images/REGION` adds an [`Image`].
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
mod digest;
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
pub mod signature_v3;
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

/// A running emulator.
///
/// Dropping it closes all connections, frees the port and joins the server thread.
pub struct Emulator {
    address: SocketAddr,
    environment: Vec<(&'static str, String)>,
    shared: Arc<Shared>,
    _server: Server,
}

impl Emulator {
    /// Starts the server. It accepts requests once this returns.
    ///
    /// # Errors
    ///
    /// Fails if the address cannot be bound or the thread cannot be spawned.
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

    /// The URL of the API: `http://` and [`Emulator::address`].
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The URL of the credentials sidecar.
    #[must_use]
    pub fn credentials_uri(&self) -> String {
        format!("{}{}", self.url(), instance::SIDECAR)
    }

    /// Adds an access key. With a token it is a temporary key, and every call has to
    /// carry the token.
    pub fn add_key(&self, access_key_id: &str, secret: &str, token: Option<&str>) {
        let accounts = &mut self.shared.state().scenario.accounts;
        accounts.add(access_key_id, secret, token);
    }

    /// Overrides the lifetime of keys issued from now on.
    ///
    /// # Panics
    ///
    /// Panics if it is longer than 292 billion years.
    pub fn set_key_lifetime(&self, lifetime: Duration) {
        let lifetime = lifetime.try_into().expect("a reasonable time");
        self.shared.state().scenario.accounts.lifetime = Some(lifetime);
    }

    /// Makes the metadata service respond without a token too, as with IMDSv1.
    pub fn allow_imdsv1(&self) {
        self.shared.state().scenario.allows_imdsv1 = true;
    }

    /// Gives the ECS instance another role.
    pub fn set_ecs_role(&self, name: &str) {
        name.clone_into(&mut self.shared.state().scenario.ecs_role);
    }

    /// Expires all issued keys now.
    pub fn expire_issued_keys(&self) {
        self.shared.state().scenario.accounts.expire_issued();
    }

    /// All secrets that no output may contain: the secrets and tokens of all keys,
    /// the tokens of STS, of the sign-in services and of the metadata service, and
    /// the signatures of all requests.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let state = self.shared.state();
        let requests = state.requests.iter();
        let signatures = requests.filter_map(Request::signature);
        let keys = state.scenario.accounts.secrets().map(String::as_str);
        let tokens = [&*state.scenario.oidc_token, &state.scenario.access_token];
        let secrets = keys.chain(signatures).chain(tokens);
        let secrets = secrets.chain([instance::METADATA_TOKEN]);
        secrets.map(str::to_owned).collect()
    }

    /// The listening address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The environment variables that point the provider to this emulator,
    /// including the access key.
    #[must_use]
    pub fn environment(&self) -> &[(&'static str, String)] {
        &self.environment
    }

    /// All requests so far in the order of arrival, including rejected ones and
    /// those with a scripted reply.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state().requests.clone()
    }

    /// Waits until `count` requests in total have been read. Returns `false` on
    /// timeout.
    #[must_use]
    pub fn wait_for_requests(&self, count: usize, timeout: Duration) -> bool {
        self.shared
            .wait_until(timeout, |state| state.requests.len() >= count)
    }

    /// The number of TCP connections accepted so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.state().connections
    }

    /// Queues a reply for a single request.
    pub fn reply_next(&self, reply: Reply) {
        self.shared.state().script.next.push_back(reply);
    }

    /// Sets the reply to every request for `action` while the queue is empty.
    pub fn reply_to(&self, action: &str, reply: Reply) {
        let mut state = self.shared.state();
        state.script.by_action.insert(action.to_owned(), reply);
    }

    /// Sets the reply to every request while the queue is empty. Replies set with
    /// [`Emulator::reply_to`] take precedence.
    pub fn reply_always(&self, reply: Reply) {
        self.shared.state().script.always = Some(reply);
    }

    /// Sets the faults of the next calls, which apply while the queue of replies is
    /// empty.
    pub fn set_faults(&self, faults: impl IntoIterator<Item = impl Into<ScriptedFault>>) {
        let faults = faults.into_iter().map(Into::into).collect();
        self.shared.state().script.faults = faults;
    }

    /// The remaining faults.
    #[must_use]
    pub fn faults(&self) -> Vec<ScriptedFault> {
        self.shared.state().script.faults.clone()
    }

    /// All calls so far with their outcomes, in the order of completion.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.state().calls.clone()
    }

    /// The number of calls of `action` by outcome.
    #[must_use]
    pub fn counts(&self, action: &str) -> Counts {
        let state = self.shared.state();
        let counts = calls::by_action(&state.calls);
        counts.get(action).copied().unwrap_or_default()
    }

    /// Clears all scripted replies and faults, including queued ones. Hanging
    /// requests keep hanging.
    pub fn clear_script(&self) {
        self.shared.state().script = Script::default();
    }

    /// Sends the API's own response to all hanging requests.
    pub fn release(&self) {
        self.shared.releases.send_replace(());
    }

    /// Sets the order of the entries in future responses.
    pub fn set_order(&self, order: Order) {
        self.shared.state().scenario.order = order;
    }

    /// Adds an image to the region `region_id`, replacing any with the same ID. An
    /// empty ID is generated.
    ///
    /// # Panics
    ///
    /// Panics if the region does not exist.
    pub fn add_image(&self, region_id: &str, image: Image) {
        let catalog = &mut self.shared.state().scenario.catalog;
        catalog.add_image(region_id, image).expect("a region");
    }

    /// Replaces the catalog for future responses.
    pub fn set_catalog(&self, catalog: Catalog) {
        self.shared.state().scenario.catalog = catalog;
    }
}
