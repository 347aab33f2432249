//! Looking for text in what hooks wrote.

use std::collections::HashMap;
use std::sync::Arc;

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use memchr::memmem::Finder;
use prost::Message as _;

use crate::limits::SEARCH_STEP;
use crate::store::{OutputSearch, Record};

/// A search for this text, byte for byte, in what a hook wrote to one of its streams.
#[must_use]
pub fn search(text: &str) -> OutputSearch {
    let finder = Finder::new(text.as_bytes()).into_owned();
    OutputSearch {
        matches: Arc::new(move |records| Reader::new(&finder).finds(records)),
        budget: SEARCH_STEP,
    }
}

/// Reads the streams of one journal, each with what of it may begin the text.
struct Reader<'text> {
    finder: &'text Finder<'static>,
    streams: HashMap<(u32, i32), Stream>,
}

#[derive(Default)]
struct Stream {
    /// Where it goes on.
    offset: u64,
    /// The last bytes before that, one less than the text has.
    last: Vec<u8>,
}

impl<'text> Reader<'text> {
    fn new(finder: &'text Finder<'static>) -> Reader<'text> {
        Reader {
            finder,
            streams: HashMap::new(),
        }
    }

    fn finds(mut self, records: &[Record]) -> bool {
        records.iter().any(|record| {
            // What cannot be read holds no text that anybody could find.
            match v1::JournalEntry::decode(record.bytes.clone()).map(|entry| entry.entry) {
                Ok(Some(Entry::HookOutput(output))) => self.found_with(&output),
                _ => false,
            }
        })
    }

    fn found_with(&mut self, output: &v1::HookOutput) -> bool {
        let stream = self
            .streams
            .entry((output.index, output.stream))
            .or_default();
        // Another try of the hook begins anew, and what was dropped is no part of the text.
        if stream.offset != output.offset {
            stream.last.clear();
        }
        stream.offset = output.offset + output.data.len() as u64;

        let data = &output.data[..];
        let held = self.finder.needle().len().saturating_sub(1);
        let begins = &data[..data.len().min(held)];
        let across = !stream.last.is_empty() && {
            stream.last.extend_from_slice(begins);
            self.finder.find(&stream.last).is_some()
        };
        if across || self.finder.find(data).is_some() {
            return true;
        }
        if stream.last.is_empty() || data.len() >= held {
            stream.last.clear();
            stream
                .last
                .extend_from_slice(&data[data.len() - data.len().min(held)..]);
        } else {
            // All of the data is in there by now.
            let over = stream.last.len().saturating_sub(held);
            stream.last.drain(..over);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;

    const OUT: v1::OutputStream = v1::OutputStream::Stdout;
    const ERR: v1::OutputStream = v1::OutputStream::Stderr;

    fn record(index: u32, stream: v1::OutputStream, offset: u64, data: &[u8]) -> Record {
        let output = v1::HookOutput {
            index,
            stream: stream.into(),
            offset,
            data: Bytes::copy_from_slice(data),
        };
        let entry = v1::JournalEntry {
            sequence: 1,
            time: None,
            entry: Some(Entry::HookOutput(output)),
        };
        Record {
            sequence: 1,
            bytes: entry.encode_to_vec().into(),
        }
    }

    fn finds(text: &str, records: &[Record]) -> bool {
        (search(text).matches)(records)
    }

    #[test]
    fn text_is_found_within_a_stream_and_across_its_pieces_alone() {
        let pieces = [
            record(0, OUT, 0, b"no space left on de"),
            record(1, OUT, 0, b"vice"),
            record(0, ERR, 0, b"vice"),
            record(0, OUT, 19, b"v"),
            record(0, OUT, 20, b"ice \xff"),
        ];
        assert!(finds("space", &pieces));
        assert!(finds("on device", &pieces));
        assert!(!finds("on device", &pieces[..4]));
        assert!(!finds("Space", &pieces));
        // What was dropped in between, and another try, part what stands beside it.
        assert!(!finds(
            "ab",
            &[record(0, OUT, 0, b"a"), record(0, OUT, 5, b"b")]
        ));
        assert!(!finds(
            "ab",
            &[record(0, OUT, 0, b"a"), record(0, OUT, 0, b"b")]
        ));
        assert!(!finds("a", &[]));
    }

    #[test]
    fn what_is_no_output_is_not_searched() {
        let entry = v1::JournalEntry {
            entry: Some(Entry::HookStarted(v1::HookStarted {
                hook: "needle".to_owned(),
                ..v1::HookStarted::default()
            })),
            ..v1::JournalEntry::default()
        };
        let encoded = |bytes: Vec<u8>| Record {
            sequence: 1,
            bytes: bytes.into(),
        };
        let records = [encoded(entry.encode_to_vec()), encoded(b"needle".to_vec())];
        assert!(!finds("needle", &records));
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            text in "[ab]{1,6}",
            stream in "[ab]{0,60}",
            cuts in proptest::collection::vec(0usize..60, 0..12),
        ) {
            let bytes = stream.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let records: Vec<Record> = cuts
                .windows(2)
                .map(|cut| record(0, OUT, cut[0] as u64, &bytes[cut[0]..cut[1]]))
                .collect();
            prop_assert_eq!(finds(&text, &records), stream.contains(&text));
        }
    }
}
