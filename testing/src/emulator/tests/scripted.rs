//! Scripted replies.

use std::time::{Duration, Instant};

use super::*;

#[test]
fn queued_replies_take_precedence_in_order() {
    let emulator = start();
    emulator.reply_always(Reply::error(500, "InternalError", "Always."));
    emulator.reply_to("ListImages", Reply::error(403, "NoPermission", "Action."));
    emulator.reply_next(Reply::error(429, "Throttling.User", "Queued."));
    emulator.reply_next(Reply::normal());
    let status = |action| call(&emulator, parameters(action)).0;
    let statuses = ["ListImages", "ListRegions", "ListImages", "ListRegions"].map(status);
    emulator.clear_script();
    assert_eq!(statuses, [429, 200, 403, 500]);
    assert_eq!(call(&emulator, parameters("ListRegions")).0, 200);
}

#[test]
fn reply_can_be_delayed() {
    let emulator = start();
    let delay = Duration::from_millis(50);
    emulator.reply_next(Reply::normal().after(delay));
    let start = Instant::now();
    let (status, _) = call(&emulator, list_images(&[]));
    assert_eq!(status, 200);
    assert!(start.elapsed() >= delay);
}
