//! What to say about a value that can become code.

use super::Place;
use super::hazard::Hazard;
use crate::lint::script::piece::Hole;

/// What is wrong: the value, the place, and an input that shows it.
pub(crate) fn message(hole: &Hole, hazard: Hazard) -> String {
    let value = short(&hole.shown);
    match hazard {
        Hazard::Splits => {
            format!("{value} has no quotes around it: a space in it splits it into two words")
        }
        Hazard::Backticks => format!(
            "{value} stands between backticks, where no quote protects: of `` `; id; ` ``, `id` is run"
        ),
        Hazard::Comment => {
            format!("{value} stands in a comment: the second line of a value is run")
        }
        Hazard::QuotedDocument => format!(
            "{value} stands in a here-document: a line in it that is the delimiter ends the \
             document, and the lines after that are run"
        ),
        Hazard::Document => format!(
            "{value} stands in a here-document that the shell expands: `$(id)` in it is run"
        ),
        Hazard::EscapeInQuotes(Place::Double) => format!(
            "{value} stands between double quotes, where its own quotes mean nothing: `$(id)` \
             in it is run"
        ),
        Hazard::EscapeInQuotes(Place::Prefixed) => format!(
            "{value} stands behind a character that changes what its own quotes mean: of `a; id`, \
             `id` is run"
        ),
        Hazard::EscapeInQuotes(_) => format!(
            "{value} stands between quotes that its own quotes end: of `a; id`, `id` is run"
        ),
        Hazard::Quoted(Place::Double) => {
            format!("{value} stands between double quotes: `$(id)` in it is run")
        }
        Hazard::Quoted(_) => {
            format!("{value} stands between quotes that it can end: of `'; id; '`, `id` is run")
        }
        Hazard::Arithmetic => {
            format!("{value} stands in arithmetic: `a[$(id)]` in it is run")
        }
        Hazard::Unquoted => format!("{value} has no quotes around it: of `; id`, `id` is run"),
        Hazard::Code { remote: false } => format!(
            "{value} stands in code for another shell, whatever the quotes here: `$(id)` in it \
             is run"
        ),
        Hazard::Code { remote: true } => format!(
            "{value} stands in code for the shell of another machine, whatever the quotes here: \
             `$(id)` in it is run there"
        ),
        Hazard::Foreign(language) => format!(
            "{value} stands in the source of a {language} script: a quote in it ends the string, \
             and what follows is run"
        ),
    }
}

/// How to do the same without the danger.
pub(crate) fn remedy(hole: &Hole, hazard: Hazard) -> String {
    let expression = hole.value.inner.as_deref().unwrap_or(&hole.shown);
    let escaped = match expression.contains([' ', '|']) && !expression.starts_with('(') {
        true => format!("{{{{ .ShellEscape ({expression}) }}}}"),
        false => format!("{{{{ .ShellEscape {expression} }}}}"),
    };
    let variable = hole.value.variable.as_deref();
    match (hazard, variable) {
        (Hazard::Backticks, _) => "write `$(…)` instead of the backticks".to_owned(),
        (Hazard::Comment, _) => "take it out of the comment".to_owned(),
        (Hazard::Foreign(language), Some(name)) => {
            format!(
                "read it from the environment: {}",
                environment(language, name)
            )
        }
        (Hazard::Foreign(_), None) => {
            "read it from the JSON file that the variable `HOOK_EVENT_FILE` names".to_owned()
        }
        (Hazard::Code { remote: true }, _) => format!(
            "escape it once for each shell, without quotes around it: \
             `{{{{ .ShellEscape (.ShellEscape {expression}) }}}}`"
        ),
        (Hazard::Code { remote: false }, Some(name)) => {
            format!("put the code into single quotes and write `\"${name}\"` in it")
        }
        (Hazard::Code { remote: false }, None) => format!(
            "put the code into single quotes and give it the value as an argument: \
             `sh -c '… \"$1\" …' sh {escaped}`"
        ),
        (Hazard::Document, Some(name)) => format!("write `${name}` in its place"),
        (Hazard::QuotedDocument, Some(name)) => {
            format!("take the quotes off the delimiter and write `${name}` in its place")
        }
        (Hazard::Document | Hazard::QuotedDocument, None) => {
            format!("print it instead: `printf '%s\\n' {escaped}`")
        }
        (Hazard::EscapeInQuotes(Place::Prefixed), _) => {
            "take away the `\\`, `$` or `<<` before it".to_owned()
        }
        (Hazard::Quoted(Place::Double) | Hazard::EscapeInQuotes(Place::Double), Some(name)) => {
            format!("write `${name}` in its place")
        }
        (Hazard::Quoted(_) | Hazard::EscapeInQuotes(_), Some(name)) => {
            format!("end the quotes before it and begin them again behind it: `'\"${name}\"'`")
        }
        (Hazard::Quoted(place) | Hazard::EscapeInQuotes(place), None) => {
            let quote = match place {
                Place::Double => '"',
                _ => '\'',
            };
            format!(
                "end the quotes before it and begin them again behind it: `{quote}{escaped}{quote}`"
            )
        }
        (Hazard::Arithmetic, Some(name)) => {
            format!("see that it is a number first: `case ${name} in *[!0-9]*) exit 1;; esac`")
        }
        (Hazard::Arithmetic, None) => {
            "let the template compute it, or see that it is a number first".to_owned()
        }
        (Hazard::Unquoted | Hazard::Splits, Some(name)) => {
            format!("write `\"${name}\"` in its place")
        }
        (Hazard::Unquoted | Hazard::Splits, None) => format!("write `{escaped}`"),
    }
}

/// How a language reads a variable of the environment.
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

/// An expression on one line, not too long.
fn short(expression: &str) -> String {
    const MOST: usize = 40;
    let words: Vec<&str> = expression.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(MOST) {
        Some((at, _)) => format!("`{}…`", &line[..at]),
        None => format!("`{line}`"),
    }
}
