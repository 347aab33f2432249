//! A client of HTTP/2 that keeps no rules: it opens calls without end, and reads only if asked.

use std::io::{self, Read, Write};

const HEADERS: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// A connection by HTTP/2 without TLS. The server may send it 2 GiB, so that no window stops
/// what it does not read.
pub struct RawClient<S> {
    stream: S,
    next: u32,
}

/// A frame of the server.
#[derive(Debug)]
pub struct RawFrame {
    /// The type: 0 for data, 1 for headers, 3 for a reset, 7 for the end of the connection.
    pub kind: u8,
    /// The stream, 0 for the connection itself.
    pub stream: u32,
    /// The content.
    pub payload: Vec<u8>,
}

impl<S: Read + Write> RawClient<S> {
    /// Begins a connection.
    ///
    /// # Errors
    /// Fails if the server takes no bytes.
    pub fn begin(mut stream: S) -> io::Result<RawClient<S>> {
        let window = 0x7fff_ffff_u32;
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")?;
        let settings = [&[0, 4][..], &window.to_be_bytes()].concat();
        let more = (window - 65_535).to_be_bytes();
        let frames = [frame(4, 0, 0, &settings), frame(8, 0, 0, &more)];
        stream.write_all(&frames.concat())?;
        Ok(RawClient { stream, next: 1 })
    }

    /// Calls a method with an encoded message; returns the stream of the answer.
    ///
    /// # Errors
    /// Fails if the server takes no bytes.
    pub fn call(&mut self, method: &str, authority: &str, message: &[u8]) -> io::Result<u32> {
        let stream = self.open(method, authority)?;
        let length = u32::try_from(message.len()).map_err(io::Error::other)?;
        let message = [&[0], &length.to_be_bytes()[..], message].concat();
        let data = frame(0, END_STREAM, stream, &message);
        self.stream.write_all(&data)?;
        Ok(stream)
    }

    /// Opens a call of a method, such as `hookd.v1.HookService/GetRun`, without its message.
    ///
    /// # Errors
    /// Fails if the server takes no bytes.
    pub fn open(&mut self, method: &str, authority: &str) -> io::Result<u32> {
        let (stream, path) = (self.next, format!("/{method}"));
        self.next += 2;
        // `:method: POST` and `:scheme: http`, then literals that no table keeps.
        let mut block = vec![0x83, 0x86, 0x04];
        text(&mut block, &path);
        block.push(0x01);
        text(&mut block, authority);
        block.extend([0x0f, 0x10]);
        text(&mut block, "application/grpc");
        block.push(0x00);
        text(&mut block, "te");
        text(&mut block, "trailers");
        let headers = frame(HEADERS, END_HEADERS, stream, &block);
        self.stream.write_all(&headers)?;
        Ok(stream)
    }

    /// Reads the next frame.
    ///
    /// # Errors
    /// Fails at the end of the connection.
    pub fn read(&mut self) -> io::Result<RawFrame> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head)?;
        let [a, b, c, kind, _, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        self.stream.read_exact(&mut payload)?;
        let stream = u32::from_be_bytes(stream);
        Ok(RawFrame {
            kind,
            stream,
            payload,
        })
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len())
        .unwrap_or(u32::MAX)
        .to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Appends a short text, without compression.
fn text(block: &mut Vec<u8>, text: &str) {
    block.push(u8::try_from(text.len()).unwrap_or(0x7e));
    block.extend(text.as_bytes());
}
