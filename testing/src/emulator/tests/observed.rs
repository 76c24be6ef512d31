//! What a test can see of the requests, and the emulator's end.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use super::*;

#[test]
fn every_request_is_remembered_as_it_came() {
    let emulator = start();
    emulator.answer_next(Answer::error(500, "InternalError", "Sorry."));
    let body = "Action=ListImages&ImageIds=%5B%22a+b%22%5D";
    error(json(post(&emulator, body)));
    let request = &emulator.requests()[0];
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("POST", "/")
    );
    assert_eq!(request.body, body);
    assert_eq!(request.action(), "ListImages");
    assert_eq!(request.parameter("ImageIds"), Some(r#"["a b"]"#));
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
}

#[test]
fn connections_are_counted() {
    let emulator = start();
    let (one, another) = (agent(), agent());
    for agent in [&one, &one, &another] {
        let response = agent.post(emulator.url()).send();
        json(response);
    }
    assert_eq!(emulator.connections(), 2);
    assert_eq!(emulator.requests().len(), 3);
}

#[test]
fn waiting_ends_when_the_requests_are_there() {
    let emulator = start();
    assert!(emulator.wait_for_requests(0, Duration::ZERO));
    assert!(!emulator.wait_for_requests(1, Duration::from_millis(1)));
    thread::scope(|scope| {
        scope.spawn(|| post(&emulator, "").expect("an answer"));
        assert!(emulator.wait_for_requests(1, PATIENCE));
    });
}

#[test]
fn a_dropped_emulator_frees_its_port() {
    let emulator = start();
    call(&emulator, list_images(&[]));
    let address = emulator.address();
    drop(emulator);
    TcpListener::bind(address).expect("the port is free");
}
