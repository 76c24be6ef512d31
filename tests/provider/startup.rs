//! Startup of the process: the handshake with the client, and the messages to users.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use swas_testing::plugin_client::{
    COOKIE_NAME, ExitOutput, PluginProcess, Signal, Start, StartError,
};
use tempfile::TempDir;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::support::{BINARY, file_names, start_in, start_with_shell, temp_dir, wait_for_exit};

async fn start_process(start: Start) -> PluginProcess {
    PluginProcess::start(start).await.expect("a handshake")
}

/// Expects that the start fails. Returns stderr and the temporary directory.
async fn startup_error(adapt: impl FnOnce(Start) -> Start) -> (String, TempDir) {
    let folder = temp_dir();
    let ExitOutput {
        status,
        stdout,
        stderr,
    } = match PluginProcess::start(adapt(start_in(&folder))).await {
        Err(StartError::Silent(output)) => output,
        other => panic!("not a silent end: {other:?}"),
    };
    let code = status.and_then(|status| status.code());
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
    (stderr, folder)
}

fn mode(path: &Path) -> u32 {
    let metadata = fs::metadata(path).expect("something there");
    metadata.permissions().mode() & 0o777
}

#[tokio::test]
async fn highest_common_protocol_version_is_negotiated() {
    for (versions, expected) in [
        (Some("5,6"), 6),
        (Some("6,5"), 6),
        (Some("5"), 5),
        (Some("6"), 6),
        (Some("4,5,7"), 5),
        (None, 5),
    ] {
        let folder = temp_dir();
        let start = start_in(&folder);
        let process = start_process(match versions {
            Some(versions) => start.protocols(versions),
            None => start.without("PLUGIN_PROTOCOL_VERSIONS"),
        })
        .await;
        assert_eq!(process.handshake().protocol, expected, "{versions:?}");
    }
}

#[tokio::test]
async fn unsupported_protocol_versions_are_a_startup_error() {
    for versions in ["4", "7,8", "six"] {
        let (stderr, _folder) = startup_error(|start| start.protocols(versions)).await;
        assert!(
            stderr.contains("protocol versions") && stderr.contains(versions),
            "{stderr}"
        );
    }
}

#[tokio::test]
async fn start_without_magic_cookie_explains_usage() {
    for cookie in [None, Some(""), Some("d602bf8f"), Some("swas")] {
        let (stderr, folder) = startup_error(|start| match cookie {
            None => start.without(COOKIE_NAME),
            Some(cookie) => start.env(COOKIE_NAME, cookie),
        })
        .await;
        for expected in ["Terraform provider", "required_providers", "swas-rs/swas"] {
            assert!(stderr.contains(expected), "{cookie:?}: {stderr}");
        }
        assert_eq!(file_names(folder.path()), [""; 0], "{cookie:?}");
    }
}

#[tokio::test]
async fn handshake_line_has_six_fields() {
    let folder = temp_dir();
    let process = start_process(start_in(&folder)).await;
    let handshake = process.handshake();
    let certificate = handshake.certificate.as_ref().expect("a certificate");
    let expected = format!(
        "1|6|unix|{}|grpc|{}",
        handshake.socket.path().display(),
        STANDARD_NO_PAD.encode(certificate),
    );
    assert_eq!(handshake.raw, expected);
}

#[tokio::test]
async fn handshake_line_has_multiplexing_field_when_requested() {
    let folder = temp_dir();
    let process = start_process(start_in(&folder).env("PLUGIN_MULTIPLEX_GRPC", "true")).await;
    assert_eq!(process.handshake().raw.split('|').nth(6), Some("false"));
}

#[tokio::test]
async fn server_certificate_is_der_and_unique_per_process() {
    let (one, other) = (temp_dir(), temp_dir());
    let (one, other) = (
        start_process(start_in(&one)).await,
        start_process(start_in(&other)).await,
    );
    let certificates = [one, other].map(|process| {
        let handshake = process.handshake();
        handshake.certificate.clone().expect("a certificate")
    });
    for certificate in &certificates {
        rustls::server::ParsedCertificate::try_from(certificate).expect("DER");
    }
    assert_ne!(certificates[0], certificates[1]);
}

#[tokio::test]
async fn missing_client_certificate_means_plaintext_socket() {
    let folder = temp_dir();
    let process = start_process(start_in(&folder).plaintext()).await;
    assert!(process.handshake().raw.ends_with("|grpc|"));
    let connection = process.connect().await.expect("a connection");
    let health = connection.health("plugin").await.expect("a response");
    assert_eq!(health, ServingStatus::Serving);
}

#[tokio::test]
async fn malformed_client_certificate_is_an_error_and_not_plaintext() {
    for pem in [
        "certificate",
        "  \n",
        "-----BEGIN CERTIFICATE-----\nMIIB\n",
        "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n",
    ] {
        let (stderr, _folder) = startup_error(|start| start.env("PLUGIN_CLIENT_CERT", pem)).await;
        assert!(stderr.contains("PLUGIN_CLIENT_CERT"), "{pem}: {stderr}");
    }
}

#[tokio::test]
async fn socket_permissions_restrict_access_to_owner() {
    let folder = temp_dir();
    let process = start_process(start_in(&folder)).await;
    let socket = process.handshake().socket.path();
    let place = socket.parent().expect("a folder");
    assert_eq!(place.parent(), Some(folder.path()));
    assert_eq!((mode(place), mode(socket)), (0o700, 0o600));
}

#[tokio::test]
async fn socket_directory_is_taken_from_environment() {
    let (folder, chosen) = (temp_dir(), temp_dir());
    let process =
        start_process(start_in(&folder).env("PLUGIN_UNIX_SOCKET_DIR", chosen.path())).await;
    let socket = process.handshake().socket.path();
    assert!(socket.starts_with(chosen.path()), "{}", socket.display());
    assert_eq!(mode(socket.parent().expect("a folder")), 0o700);
}

