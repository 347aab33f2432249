//! A template as the lints see it: text, values, and where it branches.

use super::char_set::CharSet;

/// A part of a script.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// Text that does not depend on the variables, and its beginning in the template, in
    /// bytes.
    Text { start: usize, text: String },
    /// A value.
    Hole(Hole),
    /// One of several continuations.
    Fork(Vec<Vec<Piece>>),
    /// A part that is repeated any number of times, or omitted.
    Loop(Vec<Piece>),
}

/// A place in a template where a value is printed, or is read from a variable of the shell.
#[derive(Clone, Debug)]
pub(crate) struct Hole {
    /// The beginning of its action in the template, in bytes.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Its expression as written: `.Task`, or `$HOOK_TASK`.
    pub(crate) shown: String,
    /// True if it is a variable of the shell.
    pub(crate) is_variable: bool,
    pub(crate) value: ValueTraits,
}

impl Hole {
    /// A variable of the shell.
    pub(crate) fn variable(start: usize, end: usize, name: String) -> Hole {
        Hole {
            start,
            end,
            shown: format!("${name}"),
            is_variable: true,
            value: ValueTraits::free().in_variable(name),
        }
    }
}

/// Output that is a literal of a programming language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Json,
    PowerShell,
    AppleScript,
}

/// The traits of a value that do not depend on the variables of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueTraits {
    /// The characters that it can hold. Of an escaped value, those before it is escaped.
    pub(crate) chars: CharSet,
    /// The number of times that it is quoted as a word of a shell.
    pub(crate) escapes: u8,
    /// The literal that it is written as, if any.
    pub(crate) literal: Option<Literal>,
    /// The environment variable that holds the value, or what is escaped in it.
    pub(crate) variable: Option<String>,
    /// The expression that is escaped, as written.
    pub(crate) inner: Option<String>,
    /// The expression of Go that is written as a literal, as written.
    pub(crate) marshalled: Option<String>,
    /// The text, if it is always the same.
    pub(crate) constant: Option<String>,
}

impl ValueTraits {
    /// Returns the traits of a value of these characters.
    pub(crate) fn of(chars: CharSet) -> ValueTraits {
        ValueTraits {
            chars,
            escapes: 0,
            literal: None,
            variable: None,
            inner: None,
            marshalled: None,
            constant: None,
        }
    }

    /// Returns the traits of a value that is harmless in every context.
    pub(crate) fn safe() -> ValueTraits {
        ValueTraits::of(CharSet::EMPTY)
    }

    /// Returns the traits of a value that can be anything.
    pub(crate) fn free() -> ValueTraits {
        ValueTraits::of(CharSet::ALL)
    }

    /// Returns the traits of a text that is always the same.
    pub(crate) fn constant(text: &str) -> ValueTraits {
        ValueTraits {
            constant: Some(text.to_owned()),
            ..ValueTraits::of(CharSet::of(text))
        }
    }

    /// Notes that an environment variable holds the value, too.
    pub(crate) fn in_variable(self, name: impl Into<String>) -> ValueTraits {
        ValueTraits {
            variable: Some(name.into()),
            ..self
        }
    }

    /// Returns the traits of the value as a literal. A value that is no more than letters
    /// and digits stays harmless between the literal's quotes.
    pub(crate) fn as_literal(&self, literal: Literal) -> ValueTraits {
        let escapes = CharSet::DOUBLE.union(CharSet::BACKSLASH);
        let chars = match literal {
            _ if self.chars.is_empty() => self.chars,
            Literal::Json => self.chars.union(escapes).without(CharSet::NEWLINE),
            Literal::AppleScript => self.chars.union(escapes),
            Literal::PowerShell => self.chars.union(CharSet::SINGLE),
        };
        ValueTraits {
            literal: Some(literal),
            ..ValueTraits::of(chars)
        }
    }

    /// Returns the traits of a value that is one or the other.
    pub(crate) fn or(&self, other: &ValueTraits) -> ValueTraits {
        if self == other {
            return self.clone();
        }
        let chars = self.chars.union(other.chars);
        let escapes = match (self.escapes, other.escapes) {
            (a, b) if a == b => a,
            // A constant without special characters needs no escape.
            (a, 0) if other.chars.is_empty() => a,
            (0, b) if self.chars.is_empty() => b,
            // One has quotes of its own and the other has not.
            _ => return ValueTraits::free(),
        };
        ValueTraits {
            escapes,
            literal: self.literal.filter(|kind| other.literal == Some(*kind)),
            ..ValueTraits::of(chars)
        }
    }
}
