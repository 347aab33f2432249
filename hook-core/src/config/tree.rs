//! Tree of the values of a config file, each with its span.

use std::rc::Rc;

use super::source::Span;

pub(crate) const MAX_DEPTH: usize = 64;
/// The maximum number of values. An alias counts as a copy of its anchor's value, so that aliases
/// of aliases cannot grow exponentially.
pub(crate) const MAX_NODES: usize = 200_000;

/// A value and its span.
#[derive(Debug)]
pub(crate) struct Node {
    /// The span at which faults of the value are reported: a whole scalar, or the first key or
    /// bracket of a collection.
    pub(crate) span: Span,
    pub(crate) kind: NodeKind,
    /// The number of values in it, itself included.
    pub(crate) weight: usize,
}

#[derive(Debug)]
pub(crate) enum NodeKind {
    /// Text, or a value written like text.
    Scalar(Scalar),
    Sequence(Vec<Rc<Node>>),
    /// Pairs of key and value in file order, duplicates included.
    Mapping(Vec<(Rc<Node>, Rc<Node>)>),
}

/// A scalar: its text and its style.
#[derive(Debug)]
pub(crate) struct Scalar {
    /// The text, with escapes and folding resolved.
    pub(crate) text: String,
    pub(crate) style: ScalarStyle,
}

/// The style of a scalar in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScalarStyle {
    /// Without quotes: it can be null, a boolean or a number.
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

/// The meaning of a scalar without quotes by YAML's core schema.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum PlainValue {
    Null,
    Bool(bool),
    Int(i64),
    /// Any other number.
    Float(f64),
    Text,
}

impl Node {
    /// Returns a value with its span and weight.
    pub(crate) fn new(mut span: Span, kind: NodeKind) -> Node {
        // A mapping without a brace begins with its first key.
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

    /// Returns whether there is no value: `null`, `~`, or nothing at all.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.kind, NodeKind::Scalar(s) if s.plain() == PlainValue::Null)
    }

    /// Returns the type for messages: `a list`, `a number`.
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
    /// Returns the meaning of the scalar: text if it is quoted, else by YAML 1.2.
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

/// Parses a number by YAML's core schema; anything else is text. `nan` and `infinity` are text,
/// because no setting can have these values.
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
