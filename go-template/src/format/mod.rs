//! Values as text: Go's `print`, `println` and `printf`.

mod composite;
mod directive;
mod float;
mod integer;
mod quote;
mod text;

pub(crate) use directive::sprintf;
pub(crate) use quote::{is_printable, quote};

use crate::limits::MAX_VALUE;
use crate::value::Value;

/// The flags, width and precision of a verb.
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

/// Appends values to a buffer, until that is longer than [`MAX_VALUE`].
struct ValuePrinter<'o> {
    out: &'o mut Vec<u8>,
    spec: Spec,
    /// `true` if the position is in an error such as `%!d(…)`, where methods are not called.
    in_error: bool,
}

impl<'o> ValuePrinter<'o> {
    fn new(out: &'o mut Vec<u8>) -> Self {
        ValuePrinter {
            out,
            spec: Spec::default(),
            in_error: false,
        }
    }

    /// `true` if the buffer is too long, so that the rest is irrelevant.
    fn is_full(&self) -> bool {
        self.out.len() > MAX_VALUE
    }

    fn push(&mut self, text: &str) {
        if !self.is_full() {
            self.out.extend_from_slice(text.as_bytes());
        }
    }

    fn push_padding(&mut self, count: usize) {
        let zero = self.spec.zero && !self.spec.minus;
        let byte = if zero { b'0' } else { b' ' };
        if !self.is_full() {
            self.out.resize(self.out.len() + count, byte);
        }
    }

    /// Appends text, padded to the width.
    fn pad(&mut self, text: &[u8]) {
        let width = self.spec.width.unwrap_or(0);
        let missing = width.saturating_sub(text::rune_count(text));
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

    /// Appends text, padded with spaces even if zeros are wanted.
    fn pad_with_spaces(&mut self, text: &[u8]) {
        let zero = std::mem::replace(&mut self.spec.zero, false);
        self.pad(text);
        self.spec.zero = zero;
    }
}

/// Appends values as `print` does, with a space between two values that are no strings.
pub(crate) fn sprint(out: &mut Vec<u8>, values: &[Value<'_>]) {
    let mut printer = ValuePrinter::new(out);
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

/// Appends values as `println` does, with a space between two and a line end.
pub(crate) fn sprintln(out: &mut Vec<u8>, values: &[Value<'_>]) {
    let mut printer = ValuePrinter::new(out);
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            printer.push(" ");
        }
        printer.argument(value, 'v');
    }
    printer.push("\n");
}

/// A number in the form `f` or `e`, with the fewest digits that parse as the same number.
pub(crate) fn float_text(number: f64, form: char) -> String {
    float::format_float(number, form, None)
}
