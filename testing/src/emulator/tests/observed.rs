//! What a test can see of the requests, and the emulator's end.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use super::*;

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
