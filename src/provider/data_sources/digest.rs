//! The computed `id` of data sources that return lists.

use serde::Serialize;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

/// Hashes the arguments of a data block that are set. Computed attributes must still be null.
///
/// SHA-1 is sufficient: the ID only has to differ when the arguments do.
pub fn digest(model: &impl Serialize) -> String {
    // A model has only field names as keys and no own serialization, so that JSON has a form
    // for it.
    let mut arguments = json!(model);
    if let Value::Object(arguments) = &mut arguments {
        // An argument that a later release adds must not change the ID.
        arguments.retain(|_, value| *value != Value::Null && *value != json!(false));
    }
    hex::encode(Sha1::digest(arguments.to_string()))
}