#[tokio::test]
async fn socket_group_is_taken_from_environment() {
    let folder = temp_dir();
    let group = nix::unistd::getgid().to_string();
    let process = start_process(start_in(&folder).env("PLUGIN_UNIX_SOCKET_GROUP", group)).await;
    let socket = process.handshake().socket.path();
    let modes = (mode(socket.parent().expect("a folder")), mode(socket));
    assert_eq!(modes, (0o710, 0o660));
}

#[tokio::test]
async fn unknown_socket_group_is_an_error_and_leaves_no_files() {
    let with_unknown_group = |start: Start| start.env("PLUGIN_UNIX_SOCKET_GROUP", "no-such-group");
    let (stderr, folder) = startup_error(with_unknown_group).await;
    assert!(stderr.contains("no-such-group"), "{stderr}");
    assert_eq!(file_names(folder.path()), [""; 0]);
}

#[tokio::test]
async fn socket_path_over_length_limit_uses_a_shorter_directory() {
    let folder = temp_dir();
    let long = folder.path().join("x".repeat(120));
    fs::create_dir(&long).expect("a folder");
    let mut process = start_process(start_in(&folder).env("TMPDIR", &long)).await;
    let socket = process.handshake().socket.path().to_owned();
    let found = (socket.starts_with(&long), file_names(&long));
    process.connect().await.expect("a connection");
    // The directory is outside the test's own, so the process has to remove it.
    process.signal(Signal::SIGTERM).expect("a signal");
    wait_for_exit(&mut process).await;
    let left = socket.parent().expect("a folder").exists();
    assert_eq!((found, left), ((false, vec![]), false));
}

fn run(argument: &str) -> Output {
    let mut command = Command::new(&*BINARY);
    command.arg(argument).output().expect("a process")
}

#[test]
fn version_prints_name_and_version() {
    let Output {
        status,
        stdout,
        stderr,
    } = run("--version");
    let expected = format!("terraform-provider-swas {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8_lossy(&stdout), expected);
    assert_eq!((status.code(), stderr.len()), (Some(0), 0));
}

#[cfg(target_os = "linux")]
#[test]
fn closed_or_full_stdout_does_not_panic() {
    for option in ["--help", "--version"] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut closed = Command::new(&*BINARY);
        let closed = closed.arg(option).stdout(writer).output();
        let Output { status, stderr, .. } = closed.expect("a process");
        assert_eq!((status.code(), stderr.len()), (Some(0), 0), "{option}");

        let run = |script: &str| {
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", script, &BINARY, option]);
            shell.output().expect("a process")
        };
        let Output { status, stderr, .. } = run("exec \"$0\" \"$1\" > /dev/full");
        let text = String::from_utf8_lossy(&stderr);
        assert_eq!(status.code(), Some(1), "{option}");
        assert!(text.contains("cannot print: No space left"), "{text}");
        let Output { status, .. } = run("exec \"$0\" \"$1\" > /dev/full 2> /dev/full");
        assert_eq!(status.code(), Some(1), "{option}");
    }
}

/// Exhausted file descriptors stand for any other failure during startup.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn too_few_file_descriptors_are_an_error_and_leave_no_files() {
    let mut failures = 0;
    for limit in 3..20 {
        let folder = temp_dir();
        let start = start_with_shell(&format!("ulimit -n {limit}; exec \"$0\""), &folder);
        match PluginProcess::start(start).await {
            Ok(mut process) => {
                process.signal(Signal::SIGTERM).expect("a signal");
                wait_for_exit(&mut process).await;
            }
            Err(StartError::Silent(ExitOutput { stdout, stderr, .. })) => {
                assert_eq!(stdout, "");
                // The dynamic loader may fail too.
                let expected = ["Too many open files", "error while loading"];
                let is_clear = expected.iter().any(|text| stderr.contains(text));
                assert!(is_clear, "{limit}: {stderr}");
                failures += i32::from(stderr.contains("cannot start: Too many"));
            }
            Err(error) => panic!("{limit}: {error}"),
        }
        assert_eq!(file_names(folder.path()), [""; 0], "{limit}");
    }
    assert!(failures > 0);
}

#[tokio::test]
async fn strict_umask_does_not_prevent_startup() {
    for mask in ["0177", "0777"] {
        let folder = temp_dir();
        let start = start_with_shell(&format!("umask {mask}; exec \"$0\""), &folder);
        let process = start_process(start).await;
        process.connect().await.expect("a connection");
        let socket = process.handshake().socket.path();
        let directory = socket.parent().expect("a folder");
        assert_eq!((mode(directory), mode(socket)), (0o700, 0o600), "{mask}");
        assert!(socket.starts_with(folder.path()), "{}", socket.display());
    }
}

#[test]
fn help_lists_every_option() {
    for option in ["--help", "-help", "-h"] {
        let Output { status, stdout, .. } = run(option);
        let text = String::from_utf8_lossy(&stdout);
        for expected in [
            "Usage:",
            "--debug",
            "--version",
            "--help",
            "ALIBABA_CLOUD_REGION",
        ] {
            assert!(text.contains(expected), "{option}: {text}");
        }
        assert_eq!(status.code(), Some(0), "{option}");
    }
}

#[test]
fn unknown_option_is_an_error_that_names_it() {
    for option in ["--port", "-x", "serve"] {
        let Output {
            status,
            stdout,
            stderr,
        } = run(option);
        let text = String::from_utf8_lossy(&stderr);
        assert_eq!((status.code(), stdout.len()), (Some(2), 0), "{option}");
        assert!(text.contains(option) && text.contains("Usage:"), "{text}");
    }
}
