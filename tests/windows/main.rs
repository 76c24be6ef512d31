//! Behavior that is specific to Windows, tested with a process under Wine.
//! `testing/try-platforms` builds the provider and sets its path in the environment.
//! Without it, the tests are ignored.

mod wine;

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

use wine::{Windows, folder_in, windows_path};

type Result<T = ()> = std::result::Result<T, Failed>;

type Test = fn(&Windows) -> Result;

/// Timeout for events that normally happen within seconds.
const TIMEOUT: Duration = Duration::from_mins(1);

fn main() -> ExitCode {
    let windows = Windows::find();
    let tests: [(&str, Test); 13] = [
        (
            "version_option_prints_the_version",
            version_option_prints_the_version,
        ),
        (
            "listener_uses_loopback_and_the_requested_port_range",
            listener_uses_loopback_and_the_requested_port_range,
        ),
        (
            "port_range_without_free_port_is_an_error",
            port_range_without_free_port_is_an_error,
        ),
        (
            "images_are_read_in_either_protocol",
            images_are_read_in_either_protocol,
        ),
        (
            "untrusted_clients_are_rejected",
            untrusted_clients_are_rejected,
        ),
        (
            "start_without_tls_is_an_error",
            start_without_tls_is_an_error,
        ),
        (
            "profile_in_home_directory_is_found",
            profile_in_home_directory_is_found,
        ),
        (
            "credentials_file_path_with_backslashes_is_found",
            credentials_file_path_with_backslashes_is_found,
        ),
        (
            "missing_file_error_names_the_configured_path",
            missing_file_error_names_the_configured_path,
        ),
        (
            "temporary_directory_stays_unchanged",
            temporary_directory_stays_unchanged,
        ),
        (
            "shutdown_or_disconnect_ends_the_process",
            shutdown_or_disconnect_ends_the_process,
        ),
        (
            "ctrl_c_after_handshake_does_not_end_the_process",
            ctrl_c_after_handshake_does_not_end_the_process,
        ),
        (
            "ctrl_c_cancels_reads_and_keeps_the_process",
            ctrl_c_cancels_reads_and_keeps_the_process,
        ),
    ];
    let trials = tests.map(|(name, test)| match windows.clone() {
        Some(windows) => Trial::test(name, move || test(&windows)),
        None => Trial::test(name, || Err("no provider for Windows is named".into()))
            .with_ignored_flag(true),
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

/// Runs a future to completion.
fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
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

/// A provider block without credentials.
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

/// A CLI configuration file with the emulator's default account.
fn profiles() -> String {
    let account = Options::default();
    json!({"current": "default", "profiles": [{
        "name": "default", "mode": "AK", "access_key_id": account.access_key_id,
        "access_key_secret": account.access_key_secret,
    }]})
    .to_string()
}

/// Configures a provider and returns the IDs of the images that it reads.
async fn ids(provider: &RunningProvider, block: &Value) -> Result<Vec<Value>> {
    assert_eq!(shown(&provider.configure(block).await?), "");
    let response = provider.read("swas_images", &json!({})).await?;
    assert_eq!(shown(&response.diagnostics), "");
    let state = values::decode(response.state.as_ref().ok_or("no state")?)?;
    Ok(state["ids"].as_array().ok_or("no list")?.clone())
}

async fn start_provider(windows: &Windows) -> Result<RunningProvider> {
    Ok(RunningProvider::start(windows.start()).await?)
}

fn version_option_prints_the_version(windows: &Windows) -> Result {
    let output = windows.run(&["--version"])?;
    let version = format!("terraform-provider-swas {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(output.trim_end(), version);
    Ok(())
}

fn listener_uses_loopback_and_the_requested_port_range(windows: &Windows) -> Result {
    block_on(async {
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

fn port_range_without_free_port_is_an_error(windows: &Windows) -> Result {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = taken.local_addr()?.port().to_string();
    let start = windows.start().env("PLUGIN_MIN_PORT", &port);
    let start = start.env("PLUGIN_MAX_PORT", &port);
    match block_on(async { Ok(PluginProcess::start(start).await) })? {
        Err(StartError::Silent(output)) => {
            let expected = format!("no port from {port} to {port} is free on 127.0.0.1");
            assert!(output.stderr.contains(&expected), "{}", output.stderr);
            Ok(())
        }
        other => Err(format!("not a silent end: {other:?}").into()),
    }
}

fn images_are_read_in_either_protocol(windows: &Windows) -> Result {
    let emulator = Emulator::start(Options::default())?;
    block_on(async {
        for protocol in [Protocol::V5, Protocol::V6] {
            let start = windows.start().protocols(&protocol.version().to_string());
            let provider = RunningProvider::start(start).await?;
            assert!(!ids(&provider, &with_keys(&emulator)).await?.is_empty());
            provider.end().await?;
        }
        Ok(())
    })
}

fn untrusted_clients_are_rejected(windows: &Windows) -> Result {
    block_on(async {
        let process = PluginProcess::start(windows.start()).await?;
        let another = ClientCertificate::generate()?;
        for untrusted in [
            Connect::new().plaintext(),
            Connect::new().without_client_certificate(),
            Connect::new().client_certificate(another),
        ] {
            let kind = format!("{untrusted:?}");
            if let Ok(connection) = process.connect_with(untrusted).await {
                assert!(connection.health("plugin").await.is_err(), "{kind}");
                assert!(connection.provider().schema().await.is_err(), "{kind}");
            }
        }
        // The client that started the process is still served.
        process.connect().await?.provider().schema().await?;
        Ok(())
    })
}

fn start_without_tls_is_an_error(windows: &Windows) -> Result {
    let without_certificate = windows.start().without("PLUGIN_CLIENT_CERT");
    let for_debugging = windows.start().argument("--debug");
    for start in [without_certificate, for_debugging] {
        match block_on(async { Ok(PluginProcess::start(start).await) })? {
            Err(StartError::Silent(output)) => {
                let text = &output.stderr;
                assert!(text.contains("all users of this computer"), "{text}");
            }
            other => return Err(format!("not a silent end: {other:?}").into()),
        }
    }
    Ok(())
}

fn profile_in_home_directory_is_found(windows: &Windows) -> Result {
    let emulator = Emulator::start(Options::default())?;
    let file = folder_in("USERPROFILE")?.join(".aliyun/config.json");
    fs::create_dir_all(file.parent().ok_or("no folder")?)?;
    fs::write(&file, profiles())?;
    block_on(async {
        let provider = start_provider(windows).await?;
        assert!(!ids(&provider, &without_keys(&emulator)).await?.is_empty());
        Ok(())
    })
}

fn credentials_file_path_with_backslashes_is_found(windows: &Windows) -> Result {
    let emulator = Emulator::start(Options::default())?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("with blanks and ü.json");
    fs::write(&file, profiles())?;
    let mut block = without_keys(&emulator);
    block["profile"] = "default".into();
    block["shared_credentials_file"] = windows_path(&file).into();
    block_on(async {
        let provider = start_provider(windows).await?;
        assert!(!ids(&provider, &block).await?.is_empty());
        Ok(())
    })
}

fn missing_file_error_names_the_configured_path(windows: &Windows) -> Result {
    let emulator = Emulator::start(Options::default())?;
    let file = r"Z:\nonexistent\config.json";
    let mut block = without_keys(&emulator);
    block["profile"] = "default".into();
    block["shared_credentials_file"] = file.into();
    block_on(async {
        let provider = start_provider(windows).await?;
        assert_eq!(shown(&provider.configure(&block).await?), "");
        let response = provider.read("swas_images", &json!({})).await?;
        let text = shown(&response.diagnostics);
        assert!(response.state.is_none() && text.contains(file), "{text}");
        Ok(())
    })
}

fn temporary_directory_stays_unchanged(windows: &Windows) -> Result {
    let folder = folder_in("TMP")?;
    // Wine may create the folder on first use.
    fs::create_dir_all(&folder)?;
    let content = || -> Result<BTreeSet<OsString>> {
        let names = fs::read_dir(&folder)?.map(|entry| Ok(entry?.file_name()));
        names.collect()
    };
    let before = content()?;
    let emulator = Emulator::start(Options::default())?;
    block_on(async {
        let provider = start_provider(windows).await?;
        ids(&provider, &with_keys(&emulator)).await?;
        assert_eq!(content()?, before);
        provider.end().await?;
        assert_eq!(content()?, before);
        Ok(())
    })
}

fn shutdown_or_disconnect_ends_the_process(windows: &Windows) -> Result {
    block_on(async {
        start_provider(windows).await?.end().await?;
        let RunningProvider {
            mut process,
            connection,
            client,
            ..
        } = start_provider(windows).await?;
        drop((connection, client));
        let ended = process.wait_exit(TIMEOUT).await;
        ended.ok_or("it lives on without its client")?;
        Ok(())
    })
}

fn ctrl_c_after_handshake_does_not_end_the_process(windows: &Windows) -> Result {
    block_on(async {
        let process = PluginProcess::start(windows.start()).await?;
        process.signal(Signal::SIGINT)?;
        process.connect().await?.provider().schema().await?;
        Ok(())
    })
}

fn ctrl_c_cancels_reads_and_keeps_the_process(windows: &Windows) -> Result {
    let emulator = Arc::new(Emulator::start(Options::default())?);
    emulator.reply_always(Reply::hang());
    block_on(async {
        let provider = start_provider(windows).await?;
        assert_eq!(shown(&provider.configure(&with_keys(&emulator)).await?), "");
        let config = provider.data_block("swas_images", &json!({}))?;
        let client = provider.client.clone();
        let read =
            tokio::spawn(async move { client.read_data_source("swas_images", config).await });
        let requested = Arc::clone(&emulator);
        let requested = spawn_blocking(move || requested.wait_for_requests(1, TIMEOUT));
        assert!(requested.await?, "no read has begun");
        provider.process.signal(Signal::SIGINT)?;
        // The cancellation proves that Ctrl-C has arrived.
        let text = shown(&timeout(TIMEOUT, read).await???.diagnostics);
        assert!(text.contains("canceled"), "{text}");
        emulator.clear_script();
        let response = provider.read("swas_images", &json!({})).await?;
        assert_eq!(shown(&response.diagnostics), "");
        Ok(())
    })
}
