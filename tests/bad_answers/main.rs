//! Whatever goes wrong on the way to an answer, the user gets an error that says
//! what was tried, where, what came back and what to do. It is never an empty
//! list of images, and it never shows a secret.

mod api;
mod credentials;
#[path = "../support/golden.rs"]
mod golden;
mod network;
mod not_the_api;
mod scene;
