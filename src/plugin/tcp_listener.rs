//! The listener on platforms without Unix sockets: a TCP socket on the loopback interface.

use std::io;
use std::net::Ipv4Addr;

use tokio::net::{TcpListener, TcpStream};

use super::environment::ClientEnvironment;
use super::handshake::Address;

/// A connection before TLS.
pub(super) type Stream = TcpStream;

/// A TCP socket that accepts connections.
#[derive(Debug)]
pub(super) struct Listener(TcpListener);

impl Listener {
    /// Every user of the computer can connect.
    #[cfg_attr(unix, allow(dead_code, reason = "Unix sockets are preferred"))]
    pub(super) const IS_PRIVATE: bool = false;

    /// Listens on the first free port of the client's range. Returns the address for the
    /// handshake line too.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub(super) fn bind(client: &ClientEnvironment) -> io::Result<(Self, Address)> {
        let (first, last) = client.ports;
        let listener = (first..=last)
            .find_map(|port| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())
            .ok_or_else(|| {
                let message = format!("no port from {first} to {last} is free on 127.0.0.1");
                io::Error::new(io::ErrorKind::AddrInUse, message)
            })?;
        listener.set_nonblocking(true)?;
        let address = Address {
            network: "tcp",
            text: listener.local_addr()?.to_string(),
        };
        Ok((Self(TcpListener::from_std(listener)?), address))
    }

    /// Waits for the next connection.
    ///
    /// # Errors
    ///
    /// If the operating system cannot accept. The listener stays usable.
    pub(super) async fn accept(&self) -> io::Result<Stream> {
        let (stream, _) = self.0.accept().await?;
        // Small responses would otherwise wait 40 ms for the client's delayed
        // acknowledgment.
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bind(first: u16, last: u16) -> io::Result<(Listener, Address)> {
        Listener::bind(&ClientEnvironment {
            ports: (first, last),
            ..ClientEnvironment::default()
        })
    }

    #[tokio::test]
    async fn tcp_listener_accepts_on_a_free_loopback_port_of_the_range() {
        let blocker = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = blocker.local_addr().unwrap().port();
        bind(taken, taken).unwrap_err();

        let listener = bind(taken, u16::MAX).or_else(|_| bind(1024, taken));
        let (listener, Address { text: address, .. }) = listener.unwrap();
        assert!(address.starts_with("127.0.0.1:"), "{address}");
        let (_, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        accepted.unwrap();
    }
}
