//! Reading single values: each method returns the value, or reports an error and returns `None`.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::codes;
use super::meant::{self, shown};
use super::report::Report;
use super::source::Span;
use super::tree::{Node, NodeKind, PlainValue, Scalar};
use crate::named_enum::NamedEnum;
use crate::{duration, size};

/// A value of a config file.
#[derive(Clone, Copy)]
pub struct Value<'c> {
    pub(crate) node: &'c Node,
    /// The key of the value; in a list the span of the value itself.
    pub(crate) key: Span,
    pub(crate) report: &'c Report<'c>,
}

impl<'c> Value<'c> {
    /// Returns a value without a key.
    pub(crate) fn new(node: &'c Node, report: &'c Report<'c>) -> Value<'c> {
        let key = node.span;
        Value { node, key, report }
    }

    pub(crate) fn fault(&self, code: &'static str, message: impl Into<String>) -> &Report<'c> {
        self.report.error(self.node.span, code, message)
    }

    /// Reports a value that is not allowed for its key, with the remedy.
    pub fn reject(&self, message: impl Into<String>, remedy: impl Into<String>) {
        self.fault(codes::BAD_VALUE, message).help(remedy);
    }

    /// Reports that this value is of the wrong type.
    pub(crate) fn wrong_type(&self, expected: &str) -> &Report<'c> {
        let message = format!("expected {expected}, found {}", self.node.what());
        self.fault(codes::WRONG_TYPE, message)
    }

    pub(crate) fn scalar(&self) -> Option<&'c Scalar> {
        match &self.node.kind {
            NodeKind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    fn plain(&self) -> Option<PlainValue> {
        self.scalar().map(Scalar::plain)
    }

    /// Reads text. Numbers and the like are not text, because the spelling of values such as `1e3`
    /// or `010` could get lost.
    pub fn text(&self) -> Option<&'c str> {
        let scalar = self.scalar();
        if self.plain() == Some(PlainValue::Text) {
            return scalar.map(|scalar| scalar.text.as_str());
        }
        let report = self.wrong_type("text");
        if let Some(scalar) = scalar.filter(|scalar| scalar.plain() != PlainValue::Null) {
            report.help(format!("put it in quotes: `\"{}\"`", scalar.text));
        }
        None
    }

    /// Reads a list.
    pub fn list(&self) -> Option<impl ExactSizeIterator<Item = Value<'c>> + use<'c>> {
        let report = self.report;
        match &self.node.kind {
            NodeKind::Sequence(items) => {
                Some(items.iter().map(move |node| Value::new(node, report)))
            }
            _ => {
                self.wrong_type("a list");
                None
            }
        }
    }

    /// Returns the values of a list, or the value itself.
    pub fn one_or_list(&self) -> Vec<Value<'c>> {
        match &self.node.kind {
            NodeKind::Sequence(_) => self.list().into_iter().flatten().collect(),
            _ => vec![*self],
        }
    }

    pub(crate) fn texts(&self) -> Option<Vec<String>> {
        let texts: Vec<_> = self.list()?.map(|item| item.text()).collect();
        texts.into_iter().map(|t| t.map(str::to_owned)).collect()
    }

    /// Reads a truth value.
    pub(crate) fn boolean(&self) -> Option<bool> {
        if let Some(PlainValue::Bool(value)) = self.plain() {
            return Some(value);
        }
        let report = self.wrong_type("true or false");
        let text = self.scalar().map(|scalar| scalar.text.to_ascii_lowercase());
        match text.as_deref() {
            Some("yes" | "on" | "y" | "1" | "true") => report.help("write `true`"),
            Some("no" | "off" | "n" | "0" | "false") => report.help("write `false`"),
            _ => {}
        }
        None
    }

    /// Reads a whole number within bounds.
    pub fn integer<T: TryFrom<i64>>(&self, bounds: RangeInclusive<i64>) -> Option<T> {
        let Some(PlainValue::Int(value)) = self.plain() else {
            self.wrong_type("a whole number");
            return None;
        };
        self.within(value, &bounds, i64::to_string)?.try_into().ok()
    }

    /// Reads a number within bounds.
    pub(crate) fn number(&self, bounds: RangeInclusive<f64>) -> Option<f64> {
        let value = match self.plain() {
            #[expect(clippy::cast_precision_loss, reason = "bounds are far smaller")]
            Some(PlainValue::Int(value)) => value as f64,
            Some(PlainValue::Float(value)) => value,
            _ => {
                self.wrong_type("a number");
                return None;
            }
        };
        self.within(value, &bounds, f64::to_string)
    }

