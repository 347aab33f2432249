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
        (H::Json, Some(_)) if finding.hole.is_variable => format!(
            "let jq write the JSON: `jq -n --arg value {} '{{\"text\": $value}}'`",
            value.word()
        ),
        (H::Json | H::Quoted(_) | H::EscapeInQuotes(_), _) if finding.in_json => {
            json(&value, finding.hazard)
        }
        (H::HereDocument | H::QuotedHereDocument, _) if finding.in_json => format!(
            "put quotes around the delimiter, as in `<<'E'`, and write the whole JSON string, with \
             its quotes, as `{}`; text beside the value joins it by `{}`",
            value.json(),
            value.joined()
        ),
        (H::Json, _) => json(&value, finding.hazard),
        (H::Backticks, _) => "write `$(…)` instead of the backticks".to_owned(),
        (H::Comment, _) => "take it out of the comment".to_owned(),
        (H::Foreign(language), Some(name)) => {
            let read = environment(language, name);
            format!("read it from the environment: {read}")
        }
        (H::Foreign(language), None) => foreign(language, &value),
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
    let word = value.json_word();
    let quote = match hazard {
        Hazard::Quoted(context) | Hazard::EscapeInQuotes(context) => quote(context),
        _ => "'",
    };
    format!(
        "write the whole JSON string, with its quotes, as `{quote}{word}{quote}`; text beside the \
         value joins it by `{}`",
        value.joined()
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
