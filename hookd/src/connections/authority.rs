//! The `:authority` of callers on a Unix socket, where it means nothing.
//!
//! gRPC clients make it up from the socket's path: `tmp%2Frun%2Fs.sock` (C++, Python, Ruby,
//! PHP), or the path itself (Java). Neither is a host name, so h2 resets each stream with
//! PROTOCOL_ERROR, and has no option against that (hyperium/h2#487, #442; grpc/grpc#38142).
//! Therefore the value is made a valid one before h2 sees it: each of its bytes that may not
//! stand in a host name becomes `-`. Nothing changes its length, so frames and the state of
//! the header compression stay as they were, and nothing has to be buffered.
//!
//! Values that are compressed by Huffman codes are passed as they are. No client of gRPC
//! compresses short values but grpc-swift, which can be given an authority.

/// The first bytes of every connection by HTTP/2.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Length of a frame's head: length, type, flags, stream.
const HEAD: usize = 9;
/// Bytes of a priority in front of a header block.
const PRIORITY: usize = 5;
/// The name of the field.
const AUTHORITY: &[u8] = b":authority";
/// Its index in the static table of HPACK.
const AUTHORITY_INDEX: usize = 1;

/// Rewrites the bytes that a client sends, in whatever pieces they come.
#[derive(Debug)]
pub(super) struct AuthorityRewriter {
    part: Part,
    /// The bytes of the present frame's head so far.
    head: [u8; HEAD],
    /// Bytes of the present frame's payload that are still to come.
    left: usize,
    /// The last of these that are padding.
    padding: usize,
    field: Field,
}

/// The part of the stream to which the next byte belongs.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// The preface, at this position.
    Preface(usize),
    /// The head of a frame, at this position.
    Head(usize),
    /// The length of a header frame's padding; true if a priority follows.
    PadLength(bool),
    /// A priority, with this number of bytes to come.
    Priority(usize),
    /// A part of a header block.
    Block,
    /// Something that is passed as it is.
    Opaque,
    /// Everything else: the client speaks another protocol, or breaks this one.
    Rest,
}

/// The part of a header block to which the next byte belongs.
#[derive(Clone, Copy, Debug)]
enum Field {
    /// The first byte of a field.
    Start,
    /// A further byte of an index, which a value follows or not.
    Index { value_follows: bool },
    /// The first byte of a string's length.
    Length(Text),
    /// A further byte of a length, worth this much so far, with its next bits at `shift`.
    LongLength { text: Text, sum: usize, shift: u32 },
    /// A string, with this number of bytes to come.
    Bytes(Text, usize),
}

/// The meaning of a string.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Text {
    /// A name of which this number of bytes are those of [`AUTHORITY`]; `None` for others.
    Name(Option<usize>),
    Value,
    Authority,
}

impl Default for AuthorityRewriter {
    fn default() -> Self {
        AuthorityRewriter {
            part: Part::Preface(0),
            head: [0; HEAD],
            left: 0,
            padding: 0,
            field: Field::Start,
        }
    }
}

impl AuthorityRewriter {
    /// Rewrites the next bytes of the stream.
    pub(super) fn rewrite(&mut self, bytes: &mut [u8]) {
        let mut at = 0;
        while let Some(byte) = bytes.get_mut(at) {
            at += 1;
            match self.part {
                Part::Rest => return,
                Part::Opaque => {
                    at -= 1;
                    let passed = self.left.min(bytes.len() - at);
                    self.left -= passed;
                    at += passed;
                    self.end_part(Part::Opaque);
                }
                Part::Preface(at) => {
                    self.part = match PREFACE.get(at) == Some(byte) {
                        true if at + 1 == PREFACE.len() => Part::Head(0),
                        true => Part::Preface(at + 1),
                        false => Part::Rest,
                    }
                }
                Part::Head(at) => {
                    self.head[at] = *byte;
                    self.part = Part::Head(at + 1);
                    if at + 1 == HEAD {
                        self.begin_frame();
                    }
                }
                Part::PadLength(priority) => {
                    self.left -= 1;
                    self.padding = usize::from(*byte);
                    self.end_part(match priority {
                        true => Part::Priority(PRIORITY),
                        false => Part::Block,
                    });
                }
                Part::Priority(bytes) => {
                    self.left -= 1;
                    self.end_part(match bytes {
                        1 => Part::Block,
                        _ => Part::Priority(bytes - 1),
                    });
                }
                Part::Block => {
                    self.left -= 1;
                    let field = self.field.next(byte);
                    self.field = field.unwrap_or(Field::Start);
                    self.end_part(match field {
                        Some(_) => Part::Block,
                        None => Part::Rest,
                    });
                }
            }
        }
    }

