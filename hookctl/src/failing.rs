//! Hooks that have failed repeatedly, and the warning about them.

use std::collections::HashSet;
use std::time::Duration;

use hookd_client::{Client, answer};
use hookd_proto::v1::{HookStats, ListHookStatsRequest, ListHooksRequest};

use crate::failure::Result;
use crate::output::words;
use crate::times;

/// Number of consecutive failures from which on there is a warning.
const MANY: u64 = 3;
/// Duration over which two consecutive failures lead to a warning; otherwise the hook of a weekly
/// backup could fail for weeks without one.
const LONG: Duration = Duration::from_secs(7 * 24 * 3600);

/// The rule of [`is_failing`], for `--help`.
pub(crate) const RULE: &str = "\
A hook is said to be failing if it failed three times in a row, or, over a week or more,
twice; within the last 90 days.";

/// Returns whether there is a warning about a hook.
pub(crate) fn is_failing(hook: &HookStats) -> bool {
    let since = times::since(hook.failing_since.as_ref());
    hook.failures_in_a_row >= MANY
        || (hook.failures_in_a_row > 1 && since.is_some_and(|since| since >= LONG))
}

/// Returns the statistics of the daemon's hooks that are failing, but for those that its config no
/// longer has, or that are disabled there.
pub(crate) async fn hooks(client: &Client) -> Result<Vec<HookStats>> {
    let stats = answer(
        client
            .hooks()
            .list_hook_stats(ListHookStatsRequest::default()),
    )
    .await?;
    let mut failing: Vec<HookStats> = stats.hooks.into_iter().filter(is_failing).collect();
    if failing.is_empty() {
        return Ok(failing);
    }
    let configured = answer(client.hooks().list_hooks(ListHooksRequest::default()))
        .await?
        .hooks;
    let enabled = configured.into_iter().filter_map(|found| found.hook);
    let enabled = enabled.filter(|hook| !hook.disabled).map(|hook| hook.name);
    let enabled: HashSet<String> = enabled.collect();
    failing.retain(|hook| enabled.contains(&hook.hook));
    Ok(failing)
}

/// Returns the warning, whose text is not safe for a terminal yet.
pub(crate) fn warning(hook: &HookStats) -> String {
    let ignored = match hook.ignored_failures >= hook.failures {
        true => ", and its failures are ignored",
        false => "",
    };
    format!(
        "hook {:?} has failed {} times in a row since {} ({}){ignored}",
        hook.hook,
        hook.failures_in_a_row,
        times::date(hook.failing_since.as_ref()),
        words::outcome(hook.last_failure_outcome.as_ref()),
    )
}

/// Returns the command that shows the hook's runs.
pub(crate) fn remedy(hook: &HookStats) -> String {
    let name = hook.hook.replace('\'', r"'\''");
    format!("`hookctl runs --hook '{name}'` shows where it ran")
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{Outcome, outcome};
    use hookd_proto::well_known::Timestamp;

    use super::*;

    fn failing(times: u64, days: i64) -> HookStats {
        let now = times::now();
        HookStats {
            hook: "healthcheck".to_owned(),
            runs: 50,
            failures: 23,
            ignored_failures: 23,
            failures_in_a_row: times,
            failing_since: Some(Timestamp {
                seconds: now.seconds - days * 86_400 - 60,
                ..now
            }),
            last_failure_outcome: Some(Outcome {
                outcome: Some(outcome::Outcome::ExitCode(6)),
            }),
            ..HookStats::default()
        }
    }

    #[test]
    fn the_remedy_is_a_command_of_the_shell() {
        let hook = HookStats {
            hook: "it's \"a\"".to_owned(),
            ..HookStats::default()
        };
        let told = remedy(&hook);
        let command = told.split('`').nth(1).unwrap_or_default();
        let script = command.replace("hookctl", "printf '%s|'");
        let out = std::process::Command::new("sh")
            .args(["-c", &script])
            .output();
        let words = String::from_utf8(out.unwrap().stdout).unwrap();
        assert_eq!(words, "runs|--hook|it's \"a\"|");
    }

    #[test]
    fn one_failure_is_none_and_weeks_of_them_are() {
        for (times, days, worth) in [
            (1, 30, false),
            (2, 6, false),
            (2, 7, true),
            (3, 0, true),
            (23, 22, true),
        ] {
            let hook = failing(times, days);
            assert_eq!(is_failing(&hook), worth, "{times} in {days} days");
        }
        assert!(!is_failing(&HookStats::default()));
    }

    #[test]
    fn it_is_said_in_a_sentence() {
        let mut hook = failing(23, 22);
        let date = times::date(hook.failing_since.as_ref());
        let said =
            format!("hook \"healthcheck\" has failed 23 times in a row since {date} (exit 6)");
        assert_eq!(
            warning(&hook),
            format!("{said}, and its failures are ignored")
        );
        hook.ignored_failures = 0;
        assert_eq!(warning(&hook), said);
    }
}
