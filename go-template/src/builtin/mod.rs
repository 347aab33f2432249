//! The functions that every template can call.

mod compare;
mod escape;
mod index;

use super::format::{sprint, sprintf, sprintln};
use super::limits::MAX_VALUE;
use super::value::Value;

/// A function of the language itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Builtin {
    /// `and`: the first empty argument, or the last one.
    And,
    /// `call`: calls a function value, of which there are none.
    Call,
    /// `eq`: whether the first argument equals any other.
    Eq,
    /// `ge`: >=
    Ge,
    /// `gt`: >
    Gt,
    /// `html`: text escaped for HTML.
    Html,
    /// `index`: an element of a slice, a map or a string.
    Index,
    /// `js`: text escaped for JavaScript.
    Js,
    /// `le`: <=
    Le,
    /// `len`: how many elements or bytes.
    Len,
    /// `lt`: <
    Lt,
    /// `ne`: !=
    Ne,
    /// `not`: whether the argument is empty.
    Not,
    /// `or`: the first argument that is not empty, or the last one.
    Or,
    /// `print`: the arguments as text.
    Print,
    /// `printf`: the arguments as a format says.
    Printf,
    /// `println`: the arguments as text with a line end.
    Println,
    /// `slice`: a part of a slice or a string.
    Slice,
    /// `urlquery`: text escaped for the query of a URL.
    UrlQuery,
}

impl Builtin {
    /// All functions, by name.
    pub const ALL: [Builtin; 19] = [
        Builtin::And,
        Builtin::Call,
        Builtin::Eq,
        Builtin::Ge,
        Builtin::Gt,
        Builtin::Html,
        Builtin::Index,
        Builtin::Js,
        Builtin::Le,
        Builtin::Len,
        Builtin::Lt,
        Builtin::Ne,
        Builtin::Not,
        Builtin::Or,
        Builtin::Print,
        Builtin::Printf,
        Builtin::Println,
        Builtin::Slice,
        Builtin::UrlQuery,
    ];

    /// The name that templates call it by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Builtin::And => "and",
            Builtin::Call => "call",
            Builtin::Eq => "eq",
            Builtin::Ge => "ge",
            Builtin::Gt => "gt",
            Builtin::Html => "html",
            Builtin::Index => "index",
            Builtin::Js => "js",
            Builtin::Le => "le",
            Builtin::Len => "len",
            Builtin::Lt => "lt",
            Builtin::Ne => "ne",
            Builtin::Not => "not",
            Builtin::Or => "or",
            Builtin::Print => "print",
            Builtin::Printf => "printf",
            Builtin::Println => "println",
            Builtin::Slice => "slice",
            Builtin::UrlQuery => "urlquery",
        }
    }

    /// The function of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Builtin> {
        Builtin::ALL.into_iter().find(|b| b.name() == name)
    }

    /// The least and the greatest number of arguments.
    #[must_use]
    pub const fn arity(self) -> (usize, Option<usize>) {
        match self {
            Builtin::Not | Builtin::Len => (1, Some(1)),
            Builtin::Ge | Builtin::Gt | Builtin::Le | Builtin::Lt | Builtin::Ne => (2, Some(2)),
            Builtin::And
            | Builtin::Call
            | Builtin::Eq
            | Builtin::Index
            | Builtin::Or
            | Builtin::Printf
            | Builtin::Slice => (1, None),
            Builtin::Html | Builtin::Js | Builtin::Print | Builtin::Println | Builtin::UrlQuery => {
                (0, None)
            }
        }
    }

    /// Whether its work grows with the length of the strings that it is given or makes.
    pub(super) const fn is_long(self) -> bool {
        !matches!(
            self,
            Builtin::And
                | Builtin::Call
                | Builtin::Index
                | Builtin::Len
                | Builtin::Not
                | Builtin::Or
                | Builtin::Slice
        )
    }

    /// Calls it. The number of the arguments fits, and the first one of `printf` is a
    /// string.
    pub(super) fn call<'a>(self, args: &[Value<'a>]) -> Result<Value<'a>, String> {
        use compare::{equal, less, less_or_equal, not_equal};
        match (self, args) {
            (Builtin::And, [.., last]) => {
                Ok(args.iter().find(|a| !a.truth()).unwrap_or(last).clone())
            }
            (Builtin::Or, [.., last]) => {
                Ok(args.iter().find(|a| a.truth()).unwrap_or(last).clone())
            }
            (Builtin::Call, [first, ..]) => Err(match first {
                Value::Absent | Value::Nil => "there is nothing to call".to_owned(),
                _ => format!("{} is not a function", first.described()),
            }),
            (Builtin::Eq, [first, rest @ ..]) => equal(first, rest),
            (Builtin::Ne, [a, b]) => not_equal(a, b),
            (Builtin::Lt, [a, b]) => less(a, b).map(Value::Bool),
            (Builtin::Le, [a, b]) => less_or_equal(a, b).map(Value::Bool),
            (Builtin::Gt, [a, b]) => less_or_equal(a, b).map(|t| Value::Bool(!t)),
            (Builtin::Ge, [a, b]) => less(a, b).map(|t| Value::Bool(!t)),
            (Builtin::Html, _) => escaped(args, escape::html),
            (Builtin::Js, _) => escaped(args, escape::js),
            (Builtin::UrlQuery, _) => escaped(args, escape::url_query),
            (Builtin::Index, [item, indices @ ..]) => index::index(item, indices),
            (Builtin::Slice, [item, indices @ ..]) => index::slice(item, indices),
            (Builtin::Len, [item]) => index::len(item),
            (Builtin::Not, [a]) => Ok(Value::Bool(!a.truth())),
            (Builtin::Print, _) => made(|out| sprint(out, args)),
            (Builtin::Println, _) => made(|out| sprintln(out, args)),
            (Builtin::Printf, [Value::Str(format), rest @ ..]) => {
                made(|out| sprintf(out, format.bytes(), rest))
            }
            _ => Err("wrong arguments".to_owned()),
        }
    }
}

/// A string that is not too long.
fn made<'a>(make: impl FnOnce(&mut Vec<u8>)) -> Result<Value<'a>, String> {
    let mut out = Vec::new();
    make(&mut out);
    if out.len() > MAX_VALUE {
        return Err(format!("the text is longer than {MAX_VALUE} bytes"));
    }
    Ok(out.into())
}

/// The arguments as text, escaped.
fn escaped<'a>(args: &[Value<'a>], escape: fn(&mut Vec<u8>, &[u8])) -> Result<Value<'a>, String> {
    made(|out| match args {
        [Value::Str(text)] => escape(out, text.bytes()),
        _ => {
            let printed: Vec<_> = args.iter().map(super::printed).collect();
            let mut text = Vec::new();
            sprint(&mut text, &printed);
            escape(out, &text);
        }
    })
}
