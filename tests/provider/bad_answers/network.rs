//! Endpoints that cannot be reached.

use std::net::{Ipv4Addr, SocketAddr};

use serde_json::json;
use swas_testing::network::TlsFront;
use swas_testing::running_provider::Result;
use tokio::net::TcpSocket;

use super::machine;
use crate::golden::Golden;

#[tokio::test]
async fn an_endpoint_that_cannot_be_reached_is_named_with_the_reason() -> Result<()> {
    // Bound and not listening: nobody else gets the port, and nobody answers.
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let refused = socket.local_addr()?.to_string();
    // Resolvers refuse such a name by themselves and ask no network.
    let unknown =
        "http://no-name-on-any-network-has-a-part-of-more-than-sixty-three-letters.invalid";
    let mut golden = Golden::default();
    for case in [
        "connection refused",
        "unknown host",
        "no TLS",
        "untrusted certificate",
    ] {
        let machine = machine()?;
        let address = machine.emulator.address();
        let endpoint = match case {
            "connection refused" => refused.clone(),
            "unknown host" => unknown.to_owned(),
            "no TLS" => address.to_string(),
            _ => TlsFront::start("127.0.0.1", address)?.address.to_string(),
        };
        let machine = machine.set("endpoints", json!([{"swas": endpoint}]));
        golden.add(case, &machine.told().await?);
        assert_eq!(machine.emulator.requests(), [], "{case}");
    }
    golden.assert("unreachable_endpoints");
    Ok(())
}
