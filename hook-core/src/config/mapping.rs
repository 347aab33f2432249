//! Reading mappings: keys are found in either spelling, and every unknown key is reported.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::codes;
use super::meant::{self, shown};
use super::report::Report;
use super::source::Span;
use super::tree::{Node, NodeKind};
use super::value::Value;

/// A mapping that is being read.
pub struct Mapping<'c> {
    pub(crate) report: &'c Report<'c>,
    /// The first key, or the brace before it.
    pub(crate) span: Span,
    /// The subject of messages: `a hook`.
    what: &'static str,
    entries: Vec<Entry<'c>>,
    /// The keys that `read` has asked for.
    known: Vec<&'static str>,
    /// Returns the remedy for a key that often stands here by mistake.
    hint: fn(&str) -> Option<&'static str>,
}

struct Entry<'c> {
    /// The key in camel case.
    key: String,
    /// Null counts as absent.
    value: Value<'c>,
    taken: bool,
}

impl<'c> Value<'c> {
    /// Reads a mapping; `what` is the subject of messages, such as `a hook`. Reports
    /// every key that `read` did not ask for.
    pub fn mapping<T>(
        &self,
        what: &'static str,
        read: impl FnOnce(&mut Mapping<'c>) -> T,
    ) -> Option<T> {
        let mut mapping = Mapping {
            report: self.report,
            span: self.node.span,
            what,
            entries: Vec::new(),
            known: Vec::new(),
            hint: |_| None,
        };
        let mut seen = HashMap::new();
        for (name, value) in self.pairs(&format!("a mapping ({what})"))? {
            if name == "<<" {
                self.report
                    .error(
                        value.key,
                        codes::UNKNOWN_KEY,
                        "merge keys are not part of YAML 1.2",
                    )
                    .help("write the keys out, or set them for all hooks under `defaults`");
                continue;
            }
            let key = camel_case(name);
            if let Some(first) = seen.insert(key.clone(), value.key) {
                let line = self.report.source.position(first.start).line;
                self.duplicate(name, value.key)
                    .help(format!("remove one; the first is in line {line}"));
                continue;
            }
            mapping.entries.push(Entry {
                key,
                value,
                taken: false,
            });
        }
        let result = read(&mut mapping);
        mapping.report_unknown_keys();
        Some(result)
    }

    /// Reads a mapping with arbitrary keys, such as names of variables, and reports duplicates.
    pub(crate) fn free_mapping(&self, expected: &str) -> Option<Vec<(&'c str, Value<'c>)>> {
        let mut seen = HashSet::new();
        let mut pairs = self.pairs(expected)?;
        pairs.retain(|(name, value)| {
            let is_new = seen.insert(*name);
            if !is_new {
                self.duplicate(name, value.key).help("remove one");
            }
            is_new
        });
        Some(pairs)
    }

    fn duplicate(&self, name: &str, key: Span) -> &Report<'c> {
        let message = format!("key {} stands here twice", shown(name));
        self.report.error(key, codes::DUPLICATE_KEY, message)
    }

    /// Returns the keys and values of a mapping in file order.
    fn pairs(&self, expected: &str) -> Option<Vec<(&'c str, Value<'c>)>> {
        let NodeKind::Mapping(pairs) = &self.node.kind else {
            self.wrong_type(expected);
            return None;
        };
        let named = |key: &'c Node| {
            let key = Value::new(key, self.report);
            if key.scalar().is_none() {
                key.wrong_type("a key");
            }
            key.scalar()
        };
        let pairs = pairs.iter().filter_map(|(key, node)| {
            let value = Value {
                node,
                key: key.span,
                report: self.report,
            };
            Some((named(key)?.text.as_str(), value))
        });
        Some(pairs.collect())
    }
}

impl<'c> Mapping<'c> {
    /// Sets the remedies for keys that often stand here by mistake.
    pub(crate) fn set_hint(&mut self, hint: fn(&str) -> Option<&'static str>) {
        self.hint = hint;
    }

    /// Returns the value under a key, which is given in camel case; null counts as absent.
    pub fn get(&mut self, key: &'static str) -> Option<Value<'c>> {
        self.known.push(key);
        let entry = self.entries.iter_mut().find(|e| e.key == key)?;
        entry.taken = true;
        Some(entry.value).filter(|value| !value.node.is_null())
    }

    /// Returns the value under a key, and reports if there is none.
    pub(crate) fn require(&mut self, key: &'static str) -> Option<Value<'c>> {
        let found = self.get(key);
        if found.is_none() {
            let message = format!("{} needs the key `{key}`", self.what);
            self.report.error(self.span, codes::MISSING_KEY, message);
        }
        found
    }

    pub(crate) fn text(&mut self, key: &'static str) -> Option<String> {
        self.get(key)?.text().map(str::to_owned)
    }

    pub(crate) fn texts(&mut self, key: &'static str) -> Vec<String> {
        self.get(key).and_then(|v| v.texts()).unwrap_or_default()
    }

    pub(crate) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        self.get(key)?.boolean()
    }

    /// Reads a whole number within bounds under a key.
    pub fn integer<T: TryFrom<i64>>(
        &mut self,
        key: &'static str,
        bounds: RangeInclusive<i64>,
    ) -> Option<T> {
        self.get(key)?.integer(bounds)
    }

    /// Reads a duration within bounds under a key.
    pub fn duration(
        &mut self,
        key: &'static str,
        bounds: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        self.get(key)?.duration(bounds)
    }

    /// Reads a number of bytes within bounds under a key.
    pub(crate) fn size(&mut self, key: &'static str, bounds: RangeInclusive<u64>) -> Option<u64> {
        self.get(key)?.size(bounds)
    }

    /// Marks keys as known without reading their values.
    pub(crate) fn skip(&mut self, keys: &[&'static str]) {
        for key in keys {
            self.get(key);
        }
    }

    /// Returns the first of some keys in file order, and its place.
    pub(crate) fn first_of(&self, keys: &[&'static str]) -> Option<(&'static str, Span)> {
        self.entries.iter().find_map(|entry| {
            let key = keys.iter().find(|key| **key == entry.key)?;
            Some((*key, entry.value.key))
        })
    }

    fn report_unknown_keys(&self) {
        for entry in self.entries.iter().filter(|e| !e.taken) {
            // Comparing names is slow, and its result would not be shown.
            if self.report.is_full() {
                break;
            }
            let key = entry.value.key;
            let name = self.report.source.slice(key).trim_matches(['"', '\'']);
            let message = format!("{} has no key {}", self.what, shown(name));
            let hint = (self.hint)(&entry.key).map(str::to_owned);
            let remedy = hint.unwrap_or_else(|| meant::remedy(&entry.key, &self.known, ""));
            self.report
                .error(key, codes::UNKNOWN_KEY, message)
                .help(remedy);
        }
    }
}

/// Returns a key in camel case: protobuf's JSON reads both spellings.
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
