//! Go's `text/template` for data whose types are known.
//!
//! A template is [parsed](parse) into a [`Document`], can be [checked](check()) against
//! the type of its data, and is [executed](execute) as often as needed. The host
//! describes its data with the tables of [`model`]; nothing here knows what they mean.
//!
//! What is covered is the language of Go 1.26 and 1.27: text and trimming, comments,
//! pipelines, variables and their scopes, `if`, `with`, `range` (over slices, maps and
//! integers), `break`, `continue`, `define`, `block`, `template`, all literals, all
//! built-in functions, all verbs of `printf`. Constants convert to the type of a
//! parameter, values do not. Faults are reported on the line where Go reports them.
//!
//! What is not: options such as `missingkey`, other delimiters, functions of the host's
//! own, function values (so `call` has nothing to call), channels and iterators, printing
//! real addresses of pointers, and names of time zones other than UTC. Where Go would exhaust
//! the machine, [`limits`] say so first.
//!
//! Nothing here panics, hangs or overflows the stack, whatever the template.

mod builtin;
mod check;
mod exec;
mod fault;
mod format;
pub mod json;
pub mod limits;
pub mod model;
mod names;
pub mod room;
pub mod syntax;
mod time;
mod types;
mod value;

pub use builtin::Builtin;
pub use check::{Flaw, Nilness, check};
pub use exec::execute;
pub use fault::{Fault, Span};
pub use names::{hash, nearest};
pub use syntax::ast::Document;
pub use syntax::{parse, print};
pub use time::{DURATION, Duration, Time};
pub use value::{List, Map, Object, Text, Value};

/// What a value is printed as: pointers as what they point to, nothing as a note.
fn printed<'a>(value: &Value<'a>) -> Value<'a> {
    match value {
        Value::Absent | Value::Nil => Value::from("<no value>"),
        Value::Object(object) => Value::Object(Object {
            pointer: false,
            ..*object
        }),
        _ => value.clone(),
    }
}
