//! Parses YAML into a [tree](super::tree).
//!
//! The tree is built from the parser's events, because the available loaders stop at the first
//! value of a wrong type, expand aliases without a limit, or drop the style of scalars, which is
//! needed to locate faults inside scripts.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScanError, Tag};

use super::json::lone_surrogate;
use super::source::{Source, Span};
use super::tree::{MAX_DEPTH, MAX_NODES, Node, NodeKind, Scalar, ScalarStyle};
use super::{codes, separation_tabs};

/// Fault of a text that is not a single YAML document.
#[derive(Debug)]
pub(crate) struct SyntaxFault {
    pub(crate) span: Span,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) remedy: Option<String>,
}

impl SyntaxFault {
    pub(crate) fn new(span: Span, code: &'static str, message: impl Into<String>) -> SyntaxFault {
        SyntaxFault {
            span,
            code,
            message: message.into(),
            remedy: None,
        }
    }

    pub(crate) fn with(mut self, remedy: impl Into<String>) -> SyntaxFault {
        self.remedy = Some(remedy.into());
        self
    }
}

/// Returns the one document of a YAML text; `None` if the text is empty.
/// Fails if the text is not YAML, holds several documents, or exceeds the limits of
/// [`super::tree`].
pub(crate) fn parse(
    source: &Source<'_>,
    input: &ParserInput<'_>,
) -> Result<Option<Rc<Node>>, SyntaxFault> {
    match build(source, input) {
        Err(fault) if fault.message.contains("valid YAML whitespace") => {
            build(source, &input.with_separation_spaces())
        }
        root => root,
    }
}

fn build(source: &Source<'_>, input: &ParserInput<'_>) -> Result<Option<Rc<Node>>, SyntaxFault> {
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(&input.text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|e| explain(source, input, &e))?;
        let span = Span {
            start: input.offset(span.start.index()),
            end: input.offset(span.end.index().max(span.start.index())),
        };
        match event {
            Event::StreamEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentEnd => {}
            Event::DocumentStart(_) if builder.root.is_some() => {
                let fault = SyntaxFault::new(span, codes::SEVERAL_DOCUMENTS, "a second document");
                return Err(fault.with("a config is one document: remove the `---`"));
            }
            Event::DocumentStart(_) => {}
            event => {
                // In flow collections the parser's span includes white space after a scalar.
                let trimmed = source.slice(span).trim_end().len();
                let in_flow = matches!(event, Event::Scalar(_, style, ..)
                    if !matches!(style, saphyr_parser::ScalarStyle::Literal | saphyr_parser::ScalarStyle::Folded));
                let end = span.start + trimmed;
                builder.take(event, if in_flow { Span { end, ..span } } else { span })?;
            }
        }
    }
    Ok(builder.root)
}

/// A mapping or sequence that has not ended yet.
struct Open {
    span: Span,
    anchor: usize,
    items: Vec<Rc<Node>>,
    mapping: bool,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    root: Option<Rc<Node>>,
    values: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxFault> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    saphyr_parser::ScalarStyle::Plain => ScalarStyle::Plain,
                    saphyr_parser::ScalarStyle::SingleQuoted => ScalarStyle::Single,
                    saphyr_parser::ScalarStyle::DoubleQuoted => ScalarStyle::Double,
                    saphyr_parser::ScalarStyle::Literal => ScalarStyle::Literal,
                    saphyr_parser::ScalarStyle::Folded => ScalarStyle::Folded,
                };
                refuse_tag(tag.as_deref(), span)?;
                let text = text.into_owned();
                self.add(
                    Node::new(span, NodeKind::Scalar(Scalar { text, style })),
                    anchor,
                )
            }
            Event::SequenceStart(anchor, tag) => self.enter(span, anchor, tag.as_deref(), false),
            Event::MappingStart(anchor, tag) => self.enter(span, anchor, tag.as_deref(), true),
            Event::SequenceEnd | Event::MappingEnd => self.leave(),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => {
                    let node = Rc::clone(node);
                    let count = node.weight;
                    self.push(node, count, span)
                }
                None => Err(SyntaxFault::new(
                    span,
                    codes::SYNTAX,
                    "the alias stands inside what it stands for",
                )),
            },
            _ => Ok(()),
        }
    }

    fn enter(
        &mut self,
        span: Span,
        anchor: usize,
        tag: Option<&Tag>,
        mapping: bool,
    ) -> Result<(), SyntaxFault> {
        refuse_tag(tag, span)?;
        if self.open.len() >= MAX_DEPTH {
            let message = format!("values are nested more than {MAX_DEPTH} deep");
            return Err(SyntaxFault::new(span, codes::TOO_LARGE, message));
        }
        self.open.push(Open {
            span,
            anchor,
            items: Vec::new(),
            mapping,
        });
        Ok(())
    }

    fn leave(&mut self) -> Result<(), SyntaxFault> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let kind = if open.mapping {
            let mut items = open.items.into_iter();
            let mut pairs = Vec::new();
            while let (Some(key), Some(value)) = (items.next(), items.next()) {
                pairs.push((key, value));
            }
            NodeKind::Mapping(pairs)
        } else {
            NodeKind::Sequence(open.items)
        };
        self.add(Node::new(open.span, kind), open.anchor)
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), SyntaxFault> {
        let node = Rc::new(node);
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        let span = node.span;
        self.push(node, 1, span)
    }

    /// Adds a value to the innermost open collection. `count` is the number of values to add to the
    /// total: 1 for a collection, whose members were counted before; for an alias all values of its
    /// target.
    fn push(&mut self, node: Rc<Node>, count: usize, span: Span) -> Result<(), SyntaxFault> {
        self.values = self.values.saturating_add(count);
        if self.values > MAX_NODES {
            let message = format!("there are more than {MAX_NODES} values, aliases resolved");
            return Err(SyntaxFault::new(span, codes::TOO_LARGE, message));
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }
}

