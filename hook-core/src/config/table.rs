//! Reading mappings: by key, whatever its spelling, and with a note of every key that
//! nobody asked for.

use std::collections::{HashMap, HashSet};

use super::codes;
use super::meant::{self, shown};
use super::reader::Reader;
use super::source::Span;
use super::tree::{Kind, Node};

/// A mapping that is being read.
pub(crate) struct Table<'n> {
    /// What it describes: `a hook`.
    what: &'static str,
    /// Where it begins.
    pub(crate) span: Span,
    entries: Vec<Entry<'n>>,
    /// The keys that were asked for: those that have a meaning.
    asked: Vec<&'static str>,
}

/// A key and its value.
pub(crate) struct Entry<'n> {
    /// The key in camel case.
    key: String,
    /// Where the key stands.
    pub(crate) at: Span,
    /// The value; absent if it is null.
    pub(crate) value: &'n Node,
    taken: bool,
}

/// A value found under a key.
#[derive(Clone, Copy)]
pub(crate) struct Found<'n> {
    /// Where the key stands.
    pub(crate) at: Span,
    /// The value.
    pub(crate) value: &'n Node,
}

impl<'n> Table<'n> {
    /// The keys and values of a mapping; what stands under a key twice is a fault.
    pub(crate) fn new(reader: &mut Reader<'_>, node: &'n Node, what: &'static str) -> Option<Self> {
        let pairs = raw_pairs(reader, node, &format!("a mapping ({what})"))?;
        let mut entries: Vec<Entry<'n>> = Vec::new();
        let mut seen = HashMap::new();
        for (key, value) in pairs {
            let Some(name) = key_text(reader, key) else {
                continue;
            };
            if name == "<<" {
                let message = "merge keys are not part of YAML 1.2";
                reader
                    .error(key.span, codes::UNKNOWN_KEY, message)
                    .help("write the keys out, or set them for all hooks under `defaults`");
                continue;
            }
            let canonical = camel_case(name);
            if let Some(first) = seen.insert(canonical.clone(), key.span) {
                let message = format!("key {} stands here twice", shown(name));
                let line = reader.source.position(first.start).line;
                reader
                    .error(key.span, codes::DUPLICATE_KEY, message)
                    .help(format!("remove one; the first is in line {line}"));
                continue;
            }
            entries.push(Entry {
                key: canonical,
                at: key.span,
                value,
                taken: false,
            });
        }
        Some(Table {
            what,
            span: node.span,
            entries,
            asked: Vec::new(),
        })
    }

    /// The value under a key, which is written here in camel case; null counts as absent.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<&'n Node> {
        self.find(key).map(|found| found.value)
    }

    /// The value under a key and where the key stands.
    pub(crate) fn find(&mut self, key: &'static str) -> Option<Found<'n>> {
        self.asked.push(key);
        let entry = self.entries.iter_mut().find(|e| e.key == key)?;
        entry.taken = true;
        let (at, value) = (entry.at, entry.value);
        (!value.is_null()).then_some(Found { at, value })
    }

    /// The value under a key that has to be there.
    pub(crate) fn require(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
    ) -> Option<&'n Node> {
        let found = self.take(key);
        if found.is_none() {
            let message = format!("{} needs the key `{key}`", self.what);
            reader.error(self.span, codes::MISSING_KEY, message);
        }
        found
    }

    /// Takes keys that are known and not read.
    pub(crate) fn skip(&mut self, keys: &[&'static str]) {
        for key in keys {
            self.take(key);
        }
    }

    /// Where the first of some keys stands, in file order, and which it is.
    pub(crate) fn first_of(&self, keys: &[&'static str]) -> Option<(Span, &'static str)> {
        self.entries.iter().find_map(|entry| {
            let key = keys.iter().find(|key| **key == entry.key)?;
            Some((entry.at, *key))
        })
    }

    /// Notes every key that nobody asked for. `elsewhere` says more of some keys.
    pub(crate) fn finish(
        self,
        reader: &mut Reader<'_>,
        elsewhere: impl Fn(&str) -> Option<String>,
    ) {
        for entry in self.entries.iter().filter(|e| !e.taken) {
            // What nobody reads need not be guessed at.
            if reader.is_full() {
                break;
            }
            let name = reader.source.slice(entry.at).trim_matches(['"', '\'']);
            let message = format!("{} has no key {}", self.what, shown(name));
            let remedy =
                elsewhere(&entry.key).unwrap_or_else(|| meant::remedy(&entry.key, &self.asked, ""));
            reader
                .error(entry.at, codes::UNKNOWN_KEY, message)
                .help(remedy);
        }
    }
}

/// The pairs of a mapping whose keys are free, such as names of variables; duplicates are
/// faults.
pub(crate) fn free_pairs<'n>(
    reader: &mut Reader<'_>,
    node: &'n Node,
    expected: &str,
) -> Option<Vec<(&'n str, &'n Node, &'n Node)>> {
    let pairs = raw_pairs(reader, node, expected)?;
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for (key, value) in pairs {
        let Some(name) = key_text(reader, key) else {
            continue;
        };
        if !seen.insert(name) {
            let message = format!("key {} stands here twice", shown(name));
            reader
                .error(key.span, codes::DUPLICATE_KEY, message)
                .help("remove one");
            continue;
        }
        out.push((name, key, value));
    }
    Some(out)
}

fn raw_pairs<'n>(
    reader: &mut Reader<'_>,
    node: &'n Node,
    expected: &str,
) -> Option<impl Iterator<Item = (&'n Node, &'n Node)> + use<'n>> {
    match &node.kind {
        Kind::Mapping(pairs) => Some(pairs.iter().map(|(key, value)| (&**key, &**value))),
        _ => {
            reader.wrong(node, expected);
            None
        }
    }
}

fn key_text<'n>(reader: &mut Reader<'_>, key: &'n Node) -> Option<&'n str> {
    match &key.kind {
        Kind::Scalar(scalar) => Some(&scalar.text),
        _ => {
            reader.wrong(key, "a key");
            None
        }
    }
}

/// A key in camel case: protobuf's JSON reads both spellings.
fn camel_case(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    let mut chars = key.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next) if c == '_' && !out.is_empty() && next.is_ascii_alphanumeric() => {
                out.push(next.to_ascii_uppercase());
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}
