//! A provider, configured with an access key, that reads from an emulator.

use rmpv::Value;
use swas_testing::diagnostics::{has_error, shown};
use swas_testing::emulator::signature::percent_encode;
use swas_testing::emulator::{Answer, Emulator, Options};
use swas_testing::plugin_client::Start;
use swas_testing::plugin_client::values::object;
use swas_testing::running_provider::{Result, RunningProvider};

use crate::golden::assert_golden;

pub const KEY: &str = "LTAItestid";
// Characters that percent-encoding changes, so that every form is looked for.
pub const SECRET: &str = "swordfish/+=";
pub const TOKEN: &str = "goldfish/+=";

/// The provider as Terraform starts it, with the most talkative log, because
/// what must not be seen must not be in the log either.
pub fn start() -> Start {
    Start::new(env!("CARGO_BIN_EXE_terraform-provider-swas")).env("TF_LOG", "TRACE")
}

/// An emulator that knows the key, the secret and the token.
pub fn emulator() -> Result<Emulator> {
    Ok(Emulator::start(Options {
        access_key_id: KEY.to_owned(),
        access_key_secret: SECRET.to_owned(),
        security_token: Some(TOKEN.to_owned()),
        ..Options::default()
    })?)
}

/// A provider block that has all it takes, for an endpoint.
pub fn provider_block(endpoint: impl Into<Value>) -> Vec<(&'static str, Value)> {
    vec![
        ("region", "cn-hangzhou".into()),
        ("access_key", KEY.into()),
        ("secret_key", SECRET.into()),
        ("security_token", TOKEN.into()),
        ("endpoints", endpoints(endpoint)),
    ]
}

/// The block `endpoints`.
pub fn endpoints(swas: impl Into<Value>) -> Value {
    vec![object([("swas", swas.into())])].into()
}

/// A provider that fails to read.
pub struct Failing(RunningProvider);

impl Failing {
    pub async fn start(start: Start, block: &[(&str, Value)]) -> Result<Self> {
        let provider = RunningProvider::start(start).await?;
        let diagnostics = provider.configure(block).await?;
        assert_eq!(shown(&diagnostics), "");
        Ok(Self(provider))
    }

    /// Reads `swas_images`, which must fail, and returns what the user is told.
    pub async fn read(&self, arguments: &[(&str, Value)]) -> Result<String> {
        let answer = self.0.read("swas_images", arguments).await?;
        let text = shown(&answer.diagnostics);
        assert!(has_error(&answer.diagnostics), "no error: {text}");
        assert_eq!(answer.state, None, "{text}");
        for diagnostic in &answer.diagnostics {
            let summary = &diagnostic.summary;
            assert!(!summary.contains('\n'), "more than a line: {summary}");
            assert!(!summary.ends_with('.'), "a trailing period: {summary}");
        }
        Ok(text)
    }

    /// Ends the process and returns its log.
    pub async fn end(self) -> Result<String> {
        self.0.end().await
    }
}

/// Reads once from an endpoint that gives each answer in turn, and compares what
/// the user is told with the golden file of that name.
pub async fn assert_told(cases: impl IntoIterator<Item = (&str, Answer)>) -> Result<()> {
    let emulator = emulator()?;
    let failing = Failing::start(start(), &provider_block(emulator.url())).await?;
    for (name, answer) in cases {
        emulator.answer_always(answer);
        let text = failing.read(&[]).await?;
        assert_secrets_kept(&text, &emulator);
        assert_golden("bad_answers", name, &text);
    }
    assert_secrets_kept(&failing.end().await?, &emulator);
    Ok(())
}

/// The text holds neither the secret nor the token nor a signature that was
/// sent, encoded or not.
pub fn assert_secrets_kept(text: &str, emulator: &Emulator) {
    let requests = emulator.requests();
    let signatures = requests
        .iter()
        .filter_map(|request| request.parameter("Signature"));
    for secret in signatures.chain([SECRET, TOKEN]) {
        let once = percent_encode(secret);
        let twice = percent_encode(&once);
        for form in [secret, &once, &twice] {
            assert!(!text.contains(form), "{form} is in: {text}");
        }
    }
}
