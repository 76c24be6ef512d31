//! How the process begins: what it says to the client that starts it, and what
//! to anyone else.

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

use crate::support::{BINARY, content, ended, folder, start_by, start_in};

async fn started(start: Start) -> PluginProcess {
    PluginProcess::start(start).await.expect("a handshake")
}

/// What a process that has to fail says, to people alone, and its folder.
async fn refusal(adapt: impl FnOnce(Start) -> Start) -> (String, TempDir) {
    let folder = folder();
    let ExitOutput {
        status,
        stdout,
        stderr,
    } = match PluginProcess::start(adapt(start_in(&folder))).await {
        Err(StartError::Silent(remains)) => remains,
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
async fn the_highest_protocol_that_both_sides_speak_is_chosen() {
    for (versions, expected) in [
        (Some("5,6"), 6),
        (Some("6,5"), 6),
        (Some("5"), 5),
        (Some("6"), 6),
        (Some("4,5,7"), 5),
        (None, 5),
    ] {
        let folder = folder();
        let start = start_in(&folder);
        let process = started(match versions {
            Some(versions) => start.protocols(versions),
            None => start.without("PLUGIN_PROTOCOL_VERSIONS"),
        })
        .await;
        assert_eq!(process.handshake().protocol, expected, "{versions:?}");
    }
}

#[tokio::test]
async fn a_client_of_other_protocols_is_told_so() {
    for versions in ["4", "7,8", "six"] {
        let (stderr, _folder) = refusal(|start| start.protocols(versions)).await;
        assert!(
            stderr.contains("protocol versions") && stderr.contains(versions),
            "{stderr}"
        );
    }
}

#[tokio::test]
async fn whoever_starts_it_by_hand_reads_what_it_is_for() {
    for cookie in [None, Some(""), Some("d602bf8f"), Some("swas")] {
        let (stderr, folder) = refusal(|start| match cookie {
            None => start.without(COOKIE_NAME),
            Some(cookie) => start.env(COOKIE_NAME, cookie),
        })
        .await;
        for told in ["Terraform provider", "required_providers", "swas-rs/swas"] {
            assert!(stderr.contains(told), "{cookie:?}: {stderr}");
        }
        assert_eq!(content(folder.path()), [""; 0], "{cookie:?}");
    }
}

#[tokio::test]
async fn the_handshake_line_has_six_fields() {
    let folder = folder();
    let process = started(start_in(&folder)).await;
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
async fn a_seventh_field_answers_a_client_that_asks_about_multiplexing() {
    let folder = folder();
    let process = started(start_in(&folder).env("PLUGIN_MULTIPLEX_GRPC", "true")).await;
    assert_eq!(process.handshake().raw.split('|').nth(6), Some("false"));
}

#[tokio::test]
async fn the_certificate_is_one_in_der_and_new_in_each_process() {
    let (one, other) = (folder(), folder());
    let (one, other) = (
        started(start_in(&one)).await,
        started(start_in(&other)).await,
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
async fn without_a_client_certificate_the_socket_is_plaintext() {
    let folder = folder();
    let process = started(start_in(&folder).plaintext()).await;
    assert!(process.handshake().raw.ends_with("|grpc|"));
    let connection = process.connect().await.expect("a connection");
    let health = connection.health("plugin").await.expect("an answer");
    assert_eq!(health, ServingStatus::Serving);
}

#[tokio::test]
async fn a_malformed_client_certificate_is_never_taken_for_none() {
    for pem in [
        "certificate",
        "  \n",
        "-----BEGIN CERTIFICATE-----\nMIIB\n",
        "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n",
    ] {
        let (stderr, _folder) = refusal(|start| start.env("PLUGIN_CLIENT_CERT", pem)).await;
        assert!(stderr.contains("PLUGIN_CLIENT_CERT"), "{pem}: {stderr}");
    }
}

#[tokio::test]
async fn only_this_user_reaches_the_socket() {
    let folder = folder();
    let process = started(start_in(&folder)).await;
    let socket = process.handshake().socket.path();
    let place = socket.parent().expect("a folder");
    assert_eq!(place.parent(), Some(folder.path()));
    assert_eq!((mode(place), mode(socket)), (0o700, 0o600));
}

#[tokio::test]
async fn the_client_chooses_the_folder_of_the_socket() {
    let (folder, chosen) = (folder(), folder());
    let process = started(start_in(&folder).env("PLUGIN_UNIX_SOCKET_DIR", chosen.path())).await;
    let socket = process.handshake().socket.path();
    assert!(socket.starts_with(chosen.path()), "{}", socket.display());
    assert_eq!(mode(socket.parent().expect("a folder")), 0o700);
}

#[tokio::test]
async fn the_client_chooses_a_group_that_reaches_the_socket() {
    let folder = folder();
    let group = nix::unistd::getgid().to_string();
    let process = started(start_in(&folder).env("PLUGIN_UNIX_SOCKET_GROUP", group)).await;
    let socket = process.handshake().socket.path();
    let modes = (mode(socket.parent().expect("a folder")), mode(socket));
    assert_eq!(modes, (0o710, 0o660));
}

#[tokio::test]
async fn an_unknown_group_is_an_error_that_names_it_and_leaves_nothing() {
    let ask = |start: Start| start.env("PLUGIN_UNIX_SOCKET_GROUP", "no-such-group");
    let (stderr, folder) = refusal(ask).await;
    assert!(stderr.contains("no-such-group"), "{stderr}");
    assert_eq!(content(folder.path()), [""; 0]);
}

#[tokio::test]
async fn a_folder_too_long_for_a_socket_is_left_for_a_shorter_one() {
    let folder = folder();
    let long = folder.path().join("x".repeat(120));
    fs::create_dir(&long).expect("a folder");
    let mut process = started(start_in(&folder).env("TMPDIR", &long)).await;
    let socket = process.handshake().socket.path().to_owned();
    let found = (socket.starts_with(&long), content(&long));
    process.connect().await.expect("a connection");
    // The folder is outside the test's own, so it has to go now.
    process.signal(Signal::SIGTERM).expect("a signal");
    ended(&mut process).await;
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
fn whoever_reads_no_further_makes_no_panic() {
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

/// The folder for temporary files stands in for whatever else may be missing.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn too_few_file_descriptors_are_told_and_leave_nothing() {
    let mut failures = 0;
    for limit in 6..20 {
        let folder = folder();
        let start = start_by(&format!("ulimit -n {limit}; exec \"$0\""), &folder);
        match PluginProcess::start(start).await {
            Ok(mut process) => {
                process.signal(Signal::SIGTERM).expect("a signal");
                ended(&mut process).await;
            }
            Err(StartError::Silent(ExitOutput {
                status: Some(status),
                stdout,
                stderr,
            })) if status.code() == Some(1) => {
                assert_eq!(stdout, "");
                assert!(stderr.contains("Too many open files"), "{limit}: {stderr}");
                failures += 1;
            }
            // Not even the program could be loaded.
            Err(_) => {}
        }
        assert_eq!(content(folder.path()), [""; 0], "{limit}");
    }
    assert!(failures > 0);
}

#[test]
fn help_tells_every_option() {
    for option in ["--help", "-help", "-h"] {
        let Output { status, stdout, .. } = run(option);
        let text = String::from_utf8_lossy(&stdout);
        for told in [
            "Usage:",
            "--debug",
            "--version",
            "--help",
            "ALIBABA_CLOUD_REGION",
        ] {
            assert!(text.contains(told), "{option}: {text}");
        }
        assert_eq!(status.code(), Some(0), "{option}");
    }
}

#[test]
fn an_unknown_option_is_named_and_refused() {
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
