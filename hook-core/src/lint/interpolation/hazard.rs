//! The values that are dangerous in a context.

use super::{CodeContext, CodeReader, HoleContext, ShellContext};
use crate::lint::script::char_set::CharSet;
use crate::lint::script::interpreter::Language;
use crate::lint::script::piece::{Literal, ValueTraits};

/// The danger of a value in its context; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hazard {
    /// Without quotes, a space splits it and `*` is replaced by names of files.
    Splits,
    /// In a string of JSON, a quote ends the string; elsewhere in JSON, text is no value.
    Json,
    /// Between backticks, a backtick ends the substitution in spite of quotes.
    Backticks,
    /// In a comment, a line break ends the comment.
    Comment,
    /// In a here-document, a line of the value can be the delimiter.
    QuotedHereDocument,
    /// In a here-document whose delimiter is not quoted, `$(…)` is run.
    HereDocument,
    /// An escaped value between quotes, which the quotes of the escape end or make useless.
    EscapeInQuotes(ShellContext),
    /// Between quotes that the value can end, or that do not stop `$(…)`.
    Quoted(ShellContext),
    /// In arithmetic, which runs `a[$(…)]`.
    Arithmetic,
    Unquoted,
    /// Inside code for another program, which the quotes of this shell do not protect.
    Code(CodeContext),
    /// In a script of another language than a shell's.
    Foreign(&'static str),
}

impl Hazard {
    /// The stable code of warnings about it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Hazard::Splits => "value-splits",
            Hazard::Backticks => "value-in-backticks",
            Hazard::Comment => "value-in-comment",
            Hazard::QuotedHereDocument | Hazard::HereDocument => "value-in-here-document",
            Hazard::EscapeInQuotes(_) => "escape-in-quotes",
            Hazard::Quoted(_) => "value-in-quotes",
            Hazard::Arithmetic => "value-in-arithmetic",
            Hazard::Unquoted => "value-without-quotes",
            Hazard::Code(_) => "value-in-code",
            Hazard::Json => "value-in-json",
            Hazard::Foreign(_) => "value-in-source",
        }
    }

    pub(crate) const fn is_in_document(self) -> bool {
        matches!(self, Hazard::QuotedHereDocument | Hazard::HereDocument)
    }
}

/// Returns the hazard of a value in a shell script: the hazard of its innermost context if
/// there is one, else that of the constructs around it.
pub(crate) fn in_shell(at: HoleContext, value: &ValueTraits) -> Option<Hazard> {
    let ends_backticks = CharSet::BACKTICK.union(CharSet::BACKSLASH);
    if value.chars.is_empty() {
        return None;
    }
    if let Some(code) = at.code {
        if !is_safe_in_code(code, at.context, value) {
            return Some(Hazard::Code(code));
        }
        if code.is_word {
            return None;
        }
    }
    if let Some(hazard) = in_context(at.context, value) {
        Some(hazard)
    } else if has_quotes_in_json(at, value) {
        Some(Hazard::EscapeInQuotes(at.context))
    } else if breaks_json(at, value) {
        Some(Hazard::Json)
    } else if at.in_document && value.chars.intersects(CharSet::NEWLINE) {
        Some(Hazard::QuotedHereDocument)
    } else if at.in_backticks && value.chars.intersects(ends_backticks) {
        Some(Hazard::Backticks)
    } else {
        None
    }
}

/// Returns the hazard of a variable of the shell, whose value needs no quotes but those of other
/// programs.
pub(crate) fn of_variable(at: HoleContext, value: &ValueTraits) -> Option<Hazard> {
    match at.code {
        Some(code) => Some(Hazard::Code(code)),
        None => breaks_json(at, value).then_some(Hazard::Json),
    }
}

/// Returns whether a value is one word, or one literal, of the code that it is part of.
fn is_safe_in_code(code: CodeContext, context: ShellContext, value: &ValueTraits) -> bool {
    if code.is_carried || code.is_nested {
        return false;
    }
    // This shell reads a word first, and takes away one escape.
    let escapes = match code.is_word {
        true if context != ShellContext::Unquoted => return false,
        true => 1,
        false => 0,
    };
    match code.reader {
        CodeReader::Shell | CodeReader::Su | CodeReader::Eval | CodeReader::Remote => {
            value.escapes > escapes
        }
        reader => {
            let fits = match value.literal {
                Some(Literal::Json) => {
                    matches!(
                        reader,
                        CodeReader::Python | CodeReader::JavaScript | CodeReader::Jq
                    )
                }
                Some(Literal::AppleScript) => reader == CodeReader::AppleScript,
                Some(Literal::PowerShell) => reader == CodeReader::PowerShell,
                None => false,
            };
            let is_quoted = matches!(code.before, Some('"' | '\'' | '`'));
            fits && value.escapes == escapes && !is_quoted
        }
    }
}

