//! Where fuzzers enter.

use super::dynamic_value::DynamicValue;
use super::node::Node;
use super::provider::Provider;

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
    let mut diagnostics = super::Diagnostics::default();
    let mut parser = super::Parser::new(&mut diagnostics);
    if let Ok(block) = parser.decode::<P::Block>(&provider.schema(), &value) {
        let _ = provider.parse(&block, &mut parser);
    }
    for data_source in provider.data_sources() {
        let _ = data_source.calls.validate(&value);
    }
    let _ = Node::of(&value).and_then(Node::decode::<super::Value<super::Number>>);
}
