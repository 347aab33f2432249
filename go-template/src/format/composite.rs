//! Values of any type, and what is said when a verb does not fit.

use super::Printer;
use crate::Time;
use crate::model::{INT64, StructType, Type, UINT64};
use crate::value::{Object, Value};

/// What a time keeps of its zone; shown only to verbs that print no text.
static LOCATION: StructType = StructType::new("time.Location", "the time zone", &[], &[]);

impl<'a> Printer<'_> {
    /// Adds a value that was given to a verb.
    pub(super) fn argument(&mut self, value: &Value<'a>, verb: char) {
        match (value, verb) {
            (Value::Absent | Value::Nil, 'v' | 'T') => self.pad(b"<nil>"),
            (_, 'T') => {
                let name = value.ty().to_string();
                self.string(name.as_bytes(), 's');
            }
            (_, 'w') => self.misfit(value, verb), // only for errors, elsewhere
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

    /// Adds a value, `depth` levels within the one that was given.
    fn value(&mut self, value: &Value<'a>, verb: char, depth: usize) {
        if !self.in_error && self.by_method(value, verb) {
            return;
        }
        let fits = match value {
            Value::Absent | Value::Nil if depth > 0 => {
                self.push(if self.spec.sharp_v {
                    "interface {}(nil)"
                } else {
                    "<nil>"
                });
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
                self.composite(value.ty(), list.is_nil(), ["[", "]"], elements, verb, depth)
            }
            Value::Map(map) => {
                let entries = map.sorted().into_iter().map(|(k, v)| (Some(k), v));
                self.composite(
                    value.ty(),
                    map.is_nil(),
                    ["map[", "]"],
                    entries,
                    verb,
                    depth,
                )
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

    /// Lets the value's own method give the text, if it has one and the verb takes text.
    fn by_method(&mut self, value: &Value<'a>, verb: char) -> bool {
        if self.spec.sharp_v {
            if let Value::Time(time) = value {
                let text = time.go_source();
                let sharp_v = std::mem::replace(&mut self.spec.sharp_v, false);
                self.string(text.as_bytes(), 's');
                self.spec.sharp_v = sharp_v;
                return true;
            }
            return false;
        }
        if !matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') {
            return false;
        }
        match value {
            Value::Int(i, ty) => match ty.text {
                Some(text) => self.string(text(*i).as_bytes(), verb),
                None => false,
            },
            Value::Time(time) => self.string(time.to_string().as_bytes(), verb),
            _ => false,
        }
    }

    /// Adds the elements of a slice or the entries of a map.
    fn composite(
        &mut self,
        ty: Type,
        nil: bool,
        [open, close]: [&str; 2],
        elements: impl Iterator<Item = (Option<&'a str>, Value<'a>)>,
        verb: char,
        depth: usize,
    ) -> bool {
        let source = self.spec.sharp_v;
        if source {
            self.push(&ty.to_string());
            if nil {
                self.push("(nil)");
                return true;
            }
        }
        self.push(if source { "{" } else { open });
        for (i, (key, element)) in elements.enumerate() {
            if self.is_full() {
                break;
            }
            if i > 0 {
                self.push(if source { ", " } else { " " });
            }
            if let Some(key) = key {
                self.value(&Value::from(key), verb, depth + 1);
                self.push(":");
            }
            self.value(&element, verb, depth + 1);
        }
        self.push(if source { "}" } else { close });
        true
    }

    fn object(&mut self, object: &Object<'a>, verb: char, depth: usize) {
        let source = self.spec.sharp_v;
        if object.pointer && depth > 0 {
            if !self.address(true, verb) {
                self.misfit(&Value::Object(*object), verb);
            }
            return;
        }
        if object.pointer {
            self.push("&");
        }
        if source {
            self.push(object.ty.name);
        }
        self.push("{");
        for (i, field) in object.ty.fields.iter().enumerate() {
            if i > 0 {
                self.push(if source { ", " } else { " " });
            }
            if source || self.spec.plus_v {
                self.push(field.name);
                self.push(":");
            }
            self.value(&(field.get)(object.data), verb, depth + 1);
        }
        self.push("}");
    }

    /// Adds what Go keeps of a time, for verbs that take no text.
    fn time(&mut self, time: Time, verb: char, depth: usize) {
        let source = self.spec.sharp_v;
        self.push(if source { "time.Time{" } else { "{" });
        let parts = [
            ("wall", Value::Int(time.nanosecond().into(), &UINT64)),
            ("ext", Value::Int(time.since_year_one(), &INT64)),
            ("loc", Value::NilPointer(&LOCATION)),
        ];
        for (i, (name, part)) in parts.iter().enumerate() {
            if i > 0 {
                self.push(if source { ", " } else { " " });
            }
            if source || self.spec.plus_v {
                self.push(name);
                self.push(":");
            }
            self.value(part, verb, depth + 1);
        }
        self.push("}");
    }

    /// Adds the address of a pointer. There is no use in a real one, so all are alike.
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

    /// Adds `%!d(string=text)`: the verb does not fit the value.
    fn misfit(&mut self, value: &Value<'a>, verb: char) {
        let outer = std::mem::replace(&mut self.in_error, true);
        self.push(&format!("%!{verb}("));
        self.with_type(value);
        self.push(")");
        self.in_error = outer;
    }

    /// Adds `string=text`.
    pub(super) fn with_type(&mut self, value: &Value<'a>) {
        if matches!(value, Value::Absent | Value::Nil) {
            self.push("<nil>");
            return;
        }
        self.push(&value.ty().to_string());
        self.push("=");
        self.argument(value, 'v');
    }

    /// Adds `%!d(MISSING)` and its like.
    pub(super) fn verb_error(&mut self, verb: char, what: &str) {
        self.push(&format!("%!{verb}({what})"));
    }
}
