//! The texts about a value that can become code.

use std::borrow::Cow;

use super::ShellContext;
use super::hazard::Hazard;
use crate::lint::script::piece::Hole;

/// Returns the message of the warning: the context of the value, and an input that is
/// dangerous there.
pub(crate) fn message(hole: &Hole, hazard: Hazard) -> String {
    let danger: Cow<'_, str> = match hazard {
        Hazard::Splits => "has no quotes around it: a space in it splits it into two words".into(),
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
        Hazard::Code { remote: false } => {
            "is in code for another shell, where quotes of this one do not protect it: `$(id)` \
             in it is run"
                .into()
        }
        Hazard::Code { remote: true } => {
            "is in code for the shell of another machine, where quotes of this one do not \
             protect it: `$(id)` in it is run there"
                .into()
        }
        Hazard::Foreign(language) => format!(
            "is in the source of a {language} script: a quote in it ends the string, and what \
             follows is run"
        )
        .into(),
    };
    format!("{} {danger}", short(&hole.shown))
}

/// Returns the remedy: the safe way to pass the value.
pub(crate) fn remedy(hole: &Hole, hazard: Hazard) -> String {
    use Hazard as H;
    use ShellContext::{Double, Prefixed};

    let expression = hole.value.inner.as_deref().unwrap_or(&hole.shown);
    let escaped = match expression.contains([' ', '|']) && !expression.starts_with('(') {
        true => format!("{{{{ .ShellEscape ({expression}) }}}}"),
        false => format!("{{{{ .ShellEscape {expression} }}}}"),
    };
    match (hazard, hole.value.variable.as_deref()) {
        (H::Backticks, _) => "write `$(…)` instead of the backticks".to_owned(),
        (H::Comment, _) => "take it out of the comment".to_owned(),
        (H::Foreign(language), Some(name)) => {
            let read = environment(language, name);
            format!("read it from the environment: {read}")
        }
        (H::Foreign(_), None) => {
            "read it from the JSON file that the variable `HOOK_EVENT_FILE` names".to_owned()
        }
        (H::Code { remote: true }, _) => format!(
            "escape it once for each shell, without quotes around it: \
             `{{{{ .ShellEscape (.ShellEscape {expression}) }}}}`"
        ),
        (H::Code { remote: false }, Some(name)) => {
            format!("put the code into single quotes and write `\"${name}\"` in it")
        }
        (H::Code { remote: false }, None) => format!(
            "put the code into single quotes and give it the value as an argument: \
             `sh -c '… \"$1\" …' sh {escaped}`"
        ),
        (H::QuotedHereDocument, Some(name)) => {
            format!("take the quotes off the delimiter and write `${name}` in its place")
        }
        (H::HereDocument | H::QuotedHereDocument, None) => {
            format!("print it instead: `printf '%s\\n' {escaped}`")
        }
        (H::EscapeInQuotes(Prefixed), _) => "take away the `\\`, `$` or `<<` before it".to_owned(),
        (H::HereDocument | H::Quoted(Double) | H::EscapeInQuotes(Double), Some(name)) => {
            format!("write `${name}` in its place")
        }
        (H::Quoted(_) | H::EscapeInQuotes(_), Some(name)) => {
            format!("end the quotes before it and begin them again behind it: `'\"${name}\"'`")
        }
        (H::Quoted(context) | H::EscapeInQuotes(context), None) => {
            let quote = if context == Double { '"' } else { '\'' };
            format!(
                "end the quotes before it and begin them again behind it: `{quote}{escaped}{quote}`"
            )
        }
        (H::Arithmetic, Some(name)) => {
            format!("see that it is a number first: `case ${name} in *[!0-9]*) exit 1;; esac`")
        }
        (H::Arithmetic, None) => {
            "let the template compute it, or see that it is a number first".to_owned()
        }
        (H::Unquoted | H::Splits, Some(name)) => format!("write `\"${name}\"` in its place"),
        (H::Unquoted | H::Splits, None) => format!("write `{escaped}`"),
    }
}

/// Returns the code with which a language reads a variable of the environment.
fn environment(language: &str, name: &str) -> String {
    match language {
        "Python" => format!("`os.environ[\"{name}\"]`"),
        "JavaScript" => format!("`process.env.{name}`"),
        "AppleScript" => format!("`system attribute \"{name}\"`"),
        "Perl" => format!("`$ENV{{{name}}}`"),
        "Ruby" => format!("`ENV[\"{name}\"]`"),
        "PHP" => format!("`getenv('{name}')`"),
        _ => format!("`$env:{name}`"),
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
