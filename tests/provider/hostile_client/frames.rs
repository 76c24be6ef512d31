//! Raw HTTP/2 frames over a connection without TLS, for floods and invalid frames.

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_HEADERS: u8 = 4;

/// Time limit of a write, after which the server is considered to have stopped reading.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Frames per write.
const BATCH_SIZE: usize = 100;

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame");
    let mut frame = length.to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// The headers of a call of `path`, in HPACK without Huffman coding and dynamic table.
fn call_of(path: &str) -> Vec<u8> {
    // Indexes of the static table: `:method: POST` and `:scheme: http`.
    let mut block = vec![0x83, 0x86];
    let mut put = |name: &str, value: &str| {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).expect("a short text"));
            block.extend(text.as_bytes());
        }
    };
    put(":path", path);
    put(":authority", "localhost");
    put("content-type", "application/grpc");
    put("te", "trailers");
    block
}

/// Opens a stream that stays open and idle.
pub fn open(stream: u32) -> Vec<u8> {
    let headers = call_of("/plugin.GRPCBroker/StartStream");
    frame(HEADERS, END_HEADERS, stream, &headers)
}

pub fn reset(stream: u32) -> Vec<u8> {
    const CANCEL: [u8; 4] = 8_u32.to_be_bytes();
    frame(RST_STREAM, 0, stream, &CANCEL)
}

pub fn settings() -> Vec<u8> {
    const INITIAL_WINDOW_SIZE: [u8; 6] = [0, 4, 0, 0, 0xff, 0xff];
    frame(SETTINGS, 0, 0, &INITIAL_WINDOW_SIZE)
}

pub fn ping(number: u32) -> Vec<u8> {
    frame(PING, 0, 0, &u64::from(number).to_be_bytes())
}

pub fn window_update() -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, 0, &1_u32.to_be_bytes())
}

/// The start of a header block without an end.
pub fn endless_headers(stream: u32) -> Vec<u8> {
    frame(HEADERS, 0, stream, &call_of("/"))
}

pub fn more_headers(stream: u32, number: u32) -> Vec<u8> {
    let mut block = vec![0, 8];
    block.extend(format!("{number:08x}").into_bytes());
    block.push(100);
    block.extend([b'x'; 100]);
    frame(CONTINUATION, 0, stream, &block)
}

/// A data frame over the size limit.
pub fn oversized(stream: u32) -> Vec<u8> {
    frame(DATA, 0, stream, &vec![0; 1024 * 1024])
}

/// The start of a message with `length` announced bytes.
pub fn message(stream: u32, length: u32) -> Vec<u8> {
    let mut head = vec![0];
    head.extend(length.to_be_bytes());
    frame(DATA, 0, stream, &head)
}

/// A connection after the HTTP/2 preface.
pub struct RawConnection(UnixStream);

impl RawConnection {
    pub async fn connect(socket: &Path) -> io::Result<Self> {
        let mut stream = UnixStream::connect(socket).await?;
        stream
            .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            .await?;
        stream.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
        Ok(Self(stream))
    }

    /// Sends frames until all are sent or the server stops reading. Received bytes are
    /// discarded. Returns the number of frames sent.
    pub async fn flood(&mut self, mut frames: impl Iterator<Item = Vec<u8>>) -> usize {
        let mut sent = 0;
        let mut received = vec![0; 64 * 1024];
        loop {
            let batch: Vec<_> = frames.by_ref().take(BATCH_SIZE).collect();
            let (mut reader, mut writer) = self.0.split();
            let bytes = batch.concat();
            let write = timeout(TIMEOUT, writer.write_all(&bytes));
            tokio::pin!(write);
            let written = loop {
                tokio::select! {
                    written = &mut write => break written,
                    read = reader.read(&mut received) => match read {
                        Ok(0) | Err(_) => return sent,
                        Ok(_) => {}
                    },
                }
            };
            match written {
                Ok(Ok(())) if batch.is_empty() => return sent,
                Ok(Ok(())) => sent += batch.len(),
                Ok(Err(_)) | Err(_) => return sent,
            }
        }
    }
}