/// Returns whether a value is escaped in JSON of a here-document, where no shell takes the quotes
/// of the escape away.
fn has_quotes_in_json(at: HoleContext, value: &ValueTraits) -> bool {
    at.context == ShellContext::QuotedHereDocument
        && at.in_json_string.is_some()
        && value.escapes > 0
}

/// Returns whether a value can make JSON around it invalid.
fn breaks_json(at: HoleContext, value: &ValueTraits) -> bool {
    let Some(in_string) = at.in_json_string else {
        return false;
    };
    let ends = CharSet::DOUBLE
        .union(CharSet::BACKSLASH)
        .union(CharSet::NEWLINE);
    let is_json = value.literal == Some(Literal::Json);
    match in_string {
        true => value.chars.intersects(ends),
        false => !is_json && value.chars.intersects(ends),
    }
}

fn in_context(context: ShellContext, value: &ValueTraits) -> Option<Hazard> {
    let if_any = |chars: CharSet, hazard| value.chars.intersects(chars).then_some(hazard);
    let expands = CharSet::DOLLAR.union(CharSet::BACKTICK);
    let is_escaped = value.escapes > 0;
    match context {
        ShellContext::Prefixed if is_escaped => Some(Hazard::EscapeInQuotes(context)),
        ShellContext::Unquoted if is_escaped => None,
        ShellContext::Unquoted | ShellContext::Prefixed => {
            let splits = CharSet::SPACE.union(CharSet::PATTERN);
            Some(match value.chars.without(splits).is_empty() {
                true => Hazard::Splits,
                false => Hazard::Unquoted,
            })
        }
        ShellContext::Arithmetic => Some(Hazard::Arithmetic),
        ShellContext::Double => {
            let ends = expands.union(CharSet::DOUBLE).union(CharSet::BACKSLASH);
            match is_escaped {
                // An escape writes a single quote with double quotes around it.
                true => if_any(ends.union(CharSet::SINGLE), Hazard::EscapeInQuotes(context)),
                false => if_any(ends, Hazard::Quoted(context)),
            }
        }
        // An escaped value that is not plain has quotes of its own, which end the quotes
        // around it.
        ShellContext::Single | ShellContext::DollarSingle if is_escaped => {
            Some(Hazard::EscapeInQuotes(context))
        }
        ShellContext::Single => if_any(CharSet::SINGLE, Hazard::Quoted(context)),
        ShellContext::DollarSingle => {
            let ends = CharSet::SINGLE.union(CharSet::BACKSLASH);
            if_any(ends, Hazard::Quoted(context))
        }
        ShellContext::HereDocument => if_any(expands.union(CharSet::NEWLINE), Hazard::HereDocument),
        ShellContext::QuotedHereDocument => if_any(CharSet::NEWLINE, Hazard::QuotedHereDocument),
        ShellContext::Comment => if_any(CharSet::NEWLINE, Hazard::Comment),
    }
}

/// Returns the hazard of a value in a script of another language. Text can end any quotes
/// around it unless it was made for the language; JSON was made for some, as long as
/// nothing is put around it.
pub(crate) fn elsewhere(
    language: Language,
    before: Option<char>,
    value: &ValueTraits,
) -> Option<Hazard> {
    let name = match language {
        Language::JsonLike(name) | Language::Expanding(name) => name,
        Language::Shell | Language::Unknown => return None,
    };
    let is_literal = match value.literal {
        Some(Literal::Json) => matches!(language, Language::JsonLike(_)),
        Some(Literal::PowerShell) => name == "PowerShell",
        Some(Literal::AppleScript) => name == "AppleScript",
        None => false,
    };
    let is_quoted = matches!(before, Some('"' | '\'' | '`'));
    let is_safe = value.chars.is_empty() || (is_literal && !is_quoted);
    (!is_safe).then_some(Hazard::Foreign(name))
}
