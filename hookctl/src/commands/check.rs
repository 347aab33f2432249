//! `hookctl check`: validates and lints a config, without a daemon. If a daemon runs, it also lists
//! the hooks that have failed repeatedly there.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hookd_client::answer;
use hookd_proto::v1::{
    CheckConfigResponse, ConfiguredHook, Diagnostic, GetServerInfoRequest, HookStats,
    ListHookStatsRequest, Severity,
};

use crate::connect::Service;
use crate::exit::Exit;
use crate::failing;
use crate::failure::{Failure, Result};
use crate::input::Input;
use crate::output::{self, Out, Tone, safe, words};

const EXAMPLES: &str = "\
Examples:
  hookctl check
  hookctl check ./hookd.yaml
  hookctl check --strict - < hookd.yaml
  hookctl check -o json | jq '.diagnostics[].message'

Each hook is rendered for every condition that it names, with and without what an event may
lack, and shells are asked for faults in the syntax of the scripts (`sh -n`). No script is run.

Exit codes: 0 fine or only warnings, 78 errors (with --strict: warnings too)

If a daemon answers at --addr or the standard socket, each hook that has been failing is a
warning with the code `failing`. These never make the check fail, not even with --strict.";
/// Longest wait for the name of the daemon's config, and for its statistics.
const HISTORY_LIMIT: Duration = Duration::from_secs(1);

fn help() -> String {
    format!("{EXAMPLES}\n\n{}", failing::RULE)
}

#[derive(Debug, Args)]
#[command(after_help = help())]
pub(crate) struct CheckArgs {
    /// The config; - is stdin [default: --config, HOOKD_CONFIG, that of the daemon that
    /// answers, or the standard config]
    pub file: Option<Input>,
    /// Fail on warnings too
    #[arg(long)]
    pub strict: bool,
    /// Do not ask the daemon for hooks that have failed repeatedly
    #[arg(long)]
    pub no_history: bool,
}

pub(crate) async fn perform(args: &CheckArgs, hookd: &mut Service, out: &mut Out) -> Result {
    let input = input(args, hookd).await;
    let text = input.read().map_err(|error| {
        let failure = Failure::new(Exit::BadConfig, format!("cannot read {input}: {error}"));
        match &args.file {
            None => failure.help("name the config: `hookctl check FILE`"),
            Some(_) => failure,
        }
    })?;
    let name = input.to_string();
    let mut checked = hookd::offline::check(name.clone(), text.clone()).await;
    let exposed = input
        .path()
        .and_then(|path| hookd::offline::exposed(path, &text));
    checked.diagnostics.splice(..0, exposed);
    let exit = verdict(&checked, args.strict);
    if !args.no_history && !hookd.options.embedded {
        let hooks = hookd::offline::hooks(&name, &text);
        checked.diagnostics.extend(history(&hooks, hookd).await);
    }
    let shown = hookd::offline::masked_text(&text);
    out.result(&checked, |checked| show(checked, &name, shown.as_bytes()))?;
    Ok(exit)
}

/// Returns the config to check.
async fn input(args: &CheckArgs, hookd: &mut Service) -> Input {
    if let Some(file) = &args.file {
        return file.clone();
    }
    let mut file = hookd.options.config.clone();
    if file.is_none() && !hookd.options.embedded {
        file = tokio::time::timeout(HISTORY_LIMIT, of_daemon(hookd))
            .await
            .unwrap_or_default();
    }
    Input::from(file.unwrap_or_else(hookd::paths::default_config))
}

/// Returns the config of the daemon; `None` if none answers.
async fn of_daemon(hookd: &mut Service) -> Option<PathBuf> {
    let client = hookd.connect().await.ok()?;
    let request = GetServerInfoRequest {};
    let info = answer(client.admin().get_server_info(request)).await.ok()?;
    let file = info.config?.file;
    (!file.is_empty()).then(|| PathBuf::from(file))
}

/// Returns a warning for each hook that has failed repeatedly; none if no daemon answers in time.
async fn history(hooks: &[ConfiguredHook], hookd: &mut Service) -> Vec<Diagnostic> {
    if hooks.is_empty() {
        return Vec::new();
    }
    let asked = async {
        let client = hookd.connect().await?;
        let request = ListHookStatsRequest::default();
        Result::Ok(answer(client.hooks().list_hook_stats(request)).await?)
    };
    match tokio::time::timeout(HISTORY_LIMIT, asked).await {
        Ok(Ok(stats)) => warnings(hooks, &stats.hooks),
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}

fn warnings(hooks: &[ConfiguredHook], stats: &[HookStats]) -> Vec<Diagnostic> {
    let failing = stats.iter().filter(|hook| failing::is_failing(hook));
    let warning = |stats: &HookStats| {
        let is_named = |hook: &&ConfiguredHook| {
            let hook = hook.hook.as_ref();
            hook.is_some_and(|hook| hook.name == stats.hook && !hook.disabled)
        };
        let hook = hooks.iter().find(is_named)?;
        Some(Diagnostic {
            severity: Severity::Warning.into(),
            file: hook.file.clone(),
            line: hook.line,
            hook: stats.hook.clone(),
            code: "failing".to_owned(),
            message: failing::warning(stats),
            remedy: failing::remedy(stats),
            ..Diagnostic::default()
        })
    };
    failing.filter_map(warning).collect()
}

fn verdict(checked: &CheckConfigResponse, strict: bool) -> Exit {
    let is_refused = |diagnostic: &Diagnostic| match diagnostic.severity() {
        Severity::Error | Severity::Unspecified => true,
        Severity::Warning => strict,
    };
    match checked.diagnostics.iter().any(is_refused) {
        true => Exit::BadConfig,
        false => Exit::Proceed,
    }
}

fn show(checked: &CheckConfigResponse, file: &str, text: &[u8]) -> String {
    let mut shown = String::new();
    for diagnostic in &checked.diagnostics {
        // A diagnostic may be about another file that the config refers to.
        let source = (diagnostic.file == file).then_some(text);
        shown.push_str(&output::diagnostic(diagnostic, source));
        shown.push_str("\n\n");
    }
    // The number of hooks in a refused config is unknown.
    let (verdict, hooks) = match verdict(checked, false) {
        Exit::Proceed => (
            Tone::Good.paint("ok"),
            format!(", {}", words::count(checked.hooks, "hook")),
        ),
        _ => (Tone::Bad.paint("refused"), String::new()),
    };
    let count = |severity: Severity, thing| {
        let severities = checked.diagnostics.iter().map(Diagnostic::severity);
        words::count(severities.filter(|s| *s == severity).count(), thing)
    };
    let errors = count(Severity::Error, "error");
    let warnings = count(Severity::Warning, "warning");
    let file = safe::text(file);
    shown + &format!("{file}: {verdict}: {errors}, {warnings}{hooks}\n")
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::Hook;

    use super::*;
    use crate::output::plain;

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
                verdict(&checked(severities), strict) as u8,
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
            let shown = plain(&show(&checked(severities), "f", b"x"));
            shown.lines().last().unwrap().to_owned()
        };
        assert_eq!(last(&[]), "f: ok: no errors, no warnings, 2 hooks");
        assert_eq!(last(&[Severity::Error]), "f: refused: 1 error, no warnings");
    }
}
