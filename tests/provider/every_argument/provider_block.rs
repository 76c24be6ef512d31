//! Every argument of the provider block and of the blocks in it.

use serde_json::{Value, json};
use swas_testing::plugin_client::wire::tfplugin::schema::Block;
use swas_testing::running_provider::{Result, RunningProvider};

use super::worlds::{Place, World};
use crate::golden::Golden;
use crate::machine::{CLOSED_ENDPOINT, OIDC_PROVIDER, SECRET, TOKEN, role, secret};
use crate::support::{start, with};

/// An argument, where it makes a difference, and two values that make it.
struct Argument {
    name: &'static str,
    world: World,
    values: fn(&Place) -> [Value; 2],
}

const fn argument(name: &'static str, world: World, values: fn(&Place) -> [Value; 2]) -> Argument {
    Argument {
        name,
        world,
        values,
    }
}

const ARGUMENTS: [Argument; 16] = [
    argument("region", World::Plain, |_| {
        ["us-west-1".into(), "ap-southeast-1".into()]
    }),
    argument("access_key", World::Plain, |_| {
        ["LTAIblock".into(), "LTAIother".into()]
    }),
    argument("secret_key", World::Plain, |_| {
        [secret("LTAIblock").into(), SECRET.into()]
    }),
    argument("security_token", World::Plain, |_| {
        ["goldfish-1".into(), "goldfish-2".into()]
    }),
    argument("profile", World::Plain, |_| {
        ["default".into(), "other".into()]
    }),
    argument("shared_credentials_file", World::Plain, |place| {
        ["one", "two"].map(|name| place.machine.path(name).into())
    }),
    argument("ecs_role_name", World::Plain, |_| {
        ["testrole".into(), "ghost".into()]
    }),
    argument("credentials_uri", World::Plain, |place| {
        let uri = place.machine.emulator.credentials_uri();
        ["one", "two"].map(|path| format!("{uri}/{path}").into())
    }),
    argument("protocol", World::NoScheme, |_| {
        ["HTTP".into(), "HTTPS".into()]
    }),
    argument("client_connect_timeout", World::NoConnection, |place| {
        // Where it makes no difference, a busy machine must not make one.
        match place.world {
            World::NoConnection => [60.into(), 90.into()],
            World::Silent => [300.into(), 200.into()],
            _ => [10_000.into(), 9_000.into()],
        }
    }),
    argument("client_read_timeout", World::Silent, |place| {
        match place.world {
            World::Silent => [400.into(), 300.into()],
            _ => [30_000.into(), 29_000.into()],
        }
    }),
    argument("max_retry_timeout", World::Failing, |place| {
        match place.world {
            World::Failing => [30.into(), 0.into()],
            _ => [0.into(), 0.into()],
        }
    }),
    argument("configuration_source", World::Plain, |_| {
        ["module/1".into(), "module/2".into()]
    }),
    argument("assume_role", World::Plain, |_| {
        ["one", "two"].map(|name| json!([{"role_arn": role(name)}]))
    }),
    argument("assume_role_with_oidc", World::Plain, |_| {
        ["one", "two"].map(|name| {
            json!([{
                "role_arn": role(name), "oidc_provider_arn": OIDC_PROVIDER,
                "oidc_token": format!("{SECRET}-token"),
            }])
        })
    }),
    argument("endpoints", World::Plain, |place| {
        [place.endpoint.as_str(), CLOSED_ENDPOINT].map(|swas| json!([{"swas": swas}]))
    }),
];

/// Those of a temporary key.
const KEY: [Argument; 3] = [
    argument("access_key", World::Plain, |_| {
        ["STS.static".into(), "LTAIother".into()]
    }),
    argument("secret_key", World::Plain, |_| {
        [secret("STS.static").into(), SECRET.into()]
    }),
    argument("security_token", World::Plain, |_| {
        [TOKEN.into(), "goldfish".into()]
    }),
];

