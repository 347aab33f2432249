//! Values as text: Go's `print`, `println` and `printf`.

mod composite;
mod directive;
mod float;
mod integer;
mod quote;
mod text;

pub(super) use directive::sprintf;
pub(super) use quote::is_printable;

use super::limits::MAX_VALUE;
use super::value::Value;

/// How a verb was asked to print.
#[derive(Clone, Copy, Debug, Default)]
struct Spec {
    width: Option<usize>,
    precision: Option<usize>,
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    /// `%+v`
    plus_v: bool,
    /// `%#v`
    sharp_v: bool,
}

/// What prints into a buffer, until that is longer than any value may be.
struct Printer<'o> {
    out: &'o mut Vec<u8>,
    spec: Spec,
    /// Within a `%!d(…)`, where no method gives the text.
    in_error: bool,
}

impl Printer<'_> {
    /// Whether so much was printed that the rest no longer matters.
    fn is_full(&self) -> bool {
        self.out.len() > MAX_VALUE
    }

    fn push(&mut self, text: &str) {
        if !self.is_full() {
            self.out.extend_from_slice(text.as_bytes());
        }
    }

    fn push_padding(&mut self, count: usize) {
        let byte = if self.spec.zero && !self.spec.minus {
            b'0'
        } else {
            b' '
        };
        if !self.is_full() {
            self.out.resize(self.out.len() + count, byte);
        }
    }

    /// Adds text, filled up to the width.
    fn pad(&mut self, text: &[u8]) {
        let missing = self
            .spec
            .width
            .unwrap_or(0)
            .saturating_sub(text::rune_count(text));
        if !self.spec.minus {
            self.push_padding(missing);
        }
        if !self.is_full() {
            self.out.extend_from_slice(text);
        }
        if self.spec.minus {
            self.push_padding(missing);
        }
    }

    /// Adds text whose zeros are its own business.
    fn pad_with_spaces(&mut self, text: &[u8]) {
        let zero = std::mem::replace(&mut self.spec.zero, false);
        self.pad(text);
        self.spec.zero = zero;
    }
}

/// Adds the values as `print` does: with spaces between values that are both no strings.
pub(super) fn sprint(out: &mut Vec<u8>, values: &[Value<'_>]) {
    let mut printer = Printer {
        out,
        spec: Spec::default(),
        in_error: false,
    };
    let mut after_string = true;
    for value in values {
        let is_string = matches!(value, Value::Str(_));
        if !is_string && !after_string {
            printer.push(" ");
        }
        printer.argument(value, 'v');
        after_string = is_string;
    }
}

/// Adds the values as `println` does: with spaces between and a line end behind.
pub(super) fn sprintln(out: &mut Vec<u8>, values: &[Value<'_>]) {
    let mut printer = Printer {
        out,
        spec: Spec::default(),
        in_error: false,
    };
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            printer.push(" ");
        }
        printer.argument(value, 'v');
    }
    printer.push("\n");
}

/// A number in the form `f` or `e`, as short as it can be read back.
pub(super) fn float_text(number: f64, form: char) -> String {
    float::format_float(number, form, None)
}
