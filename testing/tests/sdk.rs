//! The emulator with Alibaba Cloud's own SDKs for Python: it accepts their requests, and they
//! compute the test vectors. Without the SDKs, the tests are reported as ignored.

use std::env;
use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};
use swas_testing::emulator::{Emulator, Options, Request};

/// The variable that names the Python interpreter with the SDKs. Without them, it is an
/// error.
const PYTHON_VARIABLE: &str = "SWAS_TEST_SDK_PYTHON";

const MODULES: &str = "import alibabacloud_swas_open20200601, aliyunsdkcore";

const TOKEN: &str = "CAIS+/token==";

type Test = fn(&Path) -> Result<(), Box<dyn Error>>;

const TESTS: [(&str, Test); 4] = [
    ("sdk_call_with_signature_v3_is_accepted", |python| {
        accepts(python, "v3", Request::is_v3)
    }),
    ("sdk_call_with_rpc_signature_is_accepted", |python| {
        accepts(python, "rpc", |request| !request.is_v3())
    }),
    (
        "sdk_call_with_wrong_secret_is_rejected",
        rejects_wrong_secret,
    ),
    ("v3_vectors_are_what_the_sdk_computes", vectors_match),
];

fn main() -> ExitCode {
    let required = env::var_os(PYTHON_VARIABLE).filter(|path| !path.is_empty());
    let is_required = required.is_some();
    let python = PathBuf::from(required.unwrap_or_else(|| "python3".into()));
    let imported = Command::new(&python)
        .args(["-c", MODULES])
        .stderr(Stdio::null())
        .status();
    let is_missing = !imported.is_ok_and(|status| status.success());
    let trial = |(name, test): (&str, Test)| {
        let python = python.clone();
        let run = move || test(&python).map_err(|error| Failed::from(error.to_string()));
        Trial::test(name, run).with_ignored_flag(is_missing && !is_required)
    };
    let trials = TESTS.into_iter().map(trial).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The output of a script in `testing/sdk`.
fn run(
    python: &Path,
    script: &str,
    arguments: &[&str],
    input: &str,
) -> Result<String, Box<dyn Error>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("sdk")
        .join(script);
    let mut process = Command::new(python)
        .arg(script)
        .args(arguments)
        // The SDKs would send requests to the emulator through a proxy.
        .envs(["HTTP_PROXY", "http_proxy"].map(|name| (name, "")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = process.stdin.take().ok_or("no standard input")?;
    stdin.write_all(input.as_bytes())?;
    drop(stdin);
    let output = process.wait_with_output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
}

/// Lists images with a permanent and a temporary key, and with those of a role that each
/// assumes.
fn accepts(
    python: &Path,
    signature: &str,
    is_signed_so: fn(&Request) -> bool,
) -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::start(Options::default())?;
    emulator.add_key("STS.static", "st5ecret/+=", Some(TOKEN));
    let address = emulator.address().to_string();
    let Options {
        access_key_id,
        access_key_secret,
        catalog,
        ..
    } = Options::default();
    let images = catalog.images("cn-hangzhou").iter();
    let images = images.filter(|image| image.image_type == "system");
    let mut ids: Vec<_> = images.map(|image| image.id.clone()).collect();
    ids.sort_unstable();
    for (key, secret, token) in [
        (access_key_id.as_str(), access_key_secret.as_str(), None),
        ("STS.static", "st5ecret/+=", Some(TOKEN)),
    ] {
        let mut arguments = vec![signature, &address, key];
        arguments.extend(token);
        let output = run(python, "calls.py", &arguments, secret)?;
        let lists: [Vec<String>; 2] = serde_json::from_str(&output)?;
        for mut list in lists {
            list.sort_unstable();
            assert_eq!(list, ids, "{key}");
        }
    }
    let requests = emulator.requests();
    assert_eq!(requests.len(), 6);
    assert!(requests.iter().all(is_signed_so), "{requests:?}");
    Ok(())
}

fn rejects_wrong_secret(python: &Path) -> Result<(), Box<dyn Error>> {
    for signature in ["v3", "rpc"] {
        let emulator = Emulator::start(Options::default())?;
        let address = emulator.address().to_string();
        let arguments = [signature, &address, &Options::default().access_key_id];
        let error = run(python, "calls.py", &arguments, "another").err();
        let error = error.ok_or("no error")?.to_string();
        assert!(error.contains("SignatureDoesNotMatch"), "{error}");
    }
    Ok(())
}

fn vectors_match(python: &Path) -> Result<(), Box<dyn Error>> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/signature-v3-vectors.json");
    assert_eq!(
        run(python, "v3_vectors.py", &[], "")?,
        fs::read_to_string(file)?
    );
    Ok(())
}
