//! Environment variables other than sources of credentials: the documented effect of
//! each, and their precedence, behind real Terraform. `credentials` has the sources of
//! credentials.

mod cases;

use std::sync::Mutex;
use std::thread::{self, ScopedJoinHandle};

use swas_testing::machine::Machine;
use swas_testing::terraform::{Client, TerraformTest};

use crate::scenario::{Outcome, since_1_0};
use crate::shared_workspace::{SharedWorkspace, listing_key};

/// The number of concurrent plans.
const CONCURRENCY: usize = 4;

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([TerraformTest::of(
        every_variable_has_its_documented_effect_and_precedence,
    )])
}

/// The expected effect on a plan.
#[derive(Clone, Copy, Debug)]
enum Expected {
    /// The access key ID that lists images has this prefix.
    Key(&'static str),
    /// Images of this region are listed.
    Region(&'static str),
    /// The role session has this name.
    Session(&'static str),
    /// The role is assumed with this external ID.
    External(&'static str),
    /// The User-Agent has this suffix.
    Agent(&'static str),
    /// The plan fails with this text.
    Error(&'static str),
}

struct Case {
    /// The variables that the case covers.
    name: &'static str,
    machine: Machine,
    expected: Expected,
}

impl Case {
    fn check(&self, shared: &mut SharedWorkspace) -> Outcome {
        if let Expected::Error(text) = self.expected {
            let plan = shared.plan(&self.machine)?;
            if plan.code() != Some(1) || !plan.flat_text().contains(text) {
                return Err(format!("no {text:?} in: {plan}").into());
            }
            return Ok(());
        }
        shared.plan(&self.machine)?.checked()?;
        let (calls, roles) = (
            self.machine.calls("ListImages"),
            self.machine.calls("AssumeRole"),
        );
        let is_expected = match self.expected {
            Expected::Key(key) => listing_key(&self.machine)?.starts_with(key),
            Expected::Region(region) => calls[0].parameter("RegionId") == Some(region),
            Expected::Session(name) => roles[0].parameter("RoleSessionName") == Some(name),
            Expected::External(id) => roles[0].parameter("ExternalId") == Some(id),
            Expected::Agent(end) => calls[0]
                .header("user-agent")
                .is_some_and(|agent| agent.ends_with(end)),
            Expected::Error(_) => false,
        };
        if !is_expected {
            return Err(format!("not {:?}: {calls:?} {roles:?}", self.expected).into());
        }
        Ok(())
    }
}

fn every_variable_has_its_documented_effect_and_precedence(client: &Client) -> Outcome {
    let cases = Mutex::new(cases::all()?.into_iter());
    let next = || cases.lock().ok()?.next();
    let worker = || {
        let mut shared = SharedWorkspace::new(client).map_err(|error| error.to_string())?;
        while let Some(case) = next() {
            let checked = case.check(&mut shared);
            checked.map_err(|error| format!("{}: {error:?}", case.name))?;
        }
        Ok::<_, String>(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..CONCURRENCY).map(|_| scope.spawn(worker)).collect();
        let ends = workers.into_iter().map(ScopedJoinHandle::join);
        let ends: Vec<_> = ends.collect();
        for end in ends {
            end.map_err(|panic| format!("{:?}", panic.downcast_ref::<String>()))??;
        }
        Ok(())
    })
}
