//! Formatting of values of any type, and of errors for verbs that do not fit.

use super::ValuePrinter;
use crate::model::{INT64, StructType, UINT64};
use crate::time::Time;
use crate::value::{Object, Value};

/// The type of the time zone in a time.
static LOCATION: StructType = StructType::new("time.Location", "the time zone", &[], &[]);

impl<'a> ValuePrinter<'_> {
    pub(super) fn argument(&mut self, value: &Value<'a>, verb: char) {
        match (value, verb) {
            (Value::Absent | Value::Nil, 'v' | 'T') => self.pad(b"<nil>"),
            (_, 'T') => {
                let name = value.ty().to_string();
                self.string(name.as_bytes(), 's');
            }
            (_, 'w') => self.misfit(value, verb), // Go has errors for it
            (Value::NilPointer(_) | Value::List(_) | Value::Map(_), 'p') => {
                self.address(!value.is_nil(), verb);
            }
            (Value::Object(object), 'p') if object.pointer => {
                self.address(true, verb);
            }
            (_, 'p') => self.misfit(value, verb),
            _ => self.value(value, verb, 0),
        }
    }

    /// Appends a value that is `depth` levels deep in the argument.
    fn value(&mut self, value: &Value<'a>, verb: char, depth: usize) {
        if !self.in_error && self.by_method(value, verb) {
            return;
        }
        let fits = match value {
            Value::Absent | Value::Nil if depth > 0 => {
                let any = if self.spec.sharp_v {
                    "interface {}(nil)"
                } else {
                    "<nil>"
                };
                self.push(any);
                true
            }
            Value::Absent | Value::Nil => false,
            Value::Bool(truth) => self.bool(*truth, verb),
            Value::Int(i, ty) => self.integer(*i, ty, verb),
            Value::Float(f) => self.float(*f, verb),
            Value::Complex(re, im) => self.complex(*re, *im, verb),
            Value::Str(text) => self.string(text.bytes(), verb),
            Value::List(list) => {
                let elements = list.iter().map(|v| (None, v));
                return self.composite(value, "[", elements, verb, depth);
            }
            Value::Map(map) => {
                let entries = map.sorted().into_iter().map(|(k, v)| (Some(k), v));
                return self.composite(value, "map[", entries, verb, depth);
            }
            Value::Object(object) => return self.object(object, verb, depth),
            Value::NilPointer(ty) if self.spec.sharp_v && verb == 'v' => {
                self.push(&format!("(*{})(nil)", ty.name));
                true
            }
            Value::NilPointer(_) => self.address(false, verb),
            Value::Time(time) => return self.time(*time, verb, depth),
        };
        if !fits {
            self.misfit(value, verb);
        }
    }

    /// Appends the result of the method `String` or `GoString`. `false` if the verb does not
    /// call it.
    fn by_method(&mut self, value: &Value<'a>, verb: char) -> bool {
        match value {
            Value::Time(time) if self.spec.sharp_v => {
                self.spec.sharp_v = false;
                self.string(time.go_source().as_bytes(), 's');
                self.spec.sharp_v = true;
                true
            }
            _ if self.spec.sharp_v || !matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') => false,
            Value::Int(i, ty) => match ty.text {
                Some(text) => self.string(text(*i).as_bytes(), verb),
                None => false,
            },
            Value::Time(time) => self.string(time.to_string().as_bytes(), verb),
            _ => false,
        }
    }

    /// Appends the elements of a slice or the entries of a map.
    fn composite(
        &mut self,
        value: &Value<'a>,
        open: &str,
        elements: impl Iterator<Item = (Option<&'a str>, Value<'a>)>,
        verb: char,
        depth: usize,
    ) {
        if !self.spec.sharp_v {
            self.push(open);
            self.elements(elements, verb, depth);
            self.push("]");
            return;
        }
        self.push(&value.ty().to_string());
        if value.is_nil() {
            self.push("(nil)");
            return;
        }
        self.push("{");
        self.elements(elements, verb, depth);
        self.push("}");
    }

    fn elements(
        &mut self,
        elements: impl Iterator<Item = (Option<&'a str>, Value<'a>)>,
        verb: char,
        depth: usize,
    ) {
        for (i, (key, element)) in elements.enumerate() {
            if self.is_full() {
                break;
            }
            self.separator(i);
            if let Some(key) = key {
                self.value(&Value::from(key), verb, depth + 1);
                self.push(":");
            }
            self.value(&element, verb, depth + 1);
        }
    }

    fn separator(&mut self, index: usize) {
        match index {
            0 => {}
            _ if self.spec.sharp_v => self.push(", "),
            _ => self.push(" "),
        }
    }

    fn object(&mut self, object: &Object<'a>, verb: char, depth: usize) {
        if object.pointer && depth > 0 {
            if !self.address(true, verb) {
                self.misfit(&Value::Object(*object), verb);
            }
            return;
        }
        self.push(if object.pointer { "&" } else { "" });
        let fields = object.ty.fields.iter();
        let fields = fields.map(|field| (field.name, (field.get)(object.data)));
        self.fields(object.ty.name, fields, verb, depth);
    }

    fn fields(
        &mut self,
        ty: &str,
        fields: impl Iterator<Item = (&'static str, Value<'a>)>,
        verb: char,
        depth: usize,
    ) {
        self.push(if self.spec.sharp_v { ty } else { "" });
        self.push("{");
        for (i, (name, value)) in fields.enumerate() {
            self.separator(i);
            if self.spec.sharp_v || self.spec.plus_v {
                self.push(name);
                self.push(":");
            }
            self.value(&value, verb, depth + 1);
        }
        self.push("}");
    }

    /// Appends the fields of Go's `time.Time`, for verbs that do not print text.
    fn time(&mut self, time: Time, verb: char, depth: usize) {
        let fields = [
            ("wall", Value::Int(time.nanosecond().into(), &UINT64)),
            ("ext", Value::Int(time.since_year_one(), &INT64)),
            ("loc", Value::NilPointer(&LOCATION)),
        ];
        self.fields("time.Time", fields.into_iter(), verb, depth);
    }

    /// Appends the address of a pointer, which is the same for all. `false` if the verb does not
    /// print addresses.
    fn address(&mut self, set: bool, verb: char) -> bool {
        let address = if set { 0xc0_0000_0000 } else { 0 };
        match (set, verb) {
            (false, 'v') => self.pad(b"<nil>"),
            (_, 'v' | 'p') => {
                self.spec.sharp = !self.spec.sharp;
                self.integer(address, &INT64, 'x');
                self.spec.sharp = !self.spec.sharp;
            }
            (_, 'b' | 'o' | 'd' | 'x' | 'X') => {
                self.integer(address, &INT64, verb);
            }
            _ => return false,
        }
        true
    }

    /// Appends `%!d(string=text)`, the error for a verb that does not fit the value.
    fn misfit(&mut self, value: &Value<'a>, verb: char) {
        let outer = std::mem::replace(&mut self.in_error, true);
        self.push(&format!("%!{verb}("));
        self.with_type(value);
        self.push(")");
        self.in_error = outer;
    }

    /// Appends `string=text`.
    pub(super) fn with_type(&mut self, value: &Value<'a>) {
        if matches!(value, Value::Absent | Value::Nil) {
            self.push("<nil>");
            return;
        }
        self.push(&value.ty().to_string());
        self.push("=");
        self.argument(value, 'v');
    }

    /// Appends an error such as `%!d(MISSING)`.
    pub(super) fn verb_error(&mut self, verb: char, error: &str) {
        self.push(&format!("%!{verb}({error})"));
    }
}
