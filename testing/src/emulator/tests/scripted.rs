//! Answers that a test scripts.

use std::thread;
use std::time::{Duration, Instant};

use super::*;

#[test]
fn queued_answers_come_first_and_in_order() {
    let emulator = start();
    emulator.answer_always(Answer::error(500, "InternalError", "Always."));
    emulator.answer_action("ListImages", Answer::error(403, "NoPermission", "Action."));
    emulator.answer_next(Answer::error(429, "Throttling.User", "Queued."));
    emulator.answer_next(Answer::normal());
    let status = |action| call(&emulator, parameters(action)).0;
    let statuses = ["ListImages", "ListRegions", "ListImages", "ListRegions"].map(status);
    emulator.answer_normally();
    assert_eq!(statuses, [429, 200, 403, 500]);
    assert_eq!(call(&emulator, parameters("ListRegions")).0, 200);
}

#[test]
fn raw_answers_are_sent_as_they_are() {
    let emulator = start();
    emulator.answer_next(Answer::redirect("http://127.0.0.1:1/").with_header("retry-after", "7"));
    emulator.answer_next(Answer::html(502, "<h1>Bad Gateway</h1>"));
    let redirect = post(&emulator, "").expect("an answer");
    let page = post(&emulator, "").expect("an answer");
    assert_eq!(redirect.status(), 302);
    assert_eq!(redirect.headers()["location"], "http://127.0.0.1:1/");
    assert_eq!(redirect.headers()["retry-after"], "7");
    assert_eq!(page.status(), 502);
    assert_eq!(page.headers()["content-type"], "text/html");
    let text = page.text().expect("text");
    assert_eq!(text, "<h1>Bad Gateway</h1>");
}

#[test]
fn long_answers_are_as_long_as_asked() {
    const LENGTH: u64 = 65 * 1024 * 1024;
    let emulator = start();
    for (announced, header) in [
        (Length::Announced, Some(LENGTH.to_string())),
        (Length::Unannounced, None),
    ] {
        emulator.answer_next(Answer::blanks(LENGTH, announced));
        let mut response = post(&emulator, "").expect("an answer");
        let announced = response.headers().get("content-length").cloned();
        let read = response.copy_to(&mut std::io::sink()).expect("all of it");
        assert_eq!(read, LENGTH);
        assert_eq!(announced.map(|v| v.to_str().unwrap().to_owned()), header);
    }
}

#[test]
fn an_answer_can_be_cut_short() {
    let emulator = start();
    emulator.answer_next(Answer::json("{\"Images\":[").with_header("content-length", "100"));
    let response = post(&emulator, "").expect("an answer");
    assert_eq!(response.headers()["content-length"], "100");
    response.text().expect_err("cut short");
}

#[test]
fn a_connection_can_be_closed_without_an_answer() {
    let emulator = start();
    emulator.answer_next(Answer::close());
    post(&emulator, "Action=ListImages").expect_err("no answer");
    assert_eq!(emulator.requests().len(), 1);
}

#[test]
fn an_answer_can_come_late() {
    let emulator = start();
    let delay = Duration::from_millis(50);
    emulator.answer_next(Answer::normal().after(delay));
    let start = Instant::now();
    let (status, _) = call(&emulator, list_images(&[]));
    assert_eq!(status, 200);
    assert!(start.elapsed() >= delay);
}

#[test]
fn hung_requests_are_answered_when_released() {
    let emulator = start();
    emulator.answer_always(Answer::hang());
    thread::scope(|scope| {
        let calls = [0, 1].map(|_| scope.spawn(|| call(&emulator, list_images(&[])).0));
        assert!(emulator.wait_for_requests(2, PATIENCE));
        emulator.release();
        let statuses = calls.map(|call| call.join().expect("no panic"));
        assert_eq!(statuses, [200, 200]);
    });
    assert_eq!(emulator.max_in_flight(), 2);
}
