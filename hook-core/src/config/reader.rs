//! Reading single values of the tree, with a note of everything that is wrong.

use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::Duration;

use super::codes;
use super::meant::{self, shown};
use super::source::{Source, Span};
use super::tree::{Kind, Node, Plain, Scalar};
use super::units;
use crate::diagnostic::{Diagnostic, MAX_DIAGNOSTICS, Severity};
use crate::duration;
use crate::source_location::SourceRange;

/// The walk's notebook. Each of its readers gives a value, or notes why there is none.
pub(crate) struct Reader<'s> {
    /// The file.
    pub(crate) source: &'s Source<'s>,
    /// What was noted, in the order of the walk.
    pub(crate) notes: Vec<Diagnostic>,
    /// The hook that the walk is in.
    pub(crate) hook: Option<String>,
    errors: usize,
}

impl Diagnostic {
    /// Says what to do about it.
    pub(crate) fn help(&mut self, remedy: impl Into<String>) {
        self.remedy = Some(remedy.into());
    }
}

impl<'s> Reader<'s> {
    /// An empty notebook.
    pub(crate) fn new(source: &'s Source<'s>) -> Reader<'s> {
        Reader {
            source,
            notes: Vec::new(),
            hook: None,
            errors: 0,
        }
    }

    /// Notes something about a stretch of the file.
    pub(crate) fn note(
        &mut self,
        severity: Severity,
        span: Span,
        code: &'static str,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        // Nothing beyond the last is shown, so its place need not be found.
        let range = match self.notes.len() >= MAX_DIAGNOSTICS {
            true => SourceRange::default(),
            false => self.source.range(span),
        };
        self.note_in(severity, range, code, message)
    }

    /// Notes something about a stretch of a line.
    pub(crate) fn note_in(
        &mut self,
        severity: Severity,
        range: SourceRange,
        code: &'static str,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.errors += usize::from(severity == Severity::Error);
        if self.notes.len() > MAX_DIAGNOSTICS {
            // The last is overwritten, and says in the end that there were more.
            self.notes.truncate(MAX_DIAGNOSTICS);
        }
        self.notes.push(Diagnostic {
            severity,
            file: self.source.file.clone(),
            line: range.line,
            column: range.column,
            length: range.length,
            hook: self.hook.clone(),
            code,
            message: message.into(),
            remedy: None,
        });
        let last = self.notes.len() - 1;
        &mut self.notes[last]
    }

    /// Notes a fault.
    pub(crate) fn error(
        &mut self,
        span: Span,
        code: &'static str,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.note(Severity::Error, span, code, message)
    }

    /// Whether there is more to say than is ever shown.
    pub(crate) fn is_full(&self) -> bool {
        self.notes.len() > MAX_DIAGNOSTICS && self.errors > 0
    }

    /// How many faults were noted so far.
    pub(crate) fn errors(&self) -> usize {
        self.errors
    }

    /// Everything that was noted, in the order of the walk.
    pub(crate) fn into_notes(self) -> Vec<Diagnostic> {
        self.notes
    }

    /// Notes that a value is of the wrong type.
    pub(crate) fn wrong(&mut self, node: &Node, expected: &str) -> &mut Diagnostic {
        let message = format!("expected {expected}, found {}", node.what());
        self.error(node.span, codes::WRONG_TYPE, message)
    }

    /// Text. Numbers and the like are not text: whether `1e3` or `010` keeps its form
    /// should not be left to chance.
    pub(crate) fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        self.scalar_of_text(node).map(|scalar| scalar.text.as_str())
    }

    /// Text together with how it is written.
    pub(crate) fn scalar_of_text<'n>(&mut self, node: &'n Node) -> Option<&'n Scalar> {
        match &node.kind {
            Kind::Scalar(scalar) if scalar.plain() == Plain::Text => Some(scalar),
            Kind::Scalar(scalar) if scalar.plain() != Plain::Null => {
                let quoted = format!("put it in quotes: `\"{}\"`", scalar.text);
                self.wrong(node, "text").help(quoted);
                None
            }
            _ => {
                self.wrong(node, "text");
                None
            }
        }
    }

    /// A list.
    pub(crate) fn list<'n>(&mut self, node: &'n Node) -> Option<&'n [Rc<Node>]> {
        match &node.kind {
            Kind::Sequence(items) => Some(items),
            _ => {
                self.wrong(node, "a list");
                None
            }
        }
    }

    /// A list of text.
    pub(crate) fn texts(&mut self, node: &Node) -> Option<Vec<String>> {
        let items = self.list(node)?;
        let texts: Vec<_> = items.iter().map(|item| self.text(item)).collect();
        texts.into_iter().map(|t| t.map(str::to_owned)).collect()
    }

    /// A truth value.
    pub(crate) fn boolean(&mut self, node: &Node) -> Option<bool> {
        if let Kind::Scalar(scalar) = &node.kind {
            if let Plain::Bool(value) = scalar.plain() {
                return Some(value);
            }
            let meant = match scalar.text.to_ascii_lowercase().as_str() {
                "yes" | "on" | "y" | "1" | "true" => Some(true),
                "no" | "off" | "n" | "0" | "false" => Some(false),
                _ => None,
            };
            if let Some(meant) = meant {
                self.wrong(node, "true or false")
                    .help(format!("write `{meant}`"));
                return None;
            }
        }
        self.wrong(node, "true or false");
        None
    }

    /// A whole number within bounds.
    pub(crate) fn integer(&mut self, node: &Node, bounds: RangeInclusive<i64>) -> Option<i64> {
        let Kind::Scalar(scalar) = &node.kind else {
            self.wrong(node, "a whole number");
            return None;
        };
        let Plain::Int(value) = scalar.plain() else {
            self.wrong(node, "a whole number");
            return None;
        };
        let (least, most) = (bounds.start().to_string(), bounds.end().to_string());
        self.within(node, bounds.contains(&value), &least, &most)?;
        Some(value)
    }

    /// A number within bounds.
    pub(crate) fn number(&mut self, node: &Node, bounds: RangeInclusive<f64>) -> Option<f64> {
        let value = match &node.kind {
            Kind::Scalar(scalar) => match scalar.plain() {
                #[expect(clippy::cast_precision_loss, reason = "bounds are far smaller")]
                Plain::Int(value) => Some(value as f64),
                Plain::Float(value) => Some(value),
                _ => None,
            },
            _ => None,
        };
        let Some(value) = value else {
            self.wrong(node, "a number");
            return None;
        };
        let (least, most) = (bounds.start().to_string(), bounds.end().to_string());
        self.within(node, bounds.contains(&value), &least, &most)?;
        Some(value)
    }

    /// A duration within bounds, such as `1h30m`.
    pub(crate) fn duration(
        &mut self,
        node: &Node,
        bounds: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let text = self.quantity(node, "a duration such as `1h30m`")?;
        match duration::parse(text) {
            Ok(value) => {
                let least = duration::format(*bounds.start());
                let most = duration::format(*bounds.end());
                self.within(node, bounds.contains(&value), &least, &most)?;
                Some(value)
            }
            Err(fault) => {
                self.error(node.span, codes::BAD_DURATION, fault.problem())
                    .help(fault.remedy());
                None
            }
        }
    }

    /// A number of bytes within bounds, such as `16MiB`.
    pub(crate) fn size(&mut self, node: &Node, bounds: RangeInclusive<u64>) -> Option<u64> {
        let text = self.quantity(node, "a size such as `16MiB`")?;
        if let Ok(value) = units::size(text) {
            let least = units::show_size(*bounds.start());
            let most = units::show_size(*bounds.end());
            self.within(node, bounds.contains(&value), &least, &most)?;
            return Some(value);
        }
        let message = format!("{} is no size", shown(text));
        self.error(node.span, codes::BAD_SIZE, message)
            .help("write a whole number of bytes, or one with a unit: KB, MB, GB, KiB, MiB, GiB");
        None
    }

    /// One of a closed set that has names and numbers, by either.
    pub(crate) fn named<T: Copy>(&mut self, node: &Node, set: &NamedSet<'_, T>) -> Option<T> {
        let Kind::Scalar(scalar) = &node.kind else {
            self.wrong(node, set.what);
            return None;
        };
        let found = match scalar.plain() {
            Plain::Int(number) => set.all.iter().find(|(_, n, _)| i64::from(*n) == number),
            Plain::Text => set.all.iter().find(|(name, ..)| *name == scalar.text),
            _ => {
                self.wrong(node, set.what);
                return None;
            }
        };
        if found.is_none() && !self.is_full() {
            let names: Vec<&str> = set.all.iter().map(|(name, ..)| *name).collect();
            let message = format!("{} is not {}", shown(&scalar.text), set.what);
            self.error(node.span, set.code, message).help(meant::remedy(
                &scalar.text,
                &names,
                set.prefix,
            ));
        }
        found.map(|(.., value)| *value)
    }

    /// The text of a number with or without a unit.
    fn quantity<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n str> {
        match &node.kind {
            Kind::Scalar(s) if !matches!(s.plain(), Plain::Null | Plain::Bool(_)) => Some(&s.text),
            _ => {
                self.wrong(node, expected);
                None
            }
        }
    }

    fn within(&mut self, node: &Node, fits: bool, least: &str, most: &str) -> Option<()> {
        if !fits {
            let text = self.source.slice(node.span);
            let message = format!("{} is out of range", shown(text));
            self.error(node.span, codes::OUT_OF_RANGE, message)
                .help(format!("from {least} to {most}"));
        }
        fits.then_some(())
    }
}

/// A closed set whose members have names and numbers.
pub(crate) struct NamedSet<'a, T> {
    /// What a member is: `an error behaviour`.
    pub(crate) what: &'static str,
    /// The kind of fault if there is no such member.
    pub(crate) code: &'static str,
    /// What all names begin with.
    pub(crate) prefix: &'static str,
    /// Name, number and value of each.
    pub(crate) all: &'a [(&'static str, i32, T)],
}