const ASSUME_ROLE: [Argument; 5] = [
    argument("role_arn", World::Plain, |_| {
        [role("one").into(), role("two").into()]
    }),
    argument("session_name", World::Plain, |_| {
        ["session-1".into(), "session-2".into()]
    }),
    argument("session_expiration", World::Plain, |_| {
        [900.into(), 1800.into()]
    }),
    argument("policy", World::Plain, |_| {
        [r#"{"Version":"1"}"#.into(), "{}".into()]
    }),
    argument("external_id", World::Plain, |_| {
        ["partner/1".into(), "partner/2".into()]
    }),
];

const ASSUME_ROLE_WITH_OIDC: [Argument; 7] = [
    argument("oidc_provider_arn", World::Oidc, |_| {
        [OIDC_PROVIDER.into(), format!("{OIDC_PROVIDER}-2").into()]
    }),
    argument("role_arn", World::Oidc, |_| {
        [role("one").into(), role("two").into()]
    }),
    argument("oidc_token", World::Oidc, |_| {
        [format!("{SECRET}-token").into(), SECRET.into()]
    }),
    argument("oidc_token_file", World::Oidc, |place| {
        ["token", "another-token"].map(|name| place.machine.path(name).into())
    }),
    argument("role_session_name", World::Oidc, |_| {
        ["session-1".into(), "session-2".into()]
    }),
    argument("session_expiration", World::Oidc, |_| {
        [900.into(), 1800.into()]
    }),
    argument("policy", World::Oidc, |_| {
        [r#"{"Version":"1"}"#.into(), "{}".into()]
    }),
];

const ENDPOINTS: [Argument; 2] = [
    argument("swas", World::Plain, |place| {
        [place.endpoint.clone().into(), CLOSED_ENDPOINT.into()]
    }),
    argument("sts", World::Plain, |place| {
        [place.endpoint.clone().into(), CLOSED_ENDPOINT.into()]
    }),
];

/// A block whose arguments are tried, within a provider block.
struct Tried {
    title: &'static str,
    arguments: &'static [Argument],
    /// The provider block around what is set.
    around: fn(Value) -> Value,
    /// What is set beside what is tried.
    base: Value,
}

struct Scene {
    places: Vec<Place>,
}

impl Scene {
    async fn new() -> Result<Self> {
        let mut places = Vec::new();
        for world in [
            World::Plain,
            World::Oidc,
            World::NoScheme,
            World::NoConnection,
            World::Silent,
            World::Failing,
        ] {
            places.push(Place::new(world).await?);
        }
        Ok(Self { places })
    }

    fn place(&self, world: World) -> &Place {
        let mut places = self.places.iter();
        places
            .find(|place| place.world == world)
            .expect("every world")
    }

    /// Tries an argument beside another one.
    async fn tried(
        &self,
        tried: &Tried,
        argument: &Argument,
        beside: Option<&Argument>,
    ) -> Result<String> {
        let place = self.place(argument.world);
        let block = |value: Value| {
            let base = match beside {
                Some(other) => {
                    let [value, _] = (other.values)(place);
                    with(&tried.base, other.name, value)
                }
                None => tried.base.clone(),
            };
            (tried.around)(with(&base, argument.name, value))
        };
        let [one, another] = (argument.values)(place).map(block);
        let seen = place.observe(&one).await?;
        if !seen.mistakes.is_empty() {
            return Ok(format!("error: {}\n", seen.mistakes.join("; ")));
        }
        if beside.is_none() {
            assert_eq!(seen, place.observe(&one).await?, "not the same twice");
        }
        let other = place.observe(&another).await?;
        assert!(
            seen != other,
            "{} is ignored: {one} {seen:?}",
            argument.name
        );
        Ok("effect\n".to_owned())
    }

    /// Each argument, alone and beside each other one.
    async fn table(&self, golden: &mut Golden, tried: &Tried) -> Result<()> {
        let title = format!("{} {}", tried.title, tried.base);
        let arguments = tried.arguments;
        for (place, one) in arguments.iter().enumerate() {
            let text = self.tried(tried, one, None).await?;
            golden.add(format!("{title} + {}", one.name), &text);
            for other in &arguments[place + 1..] {
                let text = self.tried(tried, one, Some(other)).await?;
                let turned = self.tried(tried, other, Some(one)).await?;
                assert_eq!(text, turned, "{title} + {} + {}", one.name, other.name);
                golden.add(format!("{title} + {} + {}", one.name, other.name), &text);
            }
        }
        Ok(())
    }
}

#[tokio::test]
async fn an_argument_of_the_provider_block_is_never_ignored() -> Result<()> {
    let scene = Scene::new().await?;
    let mut golden = Golden::default();
    let tried = |arguments, base| Tried {
        title: "provider",
        arguments,
        around: |block| block,
        base,
    };
    let all = tried(&ARGUMENTS, json!({}));
    scene.table(&mut golden, &all).await?;
    let key = json!({
        "access_key": "STS.static", "secret_key": secret("STS.static"), "security_token": TOKEN,
    });
    let key = tried(&KEY, key);
    scene.table(&mut golden, &key).await?;
    golden.assert("every_argument_of_the_provider");
    Ok(())
}

#[tokio::test]
async fn an_argument_of_a_block_in_it_is_never_ignored() -> Result<()> {
    let scene = Scene::new().await?;
    let mut golden = Golden::default();
    for tried in [
        Tried {
            title: "assume_role",
            arguments: &ASSUME_ROLE,
            around: |block| json!({"assume_role": [block]}),
            base: json!({"role_arn": role("reader")}),
        },
        Tried {
            title: "assume_role_with_oidc",
            arguments: &ASSUME_ROLE_WITH_OIDC,
            around: |block| json!({"assume_role_with_oidc": [block]}),
            base: json!({}),
        },
        Tried {
            title: "endpoints",
            arguments: &ENDPOINTS,
            around: |block| json!({"endpoints": [block], "assume_role": [{"role_arn": role("reader")}]}),
            base: json!({}),
        },
    ] {
        scene.table(&mut golden, &tried).await?;
    }
    golden.assert("every_argument_of_blocks");
    Ok(())
}

/// Whoever adds one has to add it above, too.
#[tokio::test]
async fn every_argument_of_the_provider_is_tried() -> Result<()> {
    let provider = RunningProvider::start(start()).await?;
    let schema = provider.schemas.provider.as_ref();
    let block = schema.and_then(|schema| schema.block.as_ref());
    let block = block.ok_or("no block")?;
    assert_tried("provider", block, &ARGUMENTS);
    for nested in &block.block_types {
        let arguments = match nested.type_name.as_str() {
            "assume_role" => &ASSUME_ROLE[..],
            "assume_role_with_oidc" => &ASSUME_ROLE_WITH_OIDC,
            "endpoints" => &ENDPOINTS,
            name => return Err(format!("{name} is not tried").into()),
        };
        assert_tried(
            &nested.type_name,
            nested.block.as_ref().ok_or("no block")?,
            arguments,
        );
    }
    Ok(())
}

fn assert_tried(title: &str, block: &Block, arguments: &[Argument]) {
    let attributes = block.attributes.iter();
    // Nothing in here is read, so that nothing that is read can be set.
    assert!(attributes.clone().all(|one| !one.computed), "{title}");
    let attributes = attributes.map(|one| one.name.as_str());
    let blocks = block.block_types.iter().map(|one| one.type_name.as_str());
    let mut there: Vec<_> = attributes.chain(blocks).collect();
    let mut tried: Vec<_> = arguments.iter().map(|one| one.name).collect();
    there.sort_unstable();
    tried.sort_unstable();
    assert_eq!(there, tried, "{title}");
}
