//! Which values are dangerous in which places.

use super::{Place, Spot};
use crate::lint::script::chars::Chars;
use crate::lint::script::interpreter::Language;
use crate::lint::script::piece::{Literal, Value};

/// What is dangerous about a value in a place; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hazard {
    /// Without quotes, a space splits it and `*` is replaced by names of files.
    Splits,
    /// Between backticks, a backtick ends the substitution, whatever the quotes.
    Backticks,
    /// In a comment, a line break ends the comment.
    Comment,
    /// In a here-document, a line of it can be the end of the document.
    QuotedDocument,
    /// In a here-document whose delimiter is not quoted, `$(…)` is run.
    Document,
    /// An escaped value between quotes: its own quotes end them, or mean nothing.
    EscapeInQuotes(Place),
    /// Between quotes that it can end, or that do not stop `$(…)`.
    Quoted(Place),
    /// In arithmetic, which runs `a[$(…)]`.
    Arithmetic,
    /// Without quotes.
    Unquoted,
    /// In code for another shell, where no quote of this one protects.
    Code {
        /// Whether that shell is on another machine.
        remote: bool,
    },
    /// In a script that is not for a shell.
    Foreign(&'static str),
}

impl Hazard {
    /// A stable name of the kind of hazard.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Hazard::Splits => "value-splits",
            Hazard::Backticks => "value-in-backticks",
            Hazard::Comment => "value-in-comment",
            Hazard::QuotedDocument | Hazard::Document => "value-in-here-document",
            Hazard::EscapeInQuotes(_) => "escape-in-quotes",
            Hazard::Quoted(_) => "value-in-quotes",
            Hazard::Arithmetic => "value-in-arithmetic",
            Hazard::Unquoted => "value-without-quotes",
            Hazard::Code { .. } => "value-in-code",
            Hazard::Foreign(_) => "value-in-source",
        }
    }
}

/// What is dangerous about a value in a shell script: for the place itself, or else for
/// what is around it.
pub(crate) fn in_shell(spot: Spot, value: &Value) -> Option<Hazard> {
    let ends_backticks = Chars::BACKTICK.and(Chars::BACKSLASH);
    if let (Some(remote), 0, false) = (spot.read_as_code, value.escapes, value.chars.is_none()) {
        return Some(Hazard::Code { remote });
    }
    if let Some(hazard) = in_place(spot.place, value) {
        Some(hazard)
    } else if spot.in_document && value.chars.meets(Chars::NEWLINE) {
        Some(Hazard::QuotedDocument)
    } else if spot.in_backticks && value.chars.meets(ends_backticks) {
        Some(Hazard::Backticks)
    } else {
        None
    }
}

fn in_place(place: Place, value: &Value) -> Option<Hazard> {
    let chars = value.chars;
    if chars.is_none() {
        return None;
    }
    let expands = Chars::DOLLAR.and(Chars::BACKTICK);
    let escaped = value.escapes > 0;
    match place {
        Place::Code { remote, quoted } => {
            // Escaped once for each shell that reads it, and nothing else around it.
            let enough = value.escapes >= 2 && !quoted;
            (!enough).then_some(Hazard::Code { remote })
        }
        Place::Prefixed if escaped => Some(Hazard::EscapeInQuotes(place)),
        Place::Unquoted if escaped => None,
        Place::Unquoted | Place::Prefixed => {
            let splits = Chars::SPACE.and(Chars::PATTERN);
            let only_splits = chars.without(splits).is_none();
            Some(if only_splits {
                Hazard::Splits
            } else {
                Hazard::Unquoted
            })
        }
        Place::Arithmetic => Some(Hazard::Arithmetic),
        Place::Double => {
            let quotes = Chars::DOUBLE.and(Chars::BACKSLASH);
            // An escape writes a single quote with double quotes around it.
            let own = if escaped { Chars::SINGLE } else { Chars::NONE };
            let ends = expands.and(quotes).and(own);
            if escaped {
                chars.meets(ends).then_some(Hazard::EscapeInQuotes(place))
            } else {
                chars.meets(ends).then_some(Hazard::Quoted(place))
            }
        }
        // Anything that needs an escape gets quotes, which end those around it.
        Place::Single | Place::DollarSingle if escaped => Some(Hazard::EscapeInQuotes(place)),
        Place::Single => chars.meets(Chars::SINGLE).then_some(Hazard::Quoted(place)),
        Place::DollarSingle => {
            let ends = Chars::SINGLE.and(Chars::BACKSLASH);
            chars.meets(ends).then_some(Hazard::Quoted(place))
        }
        Place::Document => {
            let ends = expands.and(Chars::NEWLINE);
            chars.meets(ends).then_some(Hazard::Document)
        }
        Place::QuotedDocument => chars
            .meets(Chars::NEWLINE)
            .then_some(Hazard::QuotedDocument),
        Place::Comment => chars.meets(Chars::NEWLINE).then_some(Hazard::Comment),
    }
}

/// What is dangerous about a value in a script of another language. Whatever the quotes
/// around it, a text that is not made for the language can end them; JSON is made for
/// some languages, as long as nothing is put around it.
pub(crate) fn elsewhere(language: Language, before: Option<char>, value: &Value) -> Option<Hazard> {
    let name = match language {
        Language::JsonLike(name) | Language::Expanding(name) => name,
        Language::Shell | Language::Unknown => return None,
    };
    let literal = match value.literal {
        Some(Literal::Json) => matches!(language, Language::JsonLike(_)),
        Some(Literal::PowerShell) => name == "PowerShell",
        Some(Literal::AppleScript) => name == "AppleScript",
        None => false,
    };
    let quoted = matches!(before, Some('"' | '\'' | '`'));
    if value.chars.is_none() || (literal && !quoted) {
        return None;
    }
    Some(Hazard::Foreign(name))
}
