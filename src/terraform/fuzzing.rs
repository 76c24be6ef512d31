//! Where fuzzers enter.

use super::encoding::decode;
use super::proto::tfplugin::DynamicValue;
use super::provider::Provider;

/// Has every kind of block read from the same bytes, which a first byte of 1 makes
/// JSON and any other MessagePack.
pub fn block<P: Provider>(provider: &P, data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else {
        return;
    };
    let mut value = DynamicValue::default();
    match kind {
        1 => value.json = bytes.to_vec(),
        _ => value.msgpack = bytes.to_vec(),
    }
    let mut diagnostics = super::Diagnostics::default();
    let mut parser = super::Parser::new(&mut diagnostics);
    if let Ok(block) = parser.decode::<P::Block>(&provider.schema(), &value) {
        let _ = provider.parse(&block, &mut parser);
    }
    for data_source in provider.data_sources() {
        let _ = data_source.calls.validate(&value);
    }
    let _ = decode::<super::Value<super::Number>>(&value);
}