fn refuse_tag(tag: Option<&Tag>, span: Span) -> Result<(), SyntaxFault> {
    match tag {
        None => Ok(()),
        Some(tag) => {
            let name = if tag.is_yaml_core_schema() {
                format!("!!{}", tag.suffix)
            } else {
                format!("!{}", tag.suffix)
            };
            let message = format!("tag `{name}` has no meaning here");
            let fault = SyntaxFault::new(span, codes::SYNTAX, message);
            Err(fault.with("remove it; write text in quotes"))
        }
    }
}

/// Converts a fault of the parser, and adds its usual cause.
fn explain(source: &Source<'_>, input: &ParserInput<'_>, error: &ScanError) -> SyntaxFault {
    let offset = input.offset(error.marker().index());
    let span = Span::at(offset);
    if let Some(tab) = tab_indent(source.text, offset) {
        let fault = SyntaxFault::new(Span::at(tab), codes::TAB, "a tab can't indent YAML");
        return fault.with("use spaces");
    }
    if let Some((at, escape)) = lone_surrogate(&source.text[offset..])
        && error.info().contains("Unicode character escape")
    {
        let start = offset + at;
        let span = Span {
            start,
            end: start + escape.len(),
        };
        let message = format!("`{escape}` is half of a character");
        return SyntaxFault::new(span, codes::SYNTAX, message).with("write the character itself");
    }
    let fault = SyntaxFault::new(span, codes::SYNTAX, error.info());
    if error.info().contains("mapping values are not allowed") {
        return fault
            .with("put a value that holds `: ` in quotes, or write it as a block with `|`");
    }
    fault
}

/// Returns the offset of a tab in the indentation of the line of `offset`, or of the next line, on
/// which a value may continue.
fn tab_indent(text: &str, offset: usize) -> Option<usize> {
    let line = text[..offset].rfind('\n').map_or(0, |i| i + 1);
    let next = text[offset..].find('\n').map(|i| offset + i + 1);
    [Some(line), next].into_iter().flatten().find_map(|start| {
        let rest = &text[start..];
        let indent = &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()];
        indent.find('\t').map(|i| start + i)
    })
}

/// The text for the parser, and the byte of the file for each of its characters.
#[derive(Default)]
pub(crate) struct ParserInput<'t> {
    text: Cow<'t, str>,
    /// Empty if the text is an unchanged ASCII file. Files have at most `MAX_BYTES`, so `u32` is
    /// enough.
    offsets: Vec<u32>,
}

impl<'t> ParserInput<'t> {
    /// Returns the unchanged text of a file.
    pub(crate) fn as_it_is(text: &'t str) -> ParserInput<'t> {
        let offsets = text.char_indices().map(|(at, _)| to_u32(at));
        ParserInput {
            offsets: match text.is_ascii() {
                true => Vec::new(),
                false => offsets.chain([to_u32(text.len())]).collect(),
            },
            text: text.into(),
        }
    }

    /// Returns the same text with spaces for tabs between keys and values.
    fn with_separation_spaces(&self) -> ParserInput<'static> {
        ParserInput {
            text: separation_tabs::spaced(&self.text).into(),
            offsets: self.offsets.clone(),
        }
    }

    /// Adds a character, and its offset in the file.
    pub(crate) fn push(&mut self, c: char, at: usize) {
        self.text.to_mut().push(c);
        self.offsets.push(to_u32(at));
    }

    /// Returns the byte of the file for a character, or that of the last one.
    fn offset(&self, index: usize) -> usize {
        match self.offsets.last() {
            None => index.min(self.text.len()),
            Some(last) => *self.offsets.get(index).unwrap_or(last) as usize,
        }
    }
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
