//! Every argument of the provider block and of its nested blocks.

use serde_json::{Value, json};
use swas_testing::plugin_client::wire::tfplugin::schema::Block;
use swas_testing::running_provider::{Result, RunningProvider};

use super::scenarios::{Fixture, Scenario};
use crate::golden::Golden;
use crate::machine::{CLOSED_ENDPOINT, OIDC_PROVIDER, SECRET, TOKEN, role, secret};
use crate::support::{start, with};

/// An argument with two values that have different effects in the scenario.
struct Argument {
    name: &'static str,
    scenario: Scenario,
    values: fn(&Fixture) -> [Value; 2],
}

const fn argument(
    name: &'static str,
    scenario: Scenario,
    values: fn(&Fixture) -> [Value; 2],
) -> Argument {
    Argument {
        name,
        scenario,
        values,
    }
}

const ARGUMENTS: [Argument; 19] = [
    argument("region", Scenario::Plain, |_| {
        ["us-west-1".into(), "ap-southeast-1".into()]
    }),
    argument("access_key", Scenario::Plain, |_| {
        ["LTAIblock".into(), "LTAIother".into()]
    }),
    argument("secret_key", Scenario::Plain, |_| {
        [secret("LTAIblock").into(), SECRET.into()]
    }),
    argument("security_token", Scenario::Plain, |_| {
        ["goldfish-1".into(), "goldfish-2".into()]
    }),
    argument("profile", Scenario::Plain, |_| {
        ["default".into(), "other".into()]
    }),
    argument("shared_credentials_file", Scenario::Plain, |fixture| {
        ["one", "two"].map(|name| fixture.machine.path(name).into())
    }),
    argument("ecs_role_name", Scenario::Plain, |_| {
        ["testrole".into(), "ghost".into()]
    }),
    argument("credentials_uri", Scenario::Plain, |fixture| {
        let uri = fixture.machine.emulator.credentials_uri();
        ["one", "two"].map(|path| format!("{uri}/{path}").into())
    }),
    argument("protocol", Scenario::NoScheme, |_| {
        ["HTTP".into(), "HTTPS".into()]
    }),
    argument(
        "client_connect_timeout",
        Scenario::NoConnection,
        |fixture| {
            // In other scenarios the values are high, so that a busy machine cannot exceed
            // them.
            match fixture.scenario {
                Scenario::NoConnection => [60.into(), 90.into()],
                Scenario::Silent => [300.into(), 200.into()],
                _ => [10_000.into(), 9_000.into()],
            }
        },
    ),
    argument(
        "client_read_timeout",
        Scenario::Silent,
        |fixture| match fixture.scenario {
            Scenario::Silent => [400.into(), 300.into()],
            _ => [30_000.into(), 29_000.into()],
        },
    ),
    argument(
        "max_retry_timeout",
        Scenario::Failing,
        |fixture| match fixture.scenario {
            Scenario::Failing => [30.into(), 0.into()],
            _ => [0.into(), 0.into()],
        },
    ),
    argument("signature_method", Scenario::Plain, |_| {
        ["HMAC-SHA1".into(), "ACS3-HMAC-SHA256".into()]
    }),
    argument("cache_dir", Scenario::Plain, |fixture| {
        // The first is a file. With a directory, a second read would not be the same.
        ["one", "cache"].map(|path| fixture.machine.path(path).into())
    }),
    // A test of the directory shows the effect of valid values.
    argument("cache_max_age", Scenario::Plain, |_| [0.into(), 60.into()]),
    argument("configuration_source", Scenario::Plain, |_| {
        ["module/1".into(), "module/2".into()]
    }),
    argument("assume_role", Scenario::Plain, |_| {
        ["one", "two"].map(|name| json!([{"role_arn": role(name)}]))
    }),
    argument("assume_role_with_oidc", Scenario::Plain, |_| {
        ["one", "two"].map(|name| {
            json!([{
                "role_arn": role(name), "oidc_provider_arn": OIDC_PROVIDER,
                "oidc_token": format!("{SECRET}-token"),
            }])
        })
    }),
    argument("endpoints", Scenario::Plain, |fixture| {
        [fixture.endpoint.as_str(), CLOSED_ENDPOINT].map(|swas| json!([{"swas": swas}]))
    }),
];

