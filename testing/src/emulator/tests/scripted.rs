//! Answers that a test scripts.

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
fn an_answer_can_come_late() {
    let emulator = start();
    let delay = Duration::from_millis(50);
    emulator.answer_next(Answer::normal().after(delay));
    let start = Instant::now();
    let (status, _) = call(&emulator, list_images(&[]));
    assert_eq!(status, 200);
    assert!(start.elapsed() >= delay);
}
