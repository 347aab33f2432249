//! `hookctl runs prune`: removes runs beyond the retention.

use std::time::Duration;

use clap::Args;
use hookd::duration;
use hookd_proto::v1::{PruneRunsRequest, PrunedPlan};

use crate::connect::Service;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::table::{Fit, Table};
use crate::output::{Out, Tone, words};
use crate::values;

const EXAMPLES: &str = "\
Examples:
  hookctl runs prune --dry-run
  hookctl runs prune --dry-run --max-age 30d
  hookctl runs prune --max-runs 1000 --max-bytes 1GiB
  hookctl runs prune --dry-run -o json | jq 'map(.runs | tonumber) | add // 0'

hookd does this by itself, by the `runRetention` of its config. Runs under way always stay.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PruneArgs {
    /// Remove nothing; say which runs would be removed
    #[arg(long)]
    pub dry_run: bool,
    /// Keep runs that ended at most this long ago, such as 90d [default: as in the config]
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub max_age: Option<Duration>,
    /// Keep at most this many runs of each plan, the newest [default: as in the config]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_runs: Option<u64>,
    /// Keep at most this many bytes of each plan, such as 1GiB [default: as in the config]
    #[arg(long, value_name = "SIZE", value_parser = values::size)]
    pub max_bytes: Option<u64>,
}

impl PruneArgs {
    fn request(&self) -> PruneRunsRequest {
        PruneRunsRequest {
            dry_run: self.dry_run,
            max_age: self.max_age.map(Into::into),
            max_runs: self.max_runs.unwrap_or_default(),
            max_bytes: self.max_bytes.unwrap_or_default(),
        }
    }
}

pub(super) async fn perform(args: &PruneArgs, hookd: &mut Service, out: &mut Out) -> Result {
    let mut admin = hookd.connect().await?.admin();
    out.spin(match args.dry_run {
        true => "looking for runs to remove",
        false => "removing runs",
    });
    // Pruning has no time limit. If the connection is lost, the call fails.
    let plans = admin.prune_runs(args.request()).await?.into_inner().plans;
    out.rest();
    let width = out.width();
    let show = |plans: &Vec<PrunedPlan>| show(plans, args.dry_run, width);
    match args.dry_run {
        true => out.answer(&plans, show)?,
        false => out.result(&plans, show)?,
    }
    Ok(Exit::Proceed)
}

fn show(plans: &[PrunedPlan], dry_run: bool, width: Option<usize>) -> String {
    let sum = |count: fn(&PrunedPlan) -> u64| plans.iter().map(count).fold(0, u64::saturating_add);
    let runs = sum(|plan| plan.runs);
    if runs == 0 {
        return "nothing to remove\n".to_owned();
    }
    let numbers = ["RUNS", "SIZE", "LEFT"].map(|name| (name, Fit::Whole));
    let mut table = Table::new(&[&[("OF", Fit::Shorten)], &numbers[..]].concat());
    for plan in plans {
        table.row([
            Tone::Strong.cell(words::subject(&plan.plan_id, &plan.repo_id, "no plan")),
            Tone::Plain.cell(plan.runs.to_string()),
            Tone::Plain.cell(words::bytes(plan.bytes)),
            Tone::Plain.cell(plan.left.to_string()),
        ]);
    }
    let count = words::count(runs, "run");
    let size = words::bytes(sum(|plan| plan.bytes));
    let verb = if dry_run { "would be " } else { "" };
    format!("{}{count} of {size} {verb}removed\n", table.show(width))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::plain;

    #[test]
    fn what_went_is_said_by_plan_and_together() {
        let plan = |plan_id: &str, repo_id: &str, runs| PrunedPlan {
            plan_id: plan_id.to_owned(),
            repo_id: repo_id.to_owned(),
            runs,
            bytes: runs * 1024,
            left: 5,
        };
        let plans = [plan("home", "", 3), plan("", "nas", 1), plan("", "", 0)];
        insta::assert_snapshot!(plain(&show(&plans, true, None)), @r"
        OF         RUNS  SIZE   LEFT
        plan home  3     3 KiB  5
        repo nas   1     1 KiB  5
        no plan    0     0 B    5
        4 runs of 4 KiB would be removed
        ");
        assert!(show(&plans[..1], false, None).ends_with("3 runs of 3 KiB removed\n"));
        assert_eq!(show(&plans[2..], true, None), "nothing to remove\n");
    }
}
