//! Entry points of fuzzers and benchmarks to what is private otherwise. Not a part of the
//! API.

use std::ffi::OsString;

use aliyun::access_key::Credentials;
use aliyun::client::Operation;
use aliyun::fuzzing;
use aliyun::rpc::error::RequestError;
use aliyun::rpc::json;
use aliyun::rpc::region::RegionId;
use aliyun::rpc::request::{Form, SigningContext};
use serde::Serialize;

use crate::plugin::environment::ClientEnvironment;
use crate::plugin::logging;
use crate::swas::operations::custom_images::ListCustomImages;
use crate::swas::operations::images::{self, ListImages, Sorted};
use crate::swas::operations::plans::ListPlans;
use crate::swas::operations::regions::ListRegions;
use crate::swas::service::SWAS;
use crate::terraform::Provider;
use crate::terraform::dynamic_value::{DynamicValue, LazyMsgpack};
use crate::terraform::raw_value::RawValue;

/// Reads `data` as a response of every operation. The first two bytes choose the HTTP
/// status.
pub fn response(data: &[u8]) {
    fuzzing::response::<ListImages>(data);
    fuzzing::response::<ListCustomImages>(data);
    fuzzing::response::<ListPlans>(data);
    fuzzing::response::<ListRegions>(data);
}

/// Reads an environment of lines `NAME=value` as that of the client.
pub fn environment(data: &[u8]) {
    let variable = |name: &str| {
        let mut lines = data.split(|byte| *byte == b'\n');
        lines.find_map(|line| {
            let value = line.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
            Some(OsString::from(String::from_utf8_lossy(value).into_owned()))
        })
    };
    let cookie = ("COOKIE", "cookie");
    if let Ok(client) = ClientEnvironment::read(cookie, &[5, 6], variable) {
        assert!([5, 6].contains(&client.protocol));
        let asked = variable("PLUGIN_CLIENT_CERT").is_some_and(|value| !value.is_empty());
        assert_eq!(
            client.certificate.is_some(),
            asked,
            "plaintext is asked for"
        );
    }
    logging::level(&["LOG"], |name| variable(name)?.into_string().ok());
}

/// Has every kind of block read from the same bytes, which a first byte of 1 makes
/// JSON and any other MessagePack.
pub fn block<P: Provider>(provider: &P, data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else {
        return;
    };
    let value = match kind {
        1 => DynamicValue::of_json(bytes),
        _ => DynamicValue::of_msgpack(bytes),
    };
    let mut diagnostics = crate::terraform::Diagnostics::default();
    let mut parser = crate::terraform::Parser::new(&mut diagnostics);
    if let Ok(block) = parser.decode::<P::Model>(&provider.schema(), &value) {
        let _ = provider.parse(&block, &mut parser);
    }
    for data_source in provider.data_sources() {
        let _ = data_source.validate(&value);
    }
    let _ = RawValue::of(&value)
        .and_then(RawValue::decode::<crate::terraform::Value<crate::terraform::Number>>);
}

/// A call that can be signed again and again.
#[derive(Debug)]
pub struct Signing {
    query: ListImages,
    credentials: Credentials,
    context: SigningContext,
}

impl Signing {
    /// A call for these images or, without any, for all of a region.
    ///
    /// # Errors
    ///
    /// When the operating system gives no random numbers.
    pub fn new(image_ids: Option<Vec<String>>) -> Result<Self, RequestError> {
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
            context: SigningContext::now()?,
        })
    }

    /// Signs it.
    pub fn sign(&self) -> Form {
        let (credentials, context) = (&self.credentials, &self.context);
        let parameters = self.query.parameters();
        Form::signed(ListImages::ACTION, &SWAS, parameters, credentials, context)
    }
}

/// Reads an answer of the API; none where it is something else.
pub fn decode(text: &[u8]) -> Option<images::ListImagesResponse> {
    json::read(text).ok()
}

/// Puts its images in the order of lists.
pub fn sort(answer: images::ListImagesResponse) -> Sorted {
    ListImages::into_output(answer)
}

/// Writes a block as it goes to Terraform; none where it cannot be written.
pub fn encode(block: impl Serialize + Send + Sync + 'static) -> Option<Vec<u8>> {
    LazyMsgpack::new(block).ok()?.to_msgpack().ok()
}