    /// Reads a duration within bounds, such as `1h30m`.
    pub fn duration(&self, bounds: RangeInclusive<Duration>) -> Option<Duration> {
        let text = self.quantity("a duration such as `1h30m`")?;
        match duration::parse(text) {
            Ok(value) => self.within(value, &bounds, |bound| duration::format(*bound)),
            Err(fault) => {
                self.fault(codes::BAD_DURATION, fault.problem())
                    .help(fault.remedy());
                None
            }
        }
    }

    /// Reads a number of bytes within bounds, such as `16MiB`.
    pub(crate) fn size(&self, bounds: RangeInclusive<u64>) -> Option<u64> {
        let text = self.quantity("a size such as `16MiB`")?;
        match size::parse(text) {
            Ok(value) => self.within(value, &bounds, |bound| size::format(*bound)),
            Err(fault) => {
                self.fault(codes::BAD_SIZE, format!("{} is no size", shown(text)))
                    .help(fault.to_string());
                None
            }
        }
    }

    /// Reads a value of an enum, by name or by number. `what` is a value with its article;
    /// all names begin with `prefix`.
    pub(crate) fn named<T: NamedEnum>(
        &self,
        what: &str,
        code: &'static str,
        prefix: &str,
    ) -> Option<T> {
        let found = match (self.scalar(), self.plain()) {
            (_, Some(PlainValue::Int(number))) => {
                T::VALUES.iter().find(|(_, n, _)| i64::from(*n) == number)
            }
            (Some(scalar), Some(PlainValue::Text)) => {
                T::VALUES.iter().find(|(name, ..)| *name == scalar.text)
            }
            _ => {
                self.wrong_type(what);
                return None;
            }
        };
        if found.is_none() {
            let names: Vec<&str> = T::VALUES.iter().map(|(name, ..)| *name).collect();
            self.not_one_of(what, code, &names, prefix);
        }
        found.map(|(.., value)| *value)
    }

    /// Reads a member of a closed set by name. `what` describes a member, with an article.
    pub fn choice<N: AsRef<str>, T: Copy>(
        &self,
        what: &str,
        code: &'static str,
        all: impl IntoIterator<Item = (N, T)>,
    ) -> Option<T> {
        let text = self.text()?;
        let all: Vec<(N, T)> = all.into_iter().collect();
        let found = all.iter().find(|(name, _)| name.as_ref() == text);
        if found.is_none() {
            let names: Vec<&str> = all.iter().map(|(name, _)| name.as_ref()).collect();
            self.not_one_of(what, code, &names, "");
        }
        found.map(|(_, value)| *value)
    }

    /// Reports that a scalar is not a member of a closed set.
    pub(crate) fn not_one_of(&self, what: &str, code: &'static str, names: &[&str], prefix: &str) {
        // Comparing names is slow, and its result would not be shown.
        let Some(scalar) = self.scalar().filter(|_| !self.report.is_full()) else {
            return;
        };
        self.fault(code, format!("{} is not {what}", shown(&scalar.text)))
            .help(meant::remedy(&scalar.text, names, prefix));
    }

    /// Reads an absolute path; a relative one would depend on hookd's working directory.
    pub fn absolute_path(&self) -> Option<PathBuf> {
        let text = self.text()?;
        if !text.starts_with('/') && !cfg!(windows) {
            self.reject(
                format!("{} is no absolute path", shown(text)),
                "begin it with `/`; `~` is not resolved here",
            );
            return None;
        }
        self.without_nul(text).map(PathBuf::from)
    }

    /// Returns the text unless it holds a NUL, which no path and no environment can hold.
    pub(crate) fn without_nul<'t>(&self, text: &'t str) -> Option<&'t str> {
        if text.contains('\0') {
            self.fault(codes::NUL, "the value holds a NUL character");
            return None;
        }
        Some(text)
    }

    /// Returns the text of a number with or without a unit.
    fn quantity(&self, expected: &str) -> Option<&'c str> {
        match (self.scalar(), self.plain()) {
            (_, None | Some(PlainValue::Null | PlainValue::Bool(_))) => {
                self.wrong_type(expected);
                None
            }
            (scalar, _) => scalar.map(|scalar| scalar.text.as_str()),
        }
    }

    fn within<T: PartialOrd>(
        &self,
        value: T,
        bounds: &RangeInclusive<T>,
        format: impl Fn(&T) -> String,
    ) -> Option<T> {
        if bounds.contains(&value) {
            return Some(value);
        }
        let (least, most) = (format(bounds.start()), format(bounds.end()));
        let text = self.report.source.slice(self.node.span);
        self.fault(
            codes::OUT_OF_RANGE,
            format!("{} is out of range", shown(text)),
        )
        .help(format!("from {least} to {most}"));
        None
    }
}
