//! A template as the lints see it: text, values, and where it branches.

use super::chars::Chars;

/// A part of a script.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// Text that is there whatever the variables.
    Text(String),
    /// A value.
    Hole(Hole),
    /// One of several continuations.
    Fork(Vec<Vec<Piece>>),
    /// A part that comes any number of times, or not at all.
    Loop(Vec<Piece>),
}

/// A place where a value goes.
#[derive(Clone, Debug)]
pub(crate) struct Hole {
    /// Where its action begins in the template, in bytes.
    pub(crate) start: usize,
    /// Where its action ends.
    pub(crate) end: usize,
    /// What it is, as written: `.Task`.
    pub(crate) shown: String,
    /// What is known of the value.
    pub(crate) value: Value,
}

/// Text that is made to be a string of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    /// JSON.
    Json,
    /// A string of PowerShell.
    PowerShell,
    /// A string of AppleScript.
    AppleScript,
}

/// What is known of a value before there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    /// What it can hold. Of an escaped value, what it can hold before it is escaped.
    pub(crate) chars: Chars,
    /// How many times it is made a word of a shell.
    pub(crate) escapes: u8,
    /// The kind of literal that it is written as, if it is.
    pub(crate) literal: Option<Literal>,
    /// The variable of the environment that holds the same, or what is escaped here.
    pub(crate) variable: Option<String>,
    /// What was escaped, as written.
    pub(crate) inner: Option<String>,
    /// The text, if it is always the same.
    pub(crate) constant: Option<String>,
}

impl Value {
    /// A value of these characters.
    pub(crate) fn of(chars: Chars) -> Value {
        Value {
            chars,
            escapes: 0,
            literal: None,
            variable: None,
            inner: None,
            constant: None,
        }
    }

    /// A value that means nothing to a shell, wherever it stands.
    pub(crate) fn safe() -> Value {
        Value::of(Chars::NONE)
    }

    /// A value that can be anything.
    pub(crate) fn free() -> Value {
        Value::of(Chars::ALL)
    }

    /// A text that is always the same.
    pub(crate) fn constant(text: &str) -> Value {
        Value {
            constant: Some(text.to_owned()),
            ..Value::of(Chars::of(text))
        }
    }

    /// The same value, which a variable of the environment holds, too.
    pub(crate) fn in_variable(self, name: impl Into<String>) -> Value {
        Value {
            variable: Some(name.into()),
            ..self
        }
    }

    /// Either of two.
    pub(crate) fn or(&self, other: &Value) -> Value {
        if self == other {
            return self.clone();
        }
        let escapes = match (self.escapes, other.escapes) {
            (a, b) if a == b => a,
            // A text that needs no escape is as good as escaped.
            (a, 0) if other.chars.is_none() => a,
            (0, b) if self.chars.is_none() => b,
            (a, b) => {
                let quotes = Value::free();
                return if a.max(b) > 0 {
                    quotes
                } else {
                    Value::of(self.chars.and(other.chars))
                };
            }
        };
        Value {
            escapes,
            literal: self.literal.filter(|kind| other.literal == Some(*kind)),
            ..Value::of(self.chars.and(other.chars))
        }
    }
}
