//! Faults and the control endpoints.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use serde_json::json;

use super::*;

/// Sends `body` to a control endpoint.
fn put(emulator: &Emulator, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}{path}", emulator.url());
    json(client().put(url).body(body.to_string()).send())
}

fn faults(emulator: &Emulator) -> Value {
    json(client().get(format!("{}/_faults", emulator.url())).send()).1
}

/// Opens a connection and sends a call of `ListImages`.
fn send_call(emulator: &Emulator) -> TcpStream {
    let mut stream = TcpStream::connect(emulator.address()).expect("connected");
    stream.set_read_timeout(Some(TIMEOUT)).expect("a timeout");
    let query = signed("GET", list_images(&[]));
    write!(stream, "GET /?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    stream
}

/// Reads exactly `length` bytes.
fn read(stream: &mut TcpStream, length: usize) -> String {
    let mut text = vec![0; length];
    stream.read_exact(&mut text).expect("enough bytes");
    String::from_utf8_lossy(&text).into_owned()
}

fn response_body(emulator: &Emulator) -> reqwest::Result<String> {
    post(emulator, &signed("POST", list_images(&[])))?.text()
}

#[test]
fn faults_apply_in_order_and_to_their_action() {
    let emulator = start();
    let list = json!([
        {"fault": "throttle", "times": 2, "retry_after_ms": 1500},
        {"fault": "http", "status": 503, "action": "ListRegions"},
        {"fault": "html", "status": 504},
    ]);
    assert_eq!(put(&emulator, "/_faults", &list).0, 200);
    let throttled = post(&emulator, &signed("POST", list_images(&[]))).expect("a response");
    assert_eq!(throttled.headers()["x-acs-retry-after"], "1500");
    assert_eq!(error(json(Ok(throttled))), (400, "Throttling.User".into()));
    assert_eq!(faults(&emulator)["left"][0]["times"], 1);

    let status = |action: &str| {
        let parameters = changed(parameters(action), &[("RegionId", "cn-hangzhou")]);
        let response = post(&emulator, &signed("POST", parameters));
        response.expect("a response").status().as_u16()
    };
    let actions = ["ListImages", "ListImages", "ListRegions", "ListRegions"];
    assert_eq!(actions.map(status), [400, 504, 503, 200]);
    let expected = json!({
        "left": [],
        "calls": {
            "ListImages": {"succeeded": 0, "throttled": 2, "failed": 1},
            "ListRegions": {"succeeded": 1, "throttled": 0, "failed": 1},
        },
    });
    assert_eq!(faults(&emulator), expected);
}

#[test]
fn faults_can_be_deleted_and_invalid_ones_change_nothing() {
    let emulator = start();
    emulator.set_faults([Fault::Reset {}, Fault::Hang {}]);
    let (status, response) = put(&emulator, "/_faults", &json!([{"fault": "rest"}]));
    let error = response["error"].to_string();
    assert_eq!(status, 400);
    assert!(error.contains("unknown variant `rest`"), "{error}");
    assert_eq!(emulator.faults().len(), 2);

    let url = format!("{}/_faults", emulator.url());
    json(client().delete(url).send());
    assert_eq!(emulator.faults(), []);
    assert_eq!(call(&emulator, list_images(&[])).0, 200);
    assert_eq!(put(&emulator, "/_images/cn-hangzhou", &json!([])).0, 400);
    assert_eq!(
        json(client().get(format!("{}/_images/x", emulator.url())).send()).0,
        405
    );
    assert_eq!(emulator.requests().len(), 1);
}

#[test]
fn services_without_actions_have_no_faults() {
    let emulator = start();
    emulator.set_faults([Fault::Empty { status: 200 }]);
    let (status, _) = json(client().get(emulator.credentials_uri()).send());
    assert_eq!((status, emulator.faults().len()), (200, 1));
}

#[test]
fn reset_fault_resets_the_connection() {
    let emulator = start();
    emulator.set_faults([Fault::Reset {}]);
    let error = send_call(&emulator)
        .read(&mut [0])
        .expect_err("no response");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn body_faults_change_the_response_body() {
    let emulator = start();
    emulator.set_catalog(Catalog::default().with_images("cn-hangzhou", Vec::new()));
    let normal = response_body(&emulator).expect("a response");
    emulator.set_faults([
        Fault::Garbage {},
        Fault::Empty { status: 200 },
        Fault::Trickle { every_ms: 0 },
        Fault::Truncate {},
    ]);
    let garbage = post(&emulator, &signed("POST", list_images(&[]))).expect("a response");
    let garbage = garbage.bytes().expect("a body");
    assert!(serde_json::from_slice::<Value>(&garbage).is_err());
    assert_eq!(response_body(&emulator).expect("a response"), "");
    let trickled = response_body(&emulator).expect("a response");
    assert_eq!(trickled.len(), normal.len());
    response_body(&emulator).expect_err("truncated");
    assert_eq!(emulator.counts("ListImages").failed, 4);
}

/// Faults that last until the client or the emulator ends the connection.
fn endless_faults() -> [Fault; 4] {
    let hour = 60 * 60 * 1000;
    [
        Fault::Stall {},
        Fault::Trickle { every_ms: hour },
        Fault::Endless {},
        Fault::Hang {},
    ]
}

#[test]
fn endless_faults_end_when_the_client_disconnects() {
    let emulator = start();
    for (before, fault) in endless_faults().into_iter().enumerate() {
        let has_head = fault != Fault::Hang {};
        emulator.set_faults([fault.clone()]);
        let mut stream = send_call(&emulator);
        if has_head {
            assert_eq!(read(&mut stream, 12), "HTTP/1.1 200");
        }
        if fault == (Fault::Endless {}) {
            read(&mut stream, 8 * 1024 * 1024);
        }
        assert!(emulator.wait_for_requests(before + 1, TIMEOUT));
        drop(stream);
        let closed = |state: &State| state.connections > before && state.open_connections == 0;
        assert!(emulator.shared.wait_until(TIMEOUT, closed), "{fault:?}");
        assert_eq!(emulator.counts("ListImages").failed, before + 1);
    }
}

#[test]
fn endless_faults_end_when_the_emulator_is_dropped() {
    for fault in endless_faults() {
        let emulator = start();
        emulator.set_faults([fault.clone()]);
        let mut stream = send_call(&emulator);
        assert!(emulator.wait_for_requests(1, TIMEOUT));
        drop(emulator);
        let end = std::io::copy(&mut stream, &mut std::io::sink());
        let timed_out = |error: std::io::Error| error.kind() == ErrorKind::WouldBlock;
        assert!(!end.is_err_and(timed_out), "{fault:?}");
    }
}

#[test]
fn image_can_be_added_over_http() {
    let emulator = start();
    let custom = [("ImageType", "custom")];
    let before = image_names(&emulator, &custom);
    let image = json!({"ImageName": "made-now"});
    let (status, added) = put(&emulator, "/_images/cn-hangzhou", &image);
    assert_eq!((status, &added["ImageType"]), (200, &json!("custom")));
    put(&emulator, "/_images/cn-hangzhou", &added);
    let after = image_names(&emulator, &custom);
    assert_eq!(after, [before, vec!["made-now".to_owned()]].concat());
    assert_eq!(put(&emulator, "/_images/cn-nowhere", &image).0, 404);
}