    fn begin_frame(&mut self) {
        let [a, b, c, kind, flags, ..] = self.head;
        self.left = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        self.padding = 0;
        let (padded, priority) = (flags & 0x8 != 0, flags & 0x20 != 0);
        let part = match kind {
            // HEADERS
            1 => {
                self.field = Field::Start;
                match (padded, priority) {
                    (true, _) => Part::PadLength(priority),
                    (false, true) => Part::Priority(PRIORITY),
                    (false, false) => Part::Block,
                }
            }
            // CONTINUATION
            9 => Part::Block,
            _ => Part::Opaque,
        };
        self.end_part(part);
    }

    /// Goes on with `part`, or with the next frame if this one has no more bytes.
    fn end_part(&mut self, part: Part) {
        self.part = match part {
            Part::Rest => Part::Rest,
            _ if self.left == 0 => Part::Head(0),
            Part::Block if self.left <= self.padding => Part::Opaque,
            part => part,
        };
    }
}

impl Field {
    /// Takes the next byte of a header block, and changes it if it belongs to an authority.
    /// Returns `None` for a block that nobody can read.
    fn next(self, byte: &mut u8) -> Option<Field> {
        let first = *byte;
        Some(match self {
            Field::Start if first & 0x80 != 0 => index(first, 0x7f, false),
            Field::Start if first & 0x40 != 0 => index(first, 0x3f, true),
            Field::Start if first & 0x20 != 0 => index(first, 0x1f, false),
            Field::Start => index(first, 0x0f, true),
            Field::Index { .. } if first & 0x80 != 0 => self,
            Field::Index {
                value_follows: true,
            } => Field::Length(Text::Value),
            Field::Index {
                value_follows: false,
            } => Field::Start,
            Field::Length(text) => {
                let compressed = first & 0x80 != 0;
                let text = match text {
                    Text::Name(_) if compressed => Text::Name(None),
                    Text::Authority if compressed => Text::Value,
                    text => text,
                };
                match usize::from(first & 0x7f) {
                    0x7f => Field::LongLength {
                        text,
                        sum: 0x7f,
                        shift: 0,
                    },
                    length => text.of_length(length),
                }
            }
            Field::LongLength { text, sum, shift } => {
                let more = usize::from(first & 0x7f)
                    .checked_shl(shift)
                    .filter(|_| shift <= 21)?;
                let sum = sum + more;
                match first & 0x80 != 0 {
                    true => Field::LongLength {
                        text,
                        sum,
                        shift: shift + 7,
                    },
                    false => text.of_length(sum),
                }
            }
            Field::Bytes(text, left) => {
                let is_of_host = first.is_ascii_alphanumeric() || matches!(first, b'.' | b'-');
                let text = match text {
                    Text::Name(Some(at)) if AUTHORITY.get(at) == Some(&first) => {
                        Text::Name(Some(at + 1))
                    }
                    Text::Name(_) => Text::Name(None),
                    Text::Value => Text::Value,
                    Text::Authority => {
                        if !is_of_host {
                            *byte = b'-';
                        }
                        Text::Authority
                    }
                };
                text.of_length(left - 1)
            }
        })
    }
}

