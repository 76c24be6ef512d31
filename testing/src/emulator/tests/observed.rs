//! Recorded requests, and shutdown.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use super::*;

#[test]
fn wait_for_requests_returns_after_the_last_request() {
    let emulator = start();
    assert!(emulator.wait_for_requests(0, Duration::ZERO));
    assert!(!emulator.wait_for_requests(1, Duration::from_millis(1)));
    thread::scope(|scope| {
        scope.spawn(|| post(&emulator, "").expect("a response"));
        assert!(emulator.wait_for_requests(1, TIMEOUT));
    });
}

#[test]
fn dropping_the_emulator_frees_its_port() {
    let emulator = start();
    call(&emulator, list_images(&[]));
    let address = emulator.address();
    drop(emulator);
    TcpListener::bind(address).expect("the port is free");
}
