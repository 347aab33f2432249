//! The functions that every template can call.

mod compare;
mod escape;
mod index;

use crate::format::{sprint, sprintf, sprintln};
use crate::limits::MAX_VALUE;
use crate::value::Value;

macro_rules! builtins {
    ($($(#[$doc:meta])* $variant:ident $name:literal ($least:literal, $most:expr);)*) => {
        /// A function of the language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Builtin {
            $($(#[$doc])* $variant,)*
        }

        impl Builtin {
            /// All functions, by name.
            pub const ALL: &[Builtin] = &[$(Builtin::$variant),*];

            /// The name in templates.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Builtin::$variant => $name,)*
                }
            }

            /// The minimum and the maximum number of arguments. `None` if there is no maximum.
            const fn arity(self) -> (usize, Option<usize>) {
                match self {
                    $(Builtin::$variant => ($least, $most),)*
                }
            }
        }
    };
}

builtins! {
    /// `and`: the first empty argument, or the last one.
    And "and" (1, None);
    /// `call`: calls a function value, of which there are none.
    Call "call" (1, None);
    /// `eq`: whether the first argument equals any other.
    Eq "eq" (1, None);
    /// `ge`: >=
    Ge "ge" (2, Some(2));
    /// `gt`: >
    Gt "gt" (2, Some(2));
    /// `html`: text escaped for HTML.
    Html "html" (0, None);
    /// `index`: an element of a slice, a map or a string.
    Index "index" (1, None);
    /// `js`: text escaped for JavaScript.
    Js "js" (0, None);
    /// `le`: <=
    Le "le" (2, Some(2));
    /// `len`: the number of elements or bytes.
    Len "len" (1, Some(1));
    /// `lt`: <
    Lt "lt" (2, Some(2));
    /// `ne`: !=
    Ne "ne" (2, Some(2));
    /// `not`: whether the argument is empty.
    Not "not" (1, Some(1));
    /// `or`: the first argument that is not empty, or the last one.
    Or "or" (1, None);
    /// `print`: the arguments as text.
    Print "print" (0, None);
    /// `printf`: the arguments as text in a format.
    Printf "printf" (1, None);
    /// `println`: the arguments as text with a line end.
    Println "println" (0, None);
    /// `slice`: a part of a slice or a string.
    Slice "slice" (1, None);
    /// `urlquery`: text escaped for the query of a URL.
    UrlQuery "urlquery" (0, None);
}

impl Builtin {
    pub(crate) fn parse(name: &str) -> Option<Builtin> {
        Builtin::ALL.iter().copied().find(|b| b.name() == name)
    }

    /// The error for this number of arguments. `None` if the number is right.
    pub(crate) fn count_error(self, given: usize) -> Option<String> {
        let (least, most) = self.arity();
        let name = self.name();
        match most {
            None if given < least => Some(format!(
                "`{name}` takes at least {}, got {given}",
                arguments(least)
            )),
            Some(most) if most != given => Some(count_error(name, most, given)),
            _ => None,
        }
    }

    /// `true` if the work grows with the length of the strings that are read or made.
    pub(crate) const fn is_long(self) -> bool {
        use Builtin::{And, Call, Index, Len, Not, Or, Slice};
        !matches!(self, And | Call | Index | Len | Not | Or | Slice)
    }

    /// Calls the function, unless it is `and` or `or`. The number of the arguments must be right,
    /// and the first one of `printf` a string.
    pub(crate) fn call<'a>(self, args: &[Value<'a>]) -> Result<Value<'a>, String> {
        use compare::{equal, less, less_or_equal};
        match (self, args) {
            (Builtin::Call, [first, ..]) => Err(match first {
                Value::Absent | Value::Nil => "there is nothing to call".to_owned(),
                _ => format!("{} is not a function", first.title()),
            }),
            (Builtin::Eq, [_]) => Err("there is nothing to compare with".to_owned()),
            (Builtin::Eq, [first, rest @ ..]) => {
                for other in rest {
                    if equal(first, other)? {
                        return Ok(true.into());
                    }
                }
                Ok(false.into())
            }
            (Builtin::Ne, [a, b]) => equal(a, b).map(|t| (!t).into()),
            (Builtin::Lt, [a, b]) => less(a, b).map(Value::Bool),
            (Builtin::Le, [a, b]) => less_or_equal(a, b).map(Value::Bool),
            (Builtin::Gt, [a, b]) => less_or_equal(a, b).map(|t| (!t).into()),
            (Builtin::Ge, [a, b]) => less(a, b).map(|t| (!t).into()),
            (Builtin::Html, _) => escaped(args, escape::html),
            (Builtin::Js, _) => escaped(args, escape::js),
            (Builtin::UrlQuery, _) => escaped(args, escape::url_query),
            (Builtin::Index, [item, indices @ ..]) => index::index(item, indices),
            (Builtin::Slice, [item, indices @ ..]) => index::slice(item, indices),
            (Builtin::Len, [item]) => index::len(item),
            (Builtin::Not, [a]) => Ok((!a.truth()).into()),
            (Builtin::Print, _) => made(|out| sprint(out, args)),
            (Builtin::Println, _) => made(|out| sprintln(out, args)),
            (Builtin::Printf, [Value::Str(format), rest @ ..]) => {
                made(|out| sprintf(out, format.bytes(), rest))
            }
            _ => Err("wrong arguments".to_owned()),
        }
    }
}

/// The error for a wrong number of arguments.
pub(crate) fn count_error(name: &str, wanted: usize, given: usize) -> String {
    format!("`{name}` takes {}, got {given}", arguments(wanted))
}

fn arguments(count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} argument{plural}")
}

/// The string that `make` appends. Fails if it is too long.
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
    made(|out| {
        let mut text = Vec::new();
        let printed: Vec<_> = args.iter().map(Value::printed).collect();
        sprint(&mut text, &printed);
        escape(out, &text);
    })
}
