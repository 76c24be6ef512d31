//! Tests that run with every client, and are ignored without a client.

use std::any::type_name;
use std::env;
use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use super::{Client, ClientError};

/// The environment variable that makes tests fail without a client.
pub const REQUIRE_VARIABLE: &str = "SWAS_REQUIRE_TERRAFORM";

type Test = dyn Fn(&Client) -> Result<(), Failed> + Send + Sync;

/// A test that runs once per client.
#[derive(Clone)]
pub struct TerraformTest {
    name: &'static str,
    applies: fn(&Client) -> bool,
    test: Arc<Test>,
}

impl TerraformTest {
    /// Creates a test for every client, named after the function and its module. It fails
    /// on an error or a panic.
    pub fn of<T>(test: T) -> Self
    where
        T: Fn(&Client) -> Result<(), Failed> + Send + Sync + 'static,
    {
        let name = type_name::<T>();
        Self {
            name: name.split_once("::").map_or(name, |(_, name)| name),
            applies: |_| true,
            test: Arc::new(test),
        }
    }

    /// Restricts the test to the clients for which `applies` returns true.
    #[must_use]
    pub fn only_for(mut self, applies: fn(&Client) -> bool) -> Self {
        self.applies = applies;
        self
    }

    fn for_client(&self, client: &Client) -> Trial {
        let (test, client) = (Arc::clone(&self.test), client.clone());
        let name = format!("{}::{}", self.name, client.name());
        Trial::test(name, move || test(&client))
    }

    /// A placeholder for a test without a client. It is ignored unless a client is
    /// required, and fails when it runs.
    fn without_client(&self, required: bool) -> Trial {
        let message = format!("no Terraform or OpenTofu to run {} with", self.name);
        Trial::test(self.name, move || Err(message.into())).with_ignored_flag(!required)
    }
}

impl fmt::Debug for TerraformTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TerraformTest")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The `main` function of a test binary with only such tests.
pub fn run_terraform_tests(tests: &[TerraformTest]) -> ExitCode {
    libtest_mimic::run(&Arguments::from_args(), terraform_tests(tests)).exit_code()
}

/// Expands the tests for all clients of this machine. Without a client, tests are
/// ignored, or fail if `SWAS_REQUIRE_TERRAFORM` is set and not empty.
pub fn terraform_tests(tests: &[TerraformTest]) -> Vec<Trial> {
    let required = env::var_os(REQUIRE_VARIABLE).is_some_and(|value| !value.is_empty());
    trials(tests, Client::discover(), required)
}

fn trials(
    tests: &[TerraformTest],
    clients: Result<Vec<Client>, ClientError>,
    required: bool,
) -> Vec<Trial> {
    let clients = match clients {
        Ok(clients) => clients,
        Err(error) => {
            let message = error.to_string();
            return vec![Trial::test("clients", move || Err(message.into()))];
        }
    };
    let each = tests.iter().flat_map(|test| {
        let mut trials: Vec<Trial> = clients
            .iter()
            .filter(|client| (test.applies)(client))
            .map(|client| test.for_client(client))
            .collect();
        if trials.is_empty() {
            // A test for particular clients is not required if there are other clients.
            trials.push(test.without_client(required && clients.is_empty()));
        }
        trials
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::{Product, Version};

    fn client(version: &str) -> Client {
        Client {
            path: "terraform".into(),
            product: Product::Terraform,
            version: Version::parse(version).unwrap(),
        }
    }

    fn any(client: &Client) -> Result<(), Failed> {
        Err(client.name().into())
    }

    fn new(client: &Client) -> Result<(), Failed> {
        any(client)
    }

    fn listed(clients: Vec<Client>, required: bool) -> Vec<(String, bool)> {
        let tests = [
            TerraformTest::of(any),
            TerraformTest::of(new).only_for(|client| client.version.at_least(1, 8)),
        ];
        trials(&tests, Ok(clients), required)
            .iter()
            .map(|trial| {
                let name = trial.name().strip_prefix("terraform::trials::tests::");
                (name.unwrap().to_owned(), trial.has_ignored_flag())
            })
            .collect()
    }

    #[test]
    fn tests_are_listed_once_per_applicable_client() {
        let clients = || vec![client("1.0.3"), client("1.11.4")];
        let expected = [
            ("any::terraform-1.0.3", false),
            ("any::terraform-1.11.4", false),
            ("new::terraform-1.11.4", false),
        ];
        let expected = expected.map(|(name, ignored)| (name.to_owned(), ignored));
        assert_eq!(listed(clients(), false), expected);
    }

    #[test]
    fn tests_without_a_client_are_ignored_unless_clients_are_required() {
        let expected = |ignored| vec![("any".to_owned(), ignored), ("new".to_owned(), ignored)];
        assert_eq!(listed(vec![], false), expected(true));
        assert_eq!(listed(vec![], true), expected(false));
        assert_eq!(
            listed(vec![client("1.0.3")], true)[1],
            ("new".to_owned(), true)
        );
    }
}
