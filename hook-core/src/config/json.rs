//! JSON text into a [tree](super::tree).
//!
//! JSON is YAML but for one thing: it writes characters beyond the first plane as two
//! escapes, which YAML refuses. Programs that write a `config.json` do so.

use std::rc::Rc;

use super::codes;
use super::meant::shown;
use super::scalar_map::unescape;
use super::source::{Source, Span};
use super::tree::{MAX_DEPTH, MAX_NODES, Node, NodeKind, Scalar, ScalarStyle};
use super::yaml::SyntaxFault;

/// Whether a text is meant as JSON: it begins like an object, or its file says so.
pub(crate) fn is_meant(source: &Source<'_>) -> bool {
    source.text.trim_start().starts_with('{') || is_json_file(source)
}

/// Whether the file's name says that it is JSON.
pub(crate) fn is_json_file(source: &Source<'_>) -> bool {
    let extension = std::path::Path::new(&*source.file).extension();
    extension.is_some_and(|e| e.eq_ignore_ascii_case("json"))
}

/// The value of a JSON text.
///
/// # Errors
/// If the text is not JSON, or beyond the limits of [`super::tree`].
pub(crate) fn parse(source: &Source<'_>) -> Result<Rc<Node>, SyntaxFault> {
    let mut parser = Parser {
        text: source.text,
        at: 0,
        depth: 0,
        values: 0,
    };
    let node = parser.value()?;
    parser.skip_blanks();
    if parser.at < parser.text.len() {
        return Err(parser.expected("the end of the file"));
    }
    Ok(node)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    values: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn expected(&self, what: &str) -> SyntaxFault {
        let found = match self.rest().chars().next() {
            Some(c) => shown(c.encode_utf8(&mut [0; 4])),
            None => "the end of the file".to_owned(),
        };
        let message = format!("expected {what}, found {found}");
        SyntaxFault::new(Span::at(self.at), codes::SYNTAX, message)
    }

    fn eat(&mut self, c: char) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(c);
        self.at += if found { c.len_utf8() } else { 0 };
        found
    }

    fn value(&mut self) -> Result<Rc<Node>, SyntaxFault> {
        self.skip_blanks();
        self.values += 1;
        if self.depth >= MAX_DEPTH || self.values > MAX_NODES {
            let message = format!(
                "there are more than {MAX_NODES} values, or they are nested more than {MAX_DEPTH} deep"
            );
            return Err(SyntaxFault::new(
                Span::at(self.at),
                codes::TOO_LARGE,
                message,
            ));
        }
        let start = self.at;
        let kind = match self.rest().chars().next() {
            Some('{') => self.nested(Parser::object)?,
            Some('[') => self.nested(Parser::array)?,
            Some('"') => NodeKind::Scalar(self.string()?),
            _ => NodeKind::Scalar(self.word()?),
        };
        let end = match &kind {
            NodeKind::Scalar(_) => self.at,
            _ => start + 1,
        };
        Ok(Rc::new(Node::new(Span { start, end }, kind)))
    }

    fn nested(
        &mut self,
        read: fn(&mut Parser<'t>) -> Result<NodeKind, SyntaxFault>,
    ) -> Result<NodeKind, SyntaxFault> {
        self.at += 1;
        self.depth += 1;
        let kind = read(self);
        self.depth -= 1;
        kind
    }

    fn object(&mut self) -> Result<NodeKind, SyntaxFault> {
        let mut pairs = Vec::new();
        if self.eat('}') {
            return Ok(NodeKind::Mapping(pairs));
        }
        loop {
            self.skip_blanks();
            if !self.rest().starts_with('"') {
                return Err(self.expected("a key in double quotes"));
            }
            let key = self.value()?;
            if !self.eat(':') {
                return Err(self.expected("`:`"));
            }
            pairs.push((key, self.value()?));
            if self.eat('}') {
                return Ok(NodeKind::Mapping(pairs));
            }
            if !self.eat(',') {
                return Err(self.expected("`,` or `}`"));
            }
        }
    }

    fn array(&mut self) -> Result<NodeKind, SyntaxFault> {
        let mut items = Vec::new();
        if self.eat(']') {
            return Ok(NodeKind::Sequence(items));
        }
        loop {
            items.push(self.value()?);
            if self.eat(']') {
                return Ok(NodeKind::Sequence(items));
            }
            if !self.eat(',') {
                return Err(self.expected("`,` or `]`"));
            }
        }
    }

    fn string(&mut self) -> Result<Scalar, SyntaxFault> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.rest().chars().next() {
                Some('"') => {
                    self.at += 1;
                    let style = ScalarStyle::Json;
                    return Ok(Scalar { text, style });
                }
                Some('\\') => match unescape(&self.rest()[1..], ScalarStyle::Json) {
                    Some((c, after)) => {
                        text.push(c);
                        self.at = self.text.len() - after.len();
                    }
                    None => {
                        let message = "this escape is not JSON";
                        return Err(SyntaxFault::new(Span::at(self.at), codes::SYNTAX, message));
                    }
                },
                Some(c) if c >= ' ' => {
                    text.push(c);
                    self.at += c.len_utf8();
                }
                Some(_) => return Err(self.expected("the end of the text, a `\"`")),
                None => {
                    let message = "this text has no end";
                    return Err(SyntaxFault::new(Span::at(start), codes::SYNTAX, message));
                }
            }
        }
    }

    /// A number, a truth value or null, which YAML writes the same way.
    fn word(&mut self) -> Result<Scalar, SyntaxFault> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-' | '.'));
        let word = &rest[..end.unwrap_or(rest.len())];
        let number = word.starts_with(|c: char| c.is_ascii_digit() || c == '-')
            && word.parse::<f64>().is_ok();
        if !number && !matches!(word, "true" | "false" | "null") {
            return Err(self.expected("a value"));
        }
        self.at += word.len();
        Ok(Scalar {
            text: word.to_owned(),
            style: ScalarStyle::Plain,
        })
    }
}
