//! `hookctl check`: validates and lints a config, without a daemon; one that is there is
//! asked how the hooks have done.

use std::time::Duration;

use clap::Args;
use hookd_proto::v1::{
    CheckConfigResponse, ConfiguredHook, Diagnostic, HookStats, ListHookStatsRequest, Severity,
};

use crate::cli::Global;
use crate::connect::{Client, answer};
use crate::exit::Exit;
use crate::failing;
use crate::failure::Failure;
use crate::input::Input;
use crate::output::{Out, Paint, Tone, diagnostics, words};

const EXAMPLES: &str = "\
Examples:
  hookctl check
  hookctl check ./hookd.yaml
  hookctl check --strict - < hookd.yaml
  hookctl check -o json | jq '.diagnostics[].message'

Exit codes: 0 fine or only warnings, 78 errors (with --strict: warnings too)

A daemon that is there, at --addr or the standard socket, is asked which of the hooks have
been failing; each is a warning with the code `failing`, which is about the past and never
makes the check fail, --strict or not.";
/// How long a daemon may take to say how the hooks have done.
const HISTORY_LIMIT: Duration = Duration::from_secs(1);

fn help() -> String {
    format!("{EXAMPLES}\n\n{}", failing::RULE)
}

/// What to check.
#[derive(Debug, Args)]
#[command(after_help = help())]
pub(crate) struct CheckArgs {
    /// The config; - is stdin [default: --config, HOOKD_CONFIG, or the standard config]
    pub file: Option<Input>,
    /// Fail on warnings too
    #[arg(long)]
    pub strict: bool,
    /// Ask no daemon how the hooks have done
    #[arg(long)]
    pub no_history: bool,
}

/// Checks.
///
/// # Errors
/// If the file cannot be read.
pub(crate) async fn perform(
    args: &CheckArgs,
    global: &Global,
    out: &mut Out,
) -> Result<Exit, Failure> {
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
    let name = input.to_string();
    let mut checked = hookd::offline::check(&name, &text);
    let verdict = verdict(&checked, args.strict);
    if !args.no_history && !global.embedded {
        let hooks = hookd::offline::hooks(&name, &text);
        checked.diagnostics.extend(history(&hooks, global).await);
    }
    if out.is_json() {
        out.json(&checked)?;
    } else {
        out.text(&show(&checked, &name, &text, out.paint))?;
    }
    Ok(verdict)
}

/// What the daemon knows of hooks that have been failing. That there is none to be asked,
/// or that it does not answer at once, is no matter here.
async fn history(hooks: &[ConfiguredHook], global: &Global) -> Vec<Diagnostic> {
    if hooks.is_empty() {
        return Vec::new();
    }
    let asked = async {
        let client = Client::connect(global).await?;
        let request = ListHookStatsRequest::default();
        answer(client.hooks().list_hook_stats(request)).await
    };
    match tokio::time::timeout(HISTORY_LIMIT, asked).await {
        Ok(Ok(stats)) => warnings(hooks, &stats.hooks),
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}

fn warnings(hooks: &[ConfiguredHook], stats: &[HookStats]) -> Vec<Diagnostic> {
    let failing = stats.iter().filter(|hook| failing::is_worth_a_word(hook));
    let warning = |stats: &HookStats| {
        let named = |hook: &&ConfiguredHook| {
            let hook = hook.hook.as_ref();
            hook.is_some_and(|hook| hook.name == stats.hook && !hook.disabled)
        };
        let hook = hooks.iter().find(named)?;
        Some(Diagnostic {
            severity: Severity::Warning.into(),
            file: hook.file.clone(),
            line: hook.line,
            column: 0,
            hook: stats.hook.clone(),
            code: "failing".to_owned(),
            message: failing::sentence(stats),
            remedy: failing::remedy(stats),
            length: 0,
        })
    };
    failing.filter_map(warning).collect()
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
    use hookd_proto::v1::Hook;

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
    fn only_enabled_hooks_of_the_file_are_spoken_of() {
        let hook = |name: &str, disabled| ConfiguredHook {
            hook: Some(Hook {
                name: name.to_owned(),
                disabled,
                ..Hook::default()
            }),
            file: "f".to_owned(),
            line: 7,
            ..ConfiguredHook::default()
        };
        let failing = |name: &str, failures_in_a_row| HookStats {
            hook: name.to_owned(),
            failures_in_a_row,
            ..HookStats::default()
        };
        let hooks = [hook("a", false), hook("b", true), hook("c", false)];
        let stats = [
            failing("a", 3),
            failing("b", 3),
            failing("c", 1),
            failing("d", 3),
        ];
        let found = warnings(&hooks, &stats);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (&*found[0].hook, found[0].line, &*found[0].code),
            ("a", 7, "failing")
        );
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
