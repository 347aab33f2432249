//! Slices and maps.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::value::Value;

/// A slice: its elements, and more up to its capacity.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    items: Items<'a>,
    length: usize,
    nil: bool,
}

/// The elements of a slice up to its capacity.
#[derive(Clone, Copy, Debug)]
enum Items<'a> {
    Strings(&'a [String]),
    Any(&'a [Json]),
}

impl<'a> List<'a> {
    /// A `[]string`. Nil if it is empty.
    #[must_use]
    pub fn strings(items: &'a [String]) -> Self {
        List {
            items: Items::Strings(items),
            length: items.len(),
            nil: items.is_empty(),
        }
    }

    pub(crate) fn any(items: &'a [Json]) -> Self {
        List {
            items: Items::Any(items),
            length: items.len(),
            nil: false,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// The length up to which the list can be resliced.
    pub(crate) fn capacity(&self) -> usize {
        match self.items {
            Items::Strings(items) => items.len(),
            Items::Any(items) => items.len(),
        }
    }

    /// `true` if the slice is nil, and not just empty.
    pub(crate) fn is_nil(&self) -> bool {
        self.nil
    }

    pub(crate) fn is_strings(&self) -> bool {
        matches!(self.items, Items::Strings(_))
    }

    /// The element at an index. [`Value::Absent`] if there is none.
    pub(crate) fn get(&self, index: usize) -> Value<'a> {
        let item = match self.items {
            _ if index >= self.length => None,
            Items::Strings(items) => items.get(index).map(|s| Value::from(s.as_str())),
            Items::Any(items) => items.get(index).map(Value::from),
        };
        item.unwrap_or(Value::Absent)
    }

    /// `list[from:to:max]`. The indices must fit the capacity.
    pub(crate) fn part(&self, from: usize, to: usize, max: usize) -> Self {
        let items = match self.items {
            Items::Strings(items) => Items::Strings(items.get(from..max).unwrap_or_default()),
            Items::Any(items) => Items::Any(items.get(from..max).unwrap_or_default()),
        };
        List {
            items,
            length: to - from,
            nil: self.nil,
        }
    }

    /// The elements.
    pub fn iter(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let list = *self;
        (0..list.length).map(move |i| list.get(i))
    }
}

/// A map with strings as keys.
#[derive(Clone, Copy, Debug)]
pub enum Map<'a> {
    /// A `map[string]string`. Nil if it is empty.
    Strings(&'a BTreeMap<String, String>),
    /// A `map[string]any`.
    Any(&'a serde_json::Map<String, Json>),
}

impl<'a> Map<'a> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Map::Strings(map) => map.len(),
            Map::Any(map) => map.len(),
        }
    }

    /// `true` if the map is nil, and not just empty.
    pub(crate) fn is_nil(&self) -> bool {
        matches!(self, Map::Strings(map) if map.is_empty())
    }

    /// The value of a key. `None` if the key is missing.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Value<'a>> {
        let key = std::str::from_utf8(key).ok()?;
        match self {
            Map::Strings(map) => map.get(key).map(|s| Value::from(s.as_str())),
            Map::Any(map) => map.get(key).map(Value::from),
        }
    }

    /// The value that `index` returns for a missing key.
    pub(crate) fn zero(&self) -> Value<'a> {
        match self {
            Map::Strings(_) => Value::from(""),
            Map::Any(_) => Value::Nil,
        }
    }

    /// The entries in the order of their keys.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&'a str, Value<'a>)> {
        let mut entries: Vec<(&str, Value<'_>)> = match self {
            Map::Strings(map) => map.iter().map(|(k, v)| (&**k, Value::from(&**v))).collect(),
            Map::Any(map) => map.iter().map(|(k, v)| (&**k, Value::from(v))).collect(),
        };
        entries.sort_by_key(|(key, _)| *key);
        entries
    }
}
