//! What is different on Windows: the provider's process there, or under Wine, talked to
//! from this machine. `testing/try-platforms` builds it and names it to these tests,
//! which are ignored where nobody does.

mod scene;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::emulator::{Emulator, Options, Reply};
use swas_testing::plugin_client::{
    ClientCertificate, Connect, PluginProcess, Protocol, Signal, Socket, StartError, values,
};
use swas_testing::running_provider::RunningProvider;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use scene::{Windows, folder_in, windows_path};

type Result<T = ()> = std::result::Result<T, Failed>;

type Test = fn(&Windows) -> Result;

/// How long to wait for what happens within seconds.
const PATIENCE: Duration = Duration::from_mins(1);

fn main() -> ExitCode {
    let windows = Windows::find();
    let tests: [(&str, Test); 13] = [
        ("it_tells_its_version", it_tells_its_version),
        (
            "it_listens_on_loopback_in_the_ports_asked_for",
            it_listens_on_loopback,
        ),
        (
            "no_free_port_is_an_error_that_names_the_range",
            no_free_port,
        ),
        ("images_are_read_in_either_protocol", images_are_read),
        ("strangers_get_no_answer", strangers_get_no_answer),
        (
            "without_tls_it_does_not_start",
            without_tls_it_does_not_start,
        ),
        (
            "the_profile_in_the_home_folder_is_found",
            the_profile_at_home,
        ),
        (
            "a_file_is_found_by_a_path_with_backslashes",
            a_file_with_backslashes,
        ),
        ("a_missing_file_is_named_as_it_was_written", a_missing_file),
        (
            "nothing_is_put_into_the_folder_for_temporary_files",
            the_temporary_folder,
        ),
        (
            "it_ends_when_its_client_says_so_or_is_gone",
            it_ends_with_its_client,
        ),
        (
            "ctrl_c_ends_nothing_from_the_first_line_on",
            ctrl_c_ends_nothing_from_the_first_line_on,
        ),
        (
            "ctrl_c_cancels_reads_and_ends_nothing",
            ctrl_c_cancels_reads_and_ends_nothing,
        ),
    ];
    let trials = tests.map(|(name, test)| match windows.clone() {
        Some(windows) => Trial::test(name, move || test(&windows)),
        None => Trial::test(name, || Err("no provider for Windows is named".into()))
            .with_ignored_flag(true),
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

/// Runs what waits for the provider.
fn wait<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(work)
}

fn port(process: &PluginProcess) -> Result<SocketAddr> {
    match process.handshake().socket {
        Socket::Tcp(address) => Ok(address),
        Socket::Unix(_) => Err("a Unix socket".into()),
    }
}

/// A provider block for an endpoint, without credentials.
fn without_keys(emulator: &Emulator) -> Value {
    json!({"region": "cn-hangzhou", "endpoints": [{"swas": emulator.url()}]})
}

fn with_keys(emulator: &Emulator) -> Value {
    let account = Options::default();
    let mut block = without_keys(emulator);
    block["access_key"] = account.access_key_id.into();
    block["secret_key"] = account.access_key_secret.into();
    block
}

/// A CLI configuration file with the endpoint's usual account.
fn profiles() -> String {
    let account = Options::default();
    json!({"current": "default", "profiles": [{
        "name": "default", "mode": "AK", "access_key_id": account.access_key_id,
        "access_key_secret": account.access_key_secret,
    }]})
    .to_string()
}

/// The IDs of the images that a provider with this block finds.
async fn ids(provider: &RunningProvider, block: &Value) -> Result<Vec<Value>> {
    assert_eq!(shown(&provider.configure(block).await?), "");
    let answer = provider.read("swas_images", &json!({})).await?;
    assert_eq!(shown(&answer.diagnostics), "");
    let state = values::decode(answer.state.as_ref().ok_or("no state")?)?;
    Ok(state["ids"].as_array().ok_or("no list")?.clone())
}

async fn started(windows: &Windows) -> Result<RunningProvider> {
    Ok(RunningProvider::start(windows.start()).await?)
}

fn it_tells_its_version(windows: &Windows) -> Result {
    let output = windows.run(&["--version"])?;
    let version = format!("terraform-provider-swas {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(output.trim_end(), version);
    Ok(())
}

fn it_listens_on_loopback(windows: &Windows) -> Result {
    wait(async {
        for (first, last) in [(10000, 25000), (31000, 31999)] {
            let start = windows.start();
            let start = start.env("PLUGIN_MIN_PORT", first.to_string());
            let start = start.env("PLUGIN_MAX_PORT", last.to_string());
            let process = PluginProcess::start(start).await?;
            let address = port(&process)?;
            assert_eq!(address.ip(), Ipv4Addr::LOCALHOST);
            assert!((first..=last).contains(&address.port()), "{address}");
            assert!(process.handshake().certificate.is_some());
        }
        Ok(())
    })
}

fn no_free_port(windows: &Windows) -> Result {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = taken.local_addr()?.port().to_string();
    let start = windows.start().env("PLUGIN_MIN_PORT", &port);
    let start = start.env("PLUGIN_MAX_PORT", &port);
    match wait(async { Ok(PluginProcess::start(start).await) })? {
        Err(StartError::Silent(remains)) => {
            let expected = format!("no port from {port} to {port} is free on 127.0.0.1");
            assert!(remains.stderr.contains(&expected), "{}", remains.stderr);
            Ok(())
        }
        other => Err(format!("not a silent end: {other:?}").into()),
    }
}

fn images_are_read(windows: &Windows) -> Result {
    let emulator = Emulator::start(Options::default())?;
    wait(async {
        for protocol in [Protocol::V5, Protocol::V6] {
            let start = windows.start().protocols(&protocol.version().to_string());
            let provider = RunningProvider::start(start).await?;
            assert!(!ids(&provider, &with_keys(&emulator)).await?.is_empty());
            provider.end().await?;
        }
        Ok(())
    })
}

fn strangers_get_no_answer(windows: &Windows) -> Result {
    wait(async {
        let process = PluginProcess::start(windows.start()).await?;
        let another = ClientCertificate::generate()?;
        for stranger in [
            Connect::new().plaintext(),
            Connect::new().without_client_certificate(),
            Connect::new().client_certificate(another),
        ] {
            let who = format!("{stranger:?}");
            if let Ok(connection) = process.connect_with(stranger).await {
                assert!(connection.health("plugin").await.is_err(), "{who}");
                assert!(connection.provider().schema().await.is_err(), "{who}");
            }
        }
        // The one that started it is served all the same.
        process.connect().await?.provider().schema().await?;
        Ok(())
    })
}

fn without_tls_it_does_not_start(windows: &Windows) -> Result {
    let without_certificate = windows.start().without("PLUGIN_CLIENT_CERT");
    let for_debugging = windows.start().argument("--debug");
    for start in [without_certificate, for_debugging] {
        match wait(async { Ok(PluginProcess::start(start).await) })? {
            Err(StartError::Silent(remains)) => {
                let told = &remains.stderr;
                assert!(told.contains("everyone on this computer"), "{told}");
            }
            other => return Err(format!("not a silent end: {other:?}").into()),
        }
    }
    Ok(())
}

fn the_profile_at_home(windows: &Windows) -> Result {
    let emulator = Emulator::start(Options::default())?;
    let file = folder_in("USERPROFILE")?.join(".aliyun/config.json");
    fs::create_dir_all(file.parent().ok_or("no folder")?)?;
    fs::write(&file, profiles())?;
    wait(async {
        let provider = started(windows).await?;
        assert!(!ids(&provider, &without_keys(&emulator)).await?.is_empty());
        Ok(())
    })
}

fn a_file_with_backslashes(windows: &Windows) -> Result {
    let emulator = Emulator::start(Options::default())?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("with blanks and ü.json");
    fs::write(&file, profiles())?;
    let mut block = without_keys(&emulator);
    block["profile"] = "default".into();
    block["shared_credentials_file"] = windows_path(&file).into();
    wait(async {
        let provider = started(windows).await?;
        assert!(!ids(&provider, &block).await?.is_empty());
        Ok(())
    })
}

fn a_missing_file(windows: &Windows) -> Result {
    let emulator = Emulator::start(Options::default())?;
    let file = r"Z:\nonexistent\config.json";
    let mut block = without_keys(&emulator);
    block["profile"] = "default".into();
    block["shared_credentials_file"] = file.into();
    wait(async {
        let provider = started(windows).await?;
        assert_eq!(shown(&provider.configure(&block).await?), "");
        let answer = provider.read("swas_images", &json!({})).await?;
        let told = shown(&answer.diagnostics);
        assert!(answer.state.is_none() && told.contains(file), "{told}");
        Ok(())
    })
}

fn the_temporary_folder(windows: &Windows) -> Result {
    let folder = folder_in("TMP")?;
    // Wine may make it when it is first needed.
    fs::create_dir_all(&folder)?;
    let content = || -> Result<BTreeSet<OsString>> {
        let names = fs::read_dir(&folder)?.map(|entry| Ok(entry?.file_name()));
        names.collect()
    };
    let before = content()?;
    let emulator = Emulator::start(Options::default())?;
    wait(async {
        let provider = started(windows).await?;
        ids(&provider, &with_keys(&emulator)).await?;
        assert_eq!(content()?, before);
        provider.end().await?;
        assert_eq!(content()?, before);
        Ok(())
    })
}

fn it_ends_with_its_client(windows: &Windows) -> Result {
    wait(async {
        started(windows).await?.end().await?;
        let RunningProvider {
            mut process,
            connection,
            client,
            ..
        } = started(windows).await?;
        drop((connection, client));
        let ended = process.wait_exit(PATIENCE).await;
        ended.ok_or("it lives on without its client")?;
        Ok(())
    })
}

fn ctrl_c_ends_nothing_from_the_first_line_on(windows: &Windows) -> Result {
    wait(async {
        let process = PluginProcess::start(windows.start()).await?;
        process.signal(Signal::SIGINT)?;
        process.connect().await?.provider().schema().await?;
        Ok(())
    })
}

fn ctrl_c_cancels_reads_and_ends_nothing(windows: &Windows) -> Result {
    let emulator = Arc::new(Emulator::start(Options::default())?);
    emulator.reply_always(Reply::hang());
    wait(async {
        let provider = started(windows).await?;
        assert_eq!(shown(&provider.configure(&with_keys(&emulator)).await?), "");
        let config = provider.data_block("swas_images", &json!({}))?;
        let client = provider.client.clone();
        let read =
            tokio::spawn(async move { client.read_data_source("swas_images", config).await });
        let asked = Arc::clone(&emulator);
        let asked = spawn_blocking(move || asked.wait_for_requests(1, PATIENCE));
        assert!(asked.await?, "no read has begun");
        provider.process.signal(Signal::SIGINT)?;
        // That it is canceled shows that Ctrl-C has come.
        let told = shown(&timeout(PATIENCE, read).await???.diagnostics);
        assert!(told.contains("canceled"), "{told}");
        emulator.clear_script();
        let answer = provider.read("swas_images", &json!({})).await?;
        assert_eq!(shown(&answer.diagnostics), "");
        Ok(())
    })
}
