//! `hookctl stats`: numbers of runs and failures of hooks, and their durations.

use clap::Args;
use hookd_client::answer;
use hookd_proto::v1::{HookStats, ListHookStatsRequest};
use hookd_proto::well_known;

use crate::connect::Service;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::table::{Cell, Fit, Table};
use crate::output::{Out, Tone, safe, words};
use crate::{times, values};

const EXAMPLES: &str = "\
Examples:
  hookctl stats
  hookctl stats healthcheck --since 1y
  hookctl stats --plan home --since 30d
  hookctl stats -o json | jq -r '.[] | select(.flapping) | .hook'

A hook flaps if it changed between success and failure at least four times, and in at least
a fifth of its runs. Hooks that were skipped did not run and do not count.";

/// Width of a terminal from which on times are whole.
const ROOMY: usize = 100;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct StatsArgs {
    /// Only this hook
    pub hook: Option<String>,
    /// Only hook runs of events of this plan
    #[arg(long, value_name = "ID", value_parser = values::id)]
    pub plan: Option<String>,
    /// Only hook runs of events of this repository
    #[arg(long, value_name = "ID", value_parser = values::id)]
    pub repo: Option<String>,
    /// Only hook runs since: RFC 3339, a date, a local time, or how long ago [default: 90d]
    #[arg(long, value_name = "TIME", value_parser = times::moment)]
    pub since: Option<well_known::Timestamp>,
    /// Only hook runs before
    #[arg(long, value_name = "TIME", value_parser = times::moment)]
    pub until: Option<well_known::Timestamp>,
}

pub(crate) async fn perform(args: StatsArgs, hookd: &mut Service, out: &mut Out) -> Result {
    let request = ListHookStatsRequest {
        hook: args.hook.clone().unwrap_or_default(),
        repo_id: args.repo.unwrap_or_default(),
        plan_id: args.plan.unwrap_or_default(),
        since: args.since,
        until: args.until,
    };
    let client = hookd.connect().await?;
    let hooks = answer(client.hooks().list_hook_stats(request)).await?.hooks;
    let none = match args.hook {
        Some(hook) => format!(
            "hook `{}` did not run in this time; `hookctl hooks` shows what is configured",
            safe::text(&hook)
        ),
        None => "no hook ran in this time".to_owned(),
    };
    let width = out.width();
    out.list(&hooks, &none, |hooks| show(hooks, width))?;
    Ok(Exit::Proceed)
}

fn show(hooks: &[HookStats], width: Option<usize>) -> String {
    let mut table = Table::new(&[
        ("HOOK", Fit::Shorten),
        ("RUNS", Fit::Whole),
        ("FAILED", Fit::Whole),
        ("P50", Fit::Whole),
        ("P95", Fit::Whole),
        ("LAST SUCCESS", Fit::Whole),
        ("NOW", Fit::Wrap),
    ]);
    let time = match width {
        Some(width) if width < ROOMY => times::brief,
        _ => times::local,
    };
    for hook in hooks {
        let span = |duration| times::human_or_dash(times::span(duration));
        table.row([
            Tone::Strong.cell(&hook.hook),
            Tone::Plain.cell(hook.runs.to_string()),
            Tone::Plain.cell(failed(hook)),
            Tone::Plain.cell(span(hook.p50.as_ref())),
            Tone::Plain.cell(span(hook.p95.as_ref())),
            Tone::Plain.cell(time(hook.last_success.as_ref())),
            now(hook),
        ]);
    }
    table.show(width)
}

/// Returns the number of failures and their share of the runs.
fn failed(hook: &HookStats) -> String {
    if hook.failures == 0 || hook.runs == 0 {
        return "0".to_owned();
    }
    match hook.failures.saturating_mul(100) / hook.runs {
        0 => format!("{} (<1%)", hook.failures),
        percent => format!("{} ({percent}%)", hook.failures),
    }
}

/// Returns the cell with the present state of the hook.
fn now(hook: &HookStats) -> Cell {
    if hook.failing_since.is_none() {
        return match hook.flapping {
            true => Tone::Warn.cell("flapping"),
            false => Tone::Good.cell("ok"),
        };
    }
    let outcome = words::outcome(hook.last_failure_outcome.as_ref());
    let since = times::date(hook.failing_since.as_ref());
    let flapping = if hook.flapping { ", flapping" } else { "" };
    Tone::Bad.cell(match hook.failures_in_a_row {
        0 | 1 => format!("failed ({outcome}){flapping}"),
        times => format!("failed {times} times since {since} ({outcome}){flapping}"),
    })
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{Outcome, outcome};

    use super::*;
    use crate::output::plain;

    #[test]
    fn hooks_are_shown_with_how_they_are_now() {
        let at = |seconds| Some(well_known::Timestamp { seconds, nanos: 0 });
        let span = |seconds| Some(well_known::Duration { seconds, nanos: 0 });
        let hook = HookStats {
            hook: "battery".to_owned(),
            runs: 400,
            p50: span(1),
            p95: span(3),
            last_run: at(1_000_000),
            ..HookStats::default()
        };
        let failing = HookStats {
            hook: "mount".to_owned(),
            failures: 23,
            failing_since: at(1_000_000),
            failures_in_a_row: 23,
            flapping: true,
            last_failure_outcome: Some(Outcome {
                outcome: Some(outcome::Outcome::ExitCode(6)),
            }),
            ..hook.clone()
        };
        let shown = plain(&show(&[hook, failing], None));
        let since = times::date(at(1_000_000).as_ref());
        assert_eq!(
            shown,
            format!(
                "HOOK     RUNS  FAILED   P50  P95  LAST SUCCESS  NOW\n\
                 battery  400   0        1 s  3 s  -             ok\n\
                 mount    400   23 (5%)  1 s  3 s  -             \
                 failed 23 times since {since} (exit 6), flapping\n"
            )
        );
    }

    #[test]
    fn rare_failures_are_not_rounded_away() {
        let hook = HookStats {
            runs: 1000,
            failures: 1,
            ..HookStats::default()
        };
        assert_eq!(failed(&hook), "1 (<1%)");
    }
}