/// The part after a first byte that holds an index in its lowest bits.
fn index(first: u8, mask: u8, value_follows: bool) -> Field {
    match usize::from(first & mask) {
        all if all == usize::from(mask) => Field::Index { value_follows },
        _ if !value_follows => Field::Start,
        0 => Field::Length(Text::Name(Some(0))),
        AUTHORITY_INDEX => Field::Length(Text::Authority),
        _ => Field::Length(Text::Value),
    }
}

impl Text {
    fn of_length(self, length: usize) -> Field {
        match (length, self) {
            (0, Text::Name(Some(at))) if at == AUTHORITY.len() => Field::Length(Text::Authority),
            (0, Text::Name(_)) => Field::Length(Text::Value),
            (0, _) => Field::Start,
            _ => Field::Bytes(self, length),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = vec![length[1], length[2], length[3], kind, flags, 0, 0, 0, 1];
        frame.extend(payload);
        frame
    }

    /// A header block: a change of the table's size, `:method` from the table, `te`, the
    /// authority by its index and by its name, similar names, a compressed value, and one of
    /// 300 bytes.
    fn block(authority: &[u8]) -> Vec<u8> {
        let mut block = vec![0x3f, 0xe1, 0x1f, 0x83];
        block.extend(b"\x40\x02te\x08trail%ers");
        block.pop();
        block.extend([0x41, u8::try_from(authority.len()).unwrap()]);
        block.extend(authority);
        block.extend(b"\x40\x0a:authority\x40");
        block.pop();
        block.push(u8::try_from(authority.len()).unwrap());
        block.extend(authority);
        block.extend(b"\x00\x0b:authority%\x02%%\x00\x05:auth\x01%");
        block.extend(b"\x7f\x01\x04a%/b\x0f\x2f\x7f\xad\x01");
        block.extend([b'%'; 300]);
        block
    }

    fn stream(authority: &[u8]) -> Vec<u8> {
        let block = block(authority);
        let (left, right) = block.split_at(20);
        let mut padded = vec![3, 0, 0, 0, 0, 7];
        padded.extend(left);
        padded.extend([0; 3]);
        let data = [b'/', 0x41, b'%'].repeat(30);
        [
            PREFACE.to_vec(),
            frame(4, 0, &[]),
            frame(1, 0x4, &block),
            frame(0, 0, &data),
            frame(1, 0x28, &padded),
            frame(9, 0x4, right),
            frame(1, 0x5, &block),
        ]
        .concat()
    }

    fn rewritten(bytes: &[u8], pieces: &[usize]) -> Vec<u8> {
        let (mut bytes, mut at) = (bytes.to_vec(), 0);
        let mut rewriter = AuthorityRewriter::default();
        let mut pieces = pieces.iter().cycle();
        while at < bytes.len() {
            let end = bytes.len().min(at + pieces.next().unwrap());
            rewriter.rewrite(&mut bytes[at..end]);
            at = end;
        }
        bytes
    }

    proptest! {
        #[test]
        fn an_authority_becomes_a_host_and_nothing_else_changes(
            pieces in prop::collection::vec(1usize..40, 1..8)
        ) {
            for (sent, seen) in [
                ("tmp%2Frun%2Fs.sock", "tmp-2Frun-2Fs.sock"),
                ("/var/run/a b:c_d.sock", "-var-run-a-b-c-d.sock"),
                ("localhost", "localhost"),
            ] {
                let expected = stream(seen.as_bytes());
                prop_assert_eq!(rewritten(&stream(sent.as_bytes()), &pieces), expected);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..300), piece in 1usize..50
        ) {
            let mut sent = PREFACE.to_vec();
            sent.extend(frame(1, 0x2c, &bytes));
            sent.extend(&bytes);
            prop_assert_eq!(rewritten(&sent, &[piece]).len(), sent.len());
            let http1 = [b"POST / HTTP/1.1\r\nhost: a%b\r\n\r\n", &bytes[..]].concat();
            prop_assert_eq!(rewritten(&http1, &[piece]), http1);
        }
    }
}
