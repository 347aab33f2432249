//! Remedies for values that can become code.

use super::handed::HandedValue;
use super::hazard::Hazard;
use super::{Finding, ShellContext, code_advice};
use crate::template::Engine;

/// Returns the remedy: the safe way to pass the value.
pub(crate) fn remedy(finding: &Finding<'_>, engine: Engine) -> String {
    use Hazard as H;
    use ShellContext::{Double, Prefixed};

    let value = HandedValue::new(&finding.hole, engine);
    let escaped = value.escaped();
    match (finding.hazard, value.variable()) {
        (H::Code(code), _) => code_advice::remedy(code, &value, finding.hole.is_variable),
        (H::Json, Some(_)) if finding.hole.is_variable => jq(&value),
        (
            H::HereDocument
            | H::QuotedHereDocument
            | H::EscapeInQuotes(ShellContext::QuotedHereDocument),
            _,
        ) if finding.in_json => json_document(&value, finding),
        (H::Json | H::Quoted(_) | H::EscapeInQuotes(_), _) if finding.in_json => {
            json(&value, finding.hazard)
        }
        (H::Json, _) => json(&value, finding.hazard),
        (H::Backticks, _) => "write `$(…)` instead of the backticks".to_owned(),
        (H::Comment, _) => "take it out of the comment".to_owned(),
        (H::Foreign(language), Some(name)) => {
            let read = environment(language, name);
            format!("read it from the environment: {read}")
        }
        (H::Foreign(language), None) => foreign(language, &value),
        (H::QuotedHereDocument, Some(name)) if !finding.is_expandable => {
            format!("take the quotes off the delimiter and write `${name}` in its place")
        }
        (H::QuotedHereDocument, _) | (H::HereDocument, None) => format!(
            "end the here-document before this line, print the line outside of it, by a command \
             of its own, `printf '%s\\n' {}`, and go on in a second here-document",
            value.word()
        ),
        (H::EscapeInQuotes(Prefixed), _) => "take away the `\\`, `$` or `<<` before it".to_owned(),
        (H::HereDocument | H::Quoted(Double) | H::EscapeInQuotes(Double), Some(name)) => {
            format!("write `${name}` in its place")
        }
        (H::Quoted(_) | H::EscapeInQuotes(_), Some(name)) => {
            format!("end the quotes before it and begin them again behind it: `'\"${name}\"'`")
        }
        (H::Quoted(context) | H::EscapeInQuotes(context), None) => {
            let quote = quote(context);
            format!(
                "end the quotes before it and begin them again behind it: `{quote}{escaped}{quote}`"
            )
        }
        (H::Arithmetic, name) => {
            let (set, name) = match name {
                Some(name) => (String::new(), name),
                None => (format!("value={escaped}; "), "value"),
            };
            format!(
                "see that it is a number before you write `${name}` in its place: `{set}case \
                 ${name} in ''|*[!0-9]*) exit 1;; esac`"
            )
        }
        (H::Unquoted | H::Splits, Some(name)) => format!("write `\"${name}\"` in its place"),
        (H::Unquoted | H::Splits, None) => format!("write `{escaped}`"),
    }
}

/// Returns the remedy for a value in JSON that is an argument.
fn json(value: &HandedValue<'_>, hazard: Hazard) -> String {
    let quote = match hazard {
        Hazard::Quoted(context) | Hazard::EscapeInQuotes(context) => quote(context),
        _ => "'",
    };
    format!(
        "write the whole JSON string, with its quotes, as `{quote}{}{quote}`; text beside the \
         value goes into it: `{quote}{}{quote}`",
        value.json_word(),
        value.json_word_joined()
    )
}

/// Returns the remedy for a value in JSON that the shell writes.
fn jq(value: &HandedValue<'_>) -> String {
    format!(
        "let jq write the JSON: `jq -n --arg value {} '{{\"text\": $value}}'`",
        value.word()
    )
}

/// Returns the remedy for a value in JSON that is a here-document.
fn json_document(value: &HandedValue<'_>, finding: &Finding<'_>) -> String {
    let is_quoted = finding.hazard != Hazard::HereDocument;
    if !is_quoted && finding.is_expandable {
        return format!("{}, and one `--arg` more for each variable", jq(value));
    }
    let delimiter = match is_quoted {
        true => "",
        false => "put quotes around the delimiter, as in `<<'E'`, and ",
    };
    format!(
        "{delimiter}write the whole JSON string, with its quotes, as `{}`; text beside the value \
         goes into it: `{}`",
        value.json(),
        value.json_joined()
    )
}

const fn quote(context: ShellContext) -> &'static str {
    match context {
        ShellContext::Double => "\"",
        _ => "'",
    }
}

/// Returns the remedy for a value in a script of another language that no variable holds.
fn foreign(language: &str, value: &HandedValue<'_>) -> String {
    let literal = match language {
        "Python" | "JavaScript" => value.json(),
        "AppleScript" => value.literal("AppleScriptEscape", "applescript_escape"),
        "PowerShell" => value.literal("PowerShellEscape", "powershell_escape"),
        _ => {
            let escaped = value.literal("UrlEscape", "url_escape");
            let read = match language {
                "Perl" => format!("(my $value = '{escaped}') =~ s/%(..)/chr hex $1/ge;"),
                "Ruby" => format!("require 'cgi'; value = CGI.unescape('{escaped}')"),
                _ => format!("$value = rawurldecode('{escaped}');"),
            };
            return format!("write it as a part of a URL, which has no quotes: `{read}`");
        }
    };
    format!("write it with no quotes around it as `{literal}`")
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
