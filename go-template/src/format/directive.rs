//! `printf`: the directives of a format, from `%` to the verb.

use super::text::decode;
use super::{Spec, ValuePrinter};
use crate::limits::MAX_WIDTH;
use crate::value::Value;

pub(crate) fn sprintf(out: &mut Vec<u8>, format: &[u8], values: &[Value<'_>]) {
    let mut reader = FormatReader {
        format,
        at: 0,
        values,
        next: 0,
        reordered: false,
        index_fits: true,
    };
    let mut printer = ValuePrinter::new(out);
    while reader.at < format.len() && !printer.is_full() {
        let rest = &format[reader.at..];
        let plain = rest.iter().position(|b| *b == b'%').unwrap_or(rest.len());
        printer.out.extend_from_slice(&rest[..plain]);
        reader.at += plain;
        if reader.at < format.len() {
            reader.at += 1;
            reader.directive(&mut printer);
        }
    }
    if !reader.reordered && reader.next < values.len() {
        printer.spec = Spec::default();
        printer.push("%!(EXTRA ");
        for (i, value) in values[reader.next..].iter().enumerate() {
            if i > 0 {
                printer.push(", ");
            }
            printer.with_type(value);
        }
        printer.push(")");
    }
}

struct FormatReader<'f, 'v> {
    format: &'f [u8],
    at: usize,
    values: &'f [Value<'v>],
    next: usize,
    /// `true` if any value was selected by its index.
    reordered: bool,
    index_fits: bool,
}

impl FormatReader<'_, '_> {
    fn byte(&self) -> u8 {
        self.format.get(self.at).copied().unwrap_or(0)
    }

    fn directive(&mut self, printer: &mut ValuePrinter<'_>) {
        printer.spec = Spec::default();
        self.index_fits = true;
        loop {
            match self.byte() {
                b'#' => printer.spec.sharp = true,
                b'0' => printer.spec.zero = true,
                b'+' => printer.spec.plus = true,
                b'-' => printer.spec.minus = true,
                b' ' => printer.spec.space = true,
                _ => break,
            }
            self.at += 1;
        }
        let mut indexed = self.index();
        indexed = self.width(printer, indexed);
        if self.byte() == b'.' && self.at + 1 < self.format.len() {
            self.at += 1;
            self.index_fits &= !indexed;
            indexed = self.index();
            indexed = self.precision(printer, indexed);
        }
        if !indexed {
            self.index();
        }
        if self.at >= self.format.len() {
            printer.push("%!(NOVERB)");
            return;
        }
        let (verb, size) = decode(&self.format[self.at..]);
        self.at += size;
        match self.values.get(self.next) {
            _ if verb == '%' => printer.push("%"),
            _ if !self.index_fits => printer.verb_error(verb, "BADINDEX"),
            None => printer.verb_error(verb, "MISSING"),
            Some(value) => {
                if matches!(verb, 'v' | 'w') {
                    let spec = &mut printer.spec;
                    spec.sharp_v = std::mem::take(&mut spec.sharp);
                    spec.plus_v = std::mem::take(&mut spec.plus);
                }
                printer.argument(value, verb);
                self.next += 1;
            }
        }
    }

    /// Reads a width: a number or `*`. Returns whether an index is directly before the next
    /// part.
    fn width(&mut self, printer: &mut ValuePrinter<'_>, indexed: bool) -> bool {
        if self.byte() != b'*' {
            let width = self.number();
            self.index_fits &= !(indexed && width.is_some());
            printer.spec.width = width;
            return indexed;
        }
        self.at += 1;
        match self.int_value() {
            Some(width) => {
                printer.spec.width = Some(width.unsigned_abs() as usize);
                if width < 0 {
                    printer.spec.minus = true;
                    printer.spec.zero = false;
                }
            }
            None => printer.push("%!(BADWIDTH)"),
        }
        false
    }

    /// Reads a precision, as [`FormatReader::width`].
    fn precision(&mut self, printer: &mut ValuePrinter<'_>, indexed: bool) -> bool {
        if self.byte() != b'*' {
            printer.spec.precision = Some(self.number().unwrap_or(0));
            return indexed;
        }
        self.at += 1;
        let precision = self.int_value().and_then(|p| usize::try_from(p).ok());
        printer.spec.precision = precision;
        if precision.is_none() {
            printer.push("%!(BADPREC)");
        }
        false
    }

    /// Reads digits. A number that is too large ends the format.
    fn number(&mut self) -> Option<usize> {
        let mut number = None;
        while let digit @ b'0'..=b'9' = self.byte() {
            let value = number.unwrap_or(0);
            if value > MAX_WIDTH {
                self.at = self.format.len();
                return None;
            }
            number = Some(value * 10 + i64::from(digit - b'0'));
            self.at += 1;
        }
        number.map(|n| n as usize)
    }

    /// Reads the next value. `None` if it is no integer, or too large.
    fn int_value(&mut self) -> Option<i64> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        match value {
            Value::Int(i, _) if (-MAX_WIDTH..=MAX_WIDTH).contains(i) => Some(*i),
            _ => None,
        }
    }

    /// Reads `[n]`. Returns whether it is here and has a number.
    fn index(&mut self) -> bool {
        if self.byte() != b'[' {
            return false;
        }
        self.reordered = true;
        let rest = &self.format[self.at..];
        let close = rest.iter().position(|b| *b == b']');
        let Some(close) = close.filter(|_| rest.len() >= 3) else {
            self.at += 1;
            self.index_fits = false;
            return false;
        };
        let digits = std::str::from_utf8(&rest[1..close]).ok();
        self.at += close + 1;
        let index = digits
            .filter(|d| d.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|d| d.parse::<usize>().ok())
            .filter(|i| *i <= 10 * MAX_WIDTH as usize);
        let found = index.and_then(|i| i.checked_sub(1));
        match found.filter(|i| *i < self.values.len()) {
            Some(index) => self.next = index,
            None => self.index_fits = false,
        }
        index.is_some()
    }
}
