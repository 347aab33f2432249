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
    pub(crate) kind: NodeKind,
    /// How many values it holds, itself included.
    pub(crate) weight: usize,
}

/// A value.
#[derive(Debug)]
pub(crate) enum NodeKind {
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
    pub(crate) style: ScalarStyle,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScalarStyle {
    /// Without quotes: it can be null, a truth value or a number.
    Plain,
    /// `'…'`.
    Single,
    /// `"…"`.
    Double,
    /// `|`.
    Literal,
    /// `>`.
    Folded,
}

/// What a scalar without quotes stands for, by YAML's core schema.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum PlainValue {
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
    pub(crate) fn new(mut span: Span, kind: NodeKind) -> Node {
        // Where no brace begins a mapping, its first key does.
        if let NodeKind::Mapping(pairs) = &kind
            && span.start == span.end
            && let Some((key, _)) = pairs.first()
        {
            span = key.span;
        }
        let weight = match &kind {
            NodeKind::Scalar(_) => 1,
            NodeKind::Sequence(items) => items.iter().fold(1, add),
            NodeKind::Mapping(pairs) => pairs
                .iter()
                .fold(1, |n, (key, value)| add(add(n, key), value)),
        };
        Node { span, kind, weight }
    }

    /// Whether there is no value: `null`, `~`, or nothing at all.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.kind, NodeKind::Scalar(s) if s.plain() == PlainValue::Null)
    }

    /// What the value is, for people: `a list`, `a number`.
    pub(crate) fn what(&self) -> &'static str {
        match &self.kind {
            NodeKind::Sequence(_) => "a list",
            NodeKind::Mapping(_) => "a mapping",
            NodeKind::Scalar(scalar) => match scalar.plain() {
                PlainValue::Null => "nothing",
                PlainValue::Bool(_) => "a truth value",
                PlainValue::Int(_) | PlainValue::Float(_) => "a number",
                PlainValue::Text => "text",
            },
        }
    }
}

fn add(n: usize, node: &Rc<Node>) -> usize {
    n.saturating_add(node.weight)
}

impl Scalar {
    /// What the scalar stands for: text if it is quoted, else what YAML 1.2 says.
    pub(crate) fn plain(&self) -> PlainValue {
        if self.style != ScalarStyle::Plain {
            return PlainValue::Text;
        }
        match self.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => PlainValue::Null,
            "true" | "True" | "TRUE" => PlainValue::Bool(true),
            "false" | "False" | "FALSE" => PlainValue::Bool(false),
            text => number(text),
        }
    }
}

/// A number by YAML's core schema, or text. `nan` and `infinity` are text, as no
/// setting can be either.
fn number(text: &str) -> PlainValue {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.contains(|c: char| c.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+'));
    if !numeric {
        return PlainValue::Text;
    }
    if let Ok(int) = text.parse() {
        return PlainValue::Int(int);
    }
    text.parse().map_or(PlainValue::Text, PlainValue::Float)
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
                style: ScalarStyle::Plain,
            }
            .plain()
        };
        for (text, want) in [
            ("", PlainValue::Null),
            ("~", PlainValue::Null),
            ("True", PlainValue::Bool(true)),
            ("yes", PlainValue::Text),
            ("075", PlainValue::Int(75)),
            ("-3", PlainValue::Int(-3)),
            ("1.5", PlainValue::Float(1.5)),
            ("1e3", PlainValue::Float(1000.0)),
            ("1h", PlainValue::Text),
            ("20-29", PlainValue::Text),
            ("nan", PlainValue::Text),
            ("infinity", PlainValue::Text),
            (".", PlainValue::Text),
        ] {
            assert_eq!(plain(text), want, "{text:?}");
        }
    }
}
