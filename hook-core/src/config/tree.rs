//! A config file as a tree in which every value knows its place.

use std::rc::Rc;

use super::source::Span;

/// How deep values may be nested.
pub(crate) const MAX_DEPTH: usize = 64;
/// How many values there may be, each alias counting as a copy of what it stands for,
/// so that a few lines of aliases to aliases can't keep us busy.
pub(crate) const MAX_NODES: usize = 200_000;

/// A value and its place.
#[derive(Debug)]
pub(crate) struct Node {
    /// What is meant when the value is at fault: all of a scalar, the beginning of
    /// anything else.
    pub(crate) span: Span,
    /// The value.
    pub(crate) kind: Kind,
    /// How many values it holds, itself included.
    pub(crate) weight: usize,
}

/// A value.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Text, or what is written like text.
    Scalar(Scalar),
    /// Values in order.
    Sequence(Vec<Rc<Node>>),
    /// Pairs of key and value in file order, duplicates included.
    Mapping(Vec<(Rc<Node>, Rc<Node>)>),
}

/// A scalar: its text, and how it is written.
#[derive(Debug)]
pub(crate) struct Scalar {
    /// The text, escapes and folding resolved.
    pub(crate) text: String,
    /// How it is written.
    pub(crate) style: Style,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Without quotes: it can be null, a truth value or a number.
    Plain,
    /// `'…'`.
    Single,
    /// `"…"` in YAML.
    Double,
    /// `|`.
    Literal,
    /// `>`.
    Folded,
    /// `"…"` in JSON.
    Json,
}

/// What a scalar without quotes stands for, by YAML's core schema.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Plain {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text,
}

impl Node {
    /// A value at a place.
    pub(crate) fn new(mut span: Span, kind: Kind) -> Node {
        // Where no brace begins a mapping, its first key does.
        if let Kind::Mapping(pairs) = &kind
            && span.start == span.end
            && let Some((key, _)) = pairs.first()
        {
            span = key.span;
        }
        let weight = match &kind {
            Kind::Scalar(_) => 1,
            Kind::Sequence(items) => items.iter().fold(1, add),
            Kind::Mapping(pairs) => pairs
                .iter()
                .fold(1, |n, (key, value)| add(add(n, key), value)),
        };
        Node { span, kind, weight }
    }

    /// Whether there is no value: `null`, `~`, or nothing at all.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar(s) if s.plain() == Plain::Null)
    }

    /// What the value is, for people: `a list`, `a number`.
    pub(crate) fn what(&self) -> &'static str {
        match &self.kind {
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
            Kind::Scalar(scalar) => match scalar.plain() {
                Plain::Null => "nothing",
                Plain::Bool(_) => "a truth value",
                Plain::Int(_) | Plain::Float(_) => "a number",
                Plain::Text => "text",
            },
        }
    }
}

fn add(n: usize, node: &Rc<Node>) -> usize {
    n.saturating_add(node.weight)
}

impl Scalar {
    /// What the scalar stands for: text if it is quoted, else what YAML 1.2 says.
    pub(crate) fn plain(&self) -> Plain {
        if self.style != Style::Plain {
            return Plain::Text;
        }
        match self.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => Plain::Null,
            "true" | "True" | "TRUE" => Plain::Bool(true),
            "false" | "False" | "FALSE" => Plain::Bool(false),
            text => number(text),
        }
    }
}

/// A number by YAML's core schema, or text. `nan` and `infinity` are text, as no
/// setting can be either.
fn number(text: &str) -> Plain {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.contains(|c: char| c.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+'));
    if !numeric {
        return Plain::Text;
    }
    if let Ok(int) = text.parse() {
        return Plain::Int(int);
    }
    text.parse().map_or(Plain::Text, Plain::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        let plain = |text: &str| {
            let text = text.to_owned();
            Scalar {
                text,
                style: Style::Plain,
            }
            .plain()
        };
        for (text, want) in [
            ("", Plain::Null),
            ("~", Plain::Null),
            ("True", Plain::Bool(true)),
            ("yes", Plain::Text),
            ("075", Plain::Int(75)),
            ("-3", Plain::Int(-3)),
            ("1.5", Plain::Float(1.5)),
            ("1e3", Plain::Float(1000.0)),
            ("1h", Plain::Text),
            ("20-29", Plain::Text),
            ("nan", Plain::Text),
            ("infinity", Plain::Text),
            (".", Plain::Text),
        ] {
            assert_eq!(plain(text), want, "{text:?}");
        }
    }
}
