//! The listener: a Unix socket in a directory that only this user can enter or, on
//! platforms without Unix sockets, a TCP socket on the loopback interface.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::{fmt, io};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::environment::ClientEnvironment;

/// A connection before TLS.
pub(super) trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

/// The address of a listener. Displays as in the handshake line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// The path of a Unix socket.
    #[cfg_attr(not(unix), allow(dead_code, reason = "there are no Unix sockets"))]
    Unix(PathBuf),
    /// A loopback address and port.
    Tcp(SocketAddr),
}

impl Address {
    /// The name of the network in Go's `net` package.
    pub(super) fn network(&self) -> &'static str {
        match self {
            Self::Unix(_) => "unix",
            Self::Tcp(_) => "tcp",
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "{}", path.display()),
            Self::Tcp(address) => write!(f, "{address}"),
        }
    }
}

/// A socket that accepts connections. Dropping it removes its files.
#[derive(Debug)]
pub(super) enum Listener {
    /// A Unix socket and its directory.
    #[cfg(unix)]
    Unix(UnixListener, super::socket::SocketDir),
    /// A loopback TCP socket.
    Tcp(TcpListener),
}

impl Listener {
    /// `true` if the operating system admits only this user and the client's
    /// `PLUGIN_UNIX_SOCKET_GROUP`, so that plaintext is safe.
    pub(super) const IS_PRIVATE: bool = cfg!(unix);

    /// Opens a Unix socket or, on platforms without them, a TCP socket.
    ///
    /// # Errors
    ///
    /// If the client's directory, group or ports cannot be used.
    pub(super) fn bind(client: &ClientEnvironment) -> io::Result<Self> {
        #[cfg(unix)]
        {
            let (listener, directory) = super::socket::bind(
                client.socket_directory.as_deref(),
                client.socket_group.as_deref(),
            )?;
            Ok(Self::Unix(listener, directory))
        }
        #[cfg(not(unix))]
        bind_tcp(client.ports.clone())
    }

    /// The address for the handshake line.
    ///
    /// # Errors
    ///
    /// If the operating system does not return the address.
    pub(super) fn address(&self) -> io::Result<Address> {
        match self {
            #[cfg(unix)]
            Self::Unix(_, directory) => Ok(Address::Unix(directory.socket_path())),
            Self::Tcp(listener) => listener.local_addr().map(Address::Tcp),
        }
    }

    /// Waits for the next connection.
    ///
    /// # Errors
    ///
    /// If the operating system cannot accept. The listener stays usable.
    pub(super) async fn accept(&self) -> io::Result<Box<dyn Transport>> {
        match self {
            #[cfg(unix)]
            Self::Unix(listener, _) => {
                let (stream, _) = listener.accept().await?;
                Ok(Box::new(stream))
            }
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                // Small responses would otherwise wait 40 ms for the client's delayed
                // acknowledgment.
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

/// Listens on the first free loopback port of the range.
#[cfg_attr(unix, allow(dead_code, reason = "Unix sockets are preferred"))]
fn bind_tcp(ports: RangeInclusive<u16>) -> io::Result<Listener> {
    let all_in_use = || {
        io::Error::new(
            io::ErrorKind::AddrInUse,
            format!(
                "no port from {} to {} is free on 127.0.0.1",
                ports.start(),
                ports.end()
            ),
        )
    };
    let listener = ports
        .clone()
        .find_map(|port| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())
        .ok_or_else(all_in_use)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener).map(Listener::Tcp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tcp_listener_accepts_on_a_free_loopback_port_of_the_range() {
        let blocker = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = blocker.local_addr().unwrap().port();
        assert!(bind_tcp(taken..=taken).is_err());

        let listener = bind_tcp(taken..=u16::MAX).or_else(|_| bind_tcp(1024..=taken));
        let listener = listener.unwrap();
        let Address::Tcp(address) = listener.address().unwrap() else {
            panic!("not TCP");
        };
        assert_eq!(address.ip(), Ipv4Addr::LOCALHOST);
        let (_, accepted) =
            tokio::join!(tokio::net::TcpStream::connect(address), listener.accept());
        accepted.unwrap();
    }
}
