//! `hookctl check`: validates and lints a config, without a daemon.

use clap::Args;
use hookd_proto::v1::{CheckConfigResponse, Severity};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::output::{Out, Paint, Tone, diagnostics, words};

const EXAMPLES: &str = "\
Examples:
  hookctl check
  hookctl check ./hookd.yaml
  hookctl check --strict - < hookd.yaml
  hookctl check -o json | jq '.diagnostics[].message'

Exit codes: 0 fine or only warnings, 78 errors (with --strict: warnings too)";

/// What to check.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    /// The config; - is stdin [default: --config, HOOKD_CONFIG, or the standard config]
    pub file: Option<Input>,
    /// Fail on warnings too
    #[arg(long)]
    pub strict: bool,
}

/// Checks.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn perform(args: &CheckArgs, global: &Global, out: &mut Out) -> Result<Exit, Failure> {
    let named = args
        .file
        .clone()
        .or_else(|| global.config.as_deref().map(Input::from));
    let input = named.unwrap_or_else(|| Input::File(hookd::paths::default_config()));
    let text = input.read().map_err(|error| {
        let failure = Failure::new(Exit::BadConfig, format!("cannot read {input}: {error}"));
        match &args.file {
            None => failure.help("name the config: `hookctl check FILE`"),
            Some(_) => failure,
        }
    })?;
    let checked = hookd::offline::check(&input.to_string(), &text);
    if out.is_json() {
        out.json(&checked)?;
    } else {
        out.text(&show(&checked, &input.to_string(), &text, out.paint))?;
    }
    Ok(verdict(&checked, args.strict))
}

fn verdict(checked: &CheckConfigResponse, strict: bool) -> Exit {
    let refused = checked
        .diagnostics
        .iter()
        .any(|diagnostic| match diagnostic.severity() {
            Severity::Error | Severity::Unspecified => true,
            Severity::Warning => strict,
        });
    if refused {
        Exit::BadConfig
    } else {
        Exit::Proceed
    }
}

fn show(checked: &CheckConfigResponse, file: &str, text: &[u8], paint: Paint) -> String {
    let mut shown = String::new();
    for diagnostic in &checked.diagnostics {
        // A diagnostic may be about another file that the config refers to.
        let source = (diagnostic.file == file).then_some(text);
        shown.push_str(&diagnostics::show(diagnostic, source, paint));
        shown.push_str("\n\n");
    }
    let (tone, word) = match verdict(checked, false) {
        Exit::Proceed => (Tone::Good, "ok"),
        _ => (Tone::Bad, "refused"),
    };
    let verdict = paint.text(tone, word);
    let summary = diagnostics::summary(&checked.diagnostics);
    let hooks = match verdict_has_hooks(checked) {
        Some(hooks) => format!(", {}", words::count(hooks, "hook")),
        None => String::new(),
    };
    let file = crate::output::safe::text(file);
    shown.push_str(&format!("{file}: {verdict}: {summary}{hooks}\n"));
    shown
}

/// How many hooks there are; a refused config has no number of them.
fn verdict_has_hooks(checked: &CheckConfigResponse) -> Option<usize> {
    (verdict(checked, false) == Exit::Proceed).then_some(checked.hooks as usize)
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::Diagnostic;

    use super::*;

    fn checked(severities: &[Severity]) -> CheckConfigResponse {
        let diagnostic = |severity: &Severity| Diagnostic {
            severity: (*severity).into(),
            file: "f".to_owned(),
            line: 1,
            message: "m".to_owned(),
            ..Diagnostic::default()
        };
        CheckConfigResponse {
            diagnostics: severities.iter().map(diagnostic).collect(),
            hooks: 2,
        }
    }

    #[test]
    fn errors_refuse_and_warnings_only_if_strict() {
        let table = [
            (&[][..], false, 0),
            (&[][..], true, 0),
            (&[Severity::Warning][..], false, 0),
            (&[Severity::Warning][..], true, 78),
            (&[Severity::Error][..], false, 78),
        ];
        for (severities, strict, code) in table {
            assert_eq!(
                verdict(&checked(severities), strict).code(),
                code,
                "{severities:?}"
            );
        }
    }

    #[test]
    fn the_last_line_sums_up() {
        let last = |severities: &[Severity]| {
            let shown = show(&checked(severities), "f", b"x", Paint::PLAIN);
            shown.lines().last().unwrap().to_owned()
        };
        assert_eq!(last(&[]), "f: ok: no errors, no warnings, 2 hooks");
        assert_eq!(last(&[Severity::Error]), "f: refused: 1 error, no warnings");
    }
}