/// Arguments that form a temporary key.
const KEY: [Argument; 3] = [
    argument("access_key", Scenario::Plain, |_| {
        ["STS.static".into(), "LTAIother".into()]
    }),
    argument("secret_key", Scenario::Plain, |_| {
        [secret("STS.static").into(), SECRET.into()]
    }),
    argument("security_token", Scenario::Plain, |_| {
        [TOKEN.into(), "goldfish".into()]
    }),
];

const ASSUME_ROLE: [Argument; 5] = [
    argument("role_arn", Scenario::Plain, |_| {
        [role("one").into(), role("two").into()]
    }),
    argument("session_name", Scenario::Plain, |_| {
        ["session-1".into(), "session-2".into()]
    }),
    argument("session_expiration", Scenario::Plain, |_| {
        [900.into(), 1800.into()]
    }),
    argument("policy", Scenario::Plain, |_| {
        [r#"{"Version":"1"}"#.into(), "{}".into()]
    }),
    argument("external_id", Scenario::Plain, |_| {
        ["partner/1".into(), "partner/2".into()]
    }),
];

const ASSUME_ROLE_WITH_OIDC: [Argument; 7] = [
    argument("oidc_provider_arn", Scenario::Oidc, |_| {
        [OIDC_PROVIDER.into(), format!("{OIDC_PROVIDER}-2").into()]
    }),
    argument("role_arn", Scenario::Oidc, |_| {
        [role("one").into(), role("two").into()]
    }),
    argument("oidc_token", Scenario::Oidc, |_| {
        [format!("{SECRET}-token").into(), SECRET.into()]
    }),
    argument("oidc_token_file", Scenario::Oidc, |fixture| {
        ["token", "another-token"].map(|name| fixture.machine.path(name).into())
    }),
    argument("role_session_name", Scenario::Oidc, |_| {
        ["session-1".into(), "session-2".into()]
    }),
    argument("session_expiration", Scenario::Oidc, |_| {
        [900.into(), 1800.into()]
    }),
    argument("policy", Scenario::Oidc, |_| {
        [r#"{"Version":"1"}"#.into(), "{}".into()]
    }),
];

const ENDPOINTS: [Argument; 2] = [
    argument("swas", Scenario::Plain, |fixture| {
        [fixture.endpoint.clone().into(), CLOSED_ENDPOINT.into()]
    }),
    argument("sts", Scenario::Plain, |fixture| {
        [fixture.endpoint.clone().into(), CLOSED_ENDPOINT.into()]
    }),
];

/// A block whose arguments are tested.
struct TestedBlock {
    title: &'static str,
    arguments: &'static [Argument],
    /// Wraps the block into a provider block.
    around: fn(Value) -> Value,
    /// Arguments that are set in each case.
    base: Value,
}

struct Fixtures {
    fixtures: Vec<Fixture>,
}

impl Fixtures {
    async fn new() -> Result<Self> {
        let mut fixtures = Vec::new();
        for scenario in [
            Scenario::Plain,
            Scenario::Oidc,
            Scenario::NoScheme,
            Scenario::NoConnection,
            Scenario::Silent,
            Scenario::Failing,
        ] {
            fixtures.push(Fixture::new(scenario).await?);
        }
        Ok(Self { fixtures })
    }

    fn fixture(&self, scenario: Scenario) -> &Fixture {
        let mut fixtures = self.fixtures.iter();
        fixtures
            .find(|fixture| fixture.scenario == scenario)
            .expect("every scenario")
    }

    /// Tries an argument, alone or combined with another one.
    async fn try_argument(
        &self,
        tested: &TestedBlock,
        argument: &Argument,
        combined_with: Option<&Argument>,
    ) -> Result<String> {
        let fixture = self.fixture(argument.scenario);
        let block = |value: Value| {
            let base = match combined_with {
                Some(other) => {
                    let [value, _] = (other.values)(fixture);
                    with(&tested.base, other.name, value)
                }
                None => tested.base.clone(),
            };
            (tested.around)(with(&base, argument.name, value))
        };
        let [one, another] = (argument.values)(fixture).map(block);
        let first = fixture.observe(&one).await?;
        if !first.errors.is_empty() {
            return Ok(format!("error: {}\n", first.errors.join("; ")));
        }
        if combined_with.is_none() {
            assert_eq!(first, fixture.observe(&one).await?, "not the same twice");
        }
        let other = fixture.observe(&another).await?;
        assert!(
            first != other,
            "{} is ignored: {one} {first:?}",
            argument.name
        );
        Ok("effect\n".to_owned())
    }

    /// Tries each argument, alone and in each pair.
    async fn try_all(&self, golden: &mut Golden, tested: &TestedBlock) -> Result<()> {
        let title = format!("{} {}", tested.title, tested.base);
        let arguments = tested.arguments;
        for (index, one) in arguments.iter().enumerate() {
            let text = self.try_argument(tested, one, None).await?;
            golden.add(format!("{title} + {}", one.name), &text);
            for other in &arguments[index + 1..] {
                let text = self.try_argument(tested, one, Some(other)).await?;
                let swapped = self.try_argument(tested, other, Some(one)).await?;
                assert_eq!(text, swapped, "{title} + {} + {}", one.name, other.name);
                golden.add(format!("{title} + {} + {}", one.name, other.name), &text);
            }
        }
        Ok(())
    }
}

#[tokio::test]
async fn every_provider_argument_has_an_effect_or_is_an_error() -> Result<()> {
    let fixtures = Fixtures::new().await?;
    let mut golden = Golden::default();
    let provider_block = |arguments, base| TestedBlock {
        title: "provider",
        arguments,
        around: |block| block,
        base,
    };
    let all = provider_block(&ARGUMENTS, json!({}));
    fixtures.try_all(&mut golden, &all).await?;
    let key = json!({
        "access_key": "STS.static", "secret_key": secret("STS.static"), "security_token": TOKEN,
    });
    let key = provider_block(&KEY, key);
    fixtures.try_all(&mut golden, &key).await?;
    golden.assert("every_argument_of_the_provider");
    Ok(())
}

#[tokio::test]
async fn every_nested_block_argument_has_an_effect_or_is_an_error() -> Result<()> {
    let fixtures = Fixtures::new().await?;
    let mut golden = Golden::default();
    for block in [
        TestedBlock {
            title: "assume_role",
            arguments: &ASSUME_ROLE,
            around: |block| json!({"assume_role": [block]}),
            base: json!({"role_arn": role("reader")}),
        },
        TestedBlock {
            title: "assume_role_with_oidc",
            arguments: &ASSUME_ROLE_WITH_OIDC,
            around: |block| json!({"assume_role_with_oidc": [block]}),
            base: json!({}),
        },
        TestedBlock {
            title: "endpoints",
            arguments: &ENDPOINTS,
            around: |block| json!({"endpoints": [block], "assume_role": [{"role_arn": role("reader")}]}),
            base: json!({}),
        },
    ] {
        fixtures.try_all(&mut golden, &block).await?;
    }
    golden.assert("every_argument_of_blocks");
    Ok(())
}

/// A new argument needs an entry above.
#[tokio::test]
async fn every_provider_argument_is_covered() -> Result<()> {
    let provider = RunningProvider::start(start()).await?;
    let schema = provider.schemas.provider.as_ref();
    let block = schema.and_then(|schema| schema.block.as_ref());
    let block = block.ok_or("no block")?;
    assert_covered("provider", block, &ARGUMENTS);
    for nested in &block.block_types {
        let arguments = match nested.type_name.as_str() {
            "assume_role" => &ASSUME_ROLE[..],
            "assume_role_with_oidc" => &ASSUME_ROLE_WITH_OIDC,
            "endpoints" => &ENDPOINTS,
            name => return Err(format!("{name} is not tested").into()),
        };
        assert_covered(
            &nested.type_name,
            nested.block.as_ref().ok_or("no block")?,
            arguments,
        );
    }
    Ok(())
}

fn assert_covered(title: &str, block: &Block, arguments: &[Argument]) {
    let attributes = block.attributes.iter();
    // The provider block has no computed attributes, so there are none to reject.
    assert!(attributes.clone().all(|one| !one.computed), "{title}");
    let attributes = attributes.map(|one| one.name.as_str());
    let blocks = block.block_types.iter().map(|one| one.type_name.as_str());
    let mut existing: Vec<_> = attributes.chain(blocks).collect();
    let mut tested: Vec<_> = arguments.iter().map(|one| one.name).collect();
    existing.sort_unstable();
    tested.sort_unstable();
    assert_eq!(existing, tested, "{title}");
}
