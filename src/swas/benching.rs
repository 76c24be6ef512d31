//! Where benchmarks enter.

use super::access_key::Credentials;
use super::call::Operation;
use super::error::Failure;
use super::images::{Answer, ListImages, Sorted};
use super::json;
use super::region::RegionId;
use super::request::{Attempt, Form};
use super::service::SWAS;

/// A call that can be signed again and again.
#[derive(Debug)]
pub struct Signing {
    query: ListImages,
    credentials: Credentials,
    attempt: Attempt,
}

impl Signing {
    /// A call for these images or, without any, for all of a region.
    ///
    /// # Errors
    ///
    /// When the operating system gives no random numbers.
    pub fn new(image_ids: Option<Vec<String>>) -> Result<Self, Failure> {
        Ok(Self {
            query: ListImages {
                region: RegionId::any(),
                image_type: None,
                image_ids,
            },
            credentials: Credentials {
                access_key_id: "LTAItestid".to_owned(),
                access_key_secret: "testsecret".into(),
                security_token: None,
                expiration: None,
            },
            attempt: Attempt::now()?,
        })
    }

    /// Signs it.
    pub fn sign(&self) -> Form {
        let (credentials, attempt) = (&self.credentials, &self.attempt);
        let parameters = self.query.parameters();
        Form::signed(ListImages::ACTION, &SWAS, parameters, credentials, attempt)
    }
}

/// Reads an answer of the API; none where it is something else.
pub fn decode(text: &[u8]) -> Option<Answer> {
    json::read(text).ok()
}

/// Puts its images in the order of lists.
pub fn sort(answer: Answer) -> Sorted {
    ListImages::output(answer)
}
