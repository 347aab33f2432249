//! Messages about values that can become code.

use std::borrow::Cow;

use super::hazard::Hazard;
use super::{CodeReader, ShellContext};
use crate::lint::script::piece::Hole;

/// Returns the message of the warning: the context of the value, and an input that is
/// dangerous there.
pub(crate) fn message(hole: &Hole, hazard: Hazard) -> String {
    let danger: Cow<'_, str> = match hazard {
        Hazard::Splits => "has no quotes around it: a space in it splits it into two words".into(),
        Hazard::Json => {
            "is in JSON, where text needs quotes and escapes of JSON: a `\"` or a line break in \
             it makes the JSON invalid"
                .into()
        }
        Hazard::Backticks => {
            "is between backticks, where quotes do not protect it: the value `` `; id; ` `` runs \
             `id`"
                .into()
        }
        Hazard::Comment => {
            "is in a comment, which ends with the line: the second line of a value is run".into()
        }
        Hazard::QuotedHereDocument => {
            "is in a here-document, which a line of the value can end: the lines after that are \
             run"
            .into()
        }
        Hazard::HereDocument => {
            "is in a here-document that the shell expands: `$(id)` in it is run".into()
        }
        Hazard::EscapeInQuotes(ShellContext::Double) => {
            "is escaped and between double quotes, where its own quotes mean nothing: `$(id)` in \
             it is run"
                .into()
        }
        Hazard::EscapeInQuotes(ShellContext::Prefixed) => {
            "is escaped behind a character that changes the meaning of its own quotes: the value \
             `a; id` runs `id`"
                .into()
        }
        Hazard::EscapeInQuotes(ShellContext::QuotedHereDocument) => {
            "is escaped in JSON of a here-document, where its own quotes stay: the JSON is invalid"
                .into()
        }
        Hazard::EscapeInQuotes(_) => {
            "is escaped and between quotes, which its own quotes end: the value `a; id` runs `id`"
                .into()
        }
        Hazard::Quoted(ShellContext::Double) => {
            "is between double quotes: `$(id)` in it is run".into()
        }
        Hazard::Quoted(_) => {
            "is between quotes that it can end: the value `'; id; '` runs `id`".into()
        }
        Hazard::Arithmetic => "is in arithmetic: `a[$(id)]` in it is run".into(),
        Hazard::Unquoted => "has no quotes around it: the value `; id` runs `id`".into(),
        Hazard::Code(code) => in_code(code.reader).into(),
        Hazard::Foreign(language) => format!(
            "is in the source of a {language} script: a quote in it ends the string, and what \
             follows is run"
        )
        .into(),
    };
    format!("{} {danger}", short(&hole.shown))
}

fn in_code(reader: CodeReader) -> String {
    let (language, danger) = match reader {
        CodeReader::Shell | CodeReader::Su => ("another shell", "`$(id)` in it is run"),
        CodeReader::Eval => {
            return "is in code that the shell reads once more: `$(id)` in it is run".to_owned();
        }
        CodeReader::Remote => ("the shell of another machine", "`$(id)` in it is run there"),
        CodeReader::Sed => (
            "sed",
            "a `/` in it ends the pattern, and commands that follow are run",
        ),
        CodeReader::Jq => (
            "jq",
            "a quote in it ends the string, and what follows is run",
        ),
        CodeReader::Psql | CodeReader::MySql | CodeReader::Sqlite => (
            "a database",
            "a quote in it ends the string, and statements that follow are run",
        ),
        reader => (
            language(reader),
            "a quote in it ends the string, and what follows is run",
        ),
    };
    format!("is in code for {language}, where quotes of this shell do not protect it: {danger}")
}

/// Returns the name of a programming language.
fn language(reader: CodeReader) -> &'static str {
    match reader {
        CodeReader::AppleScript => "AppleScript",
        CodeReader::Python => "Python",
        CodeReader::Perl => "Perl",
        CodeReader::Ruby => "Ruby",
        CodeReader::JavaScript => "JavaScript",
        CodeReader::Php => "PHP",
        CodeReader::PowerShell => "PowerShell",
        _ => "awk",
    }
}

/// Returns an expression in backticks, on one line and cut to 40 characters.
fn short(expression: &str) -> String {
    let words: Vec<&str> = expression.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(40) {
        Some((at, _)) => format!("`{}…`", &line[..at]),
        None => format!("`{line}`"),
    }
}
