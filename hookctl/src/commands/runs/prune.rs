//! `hookctl runs prune`: removes runs that are no longer to be kept.

use std::time::Duration;

use clap::Args;
use hookd::duration;
use hookd_proto::v1::{PruneRunsRequest, PrunedPlan};

use crate::cli::Global;
use crate::connect::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::table::{Cell, Table};
use crate::output::{Out, Paint, Tone, words};
use crate::{status, values};

const EXAMPLES: &str = "\
Examples:
  hookctl runs prune --dry-run
  hookctl runs prune --dry-run --max-age 30d
  hookctl runs prune --max-runs 1000 --max-bytes 1GiB
  hookctl runs prune --dry-run -o json | jq 'map(.runs | tonumber) | add // 0'

hookd does this by itself, by the `runRetention` of its config. Runs under way always stay.";

/// What to keep, where it is not to be as in the config.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PruneArgs {
    /// Remove nothing; say what would be removed
    #[arg(long)]
    pub dry_run: bool,
    /// Keep what ended less long ago, such as 90d [default: as in the config]
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub max_age: Option<Duration>,
    /// Keep so many runs of each plan, the newest [default: as in the config]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_runs: Option<u64>,
    /// Keep so many bytes of each plan, such as 1GiB [default: as in the config]
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

/// Removes runs, or says what would be removed.
///
/// # Errors
/// If hookd cannot be asked, or the store cannot be changed.
pub(super) async fn perform(
    args: &PruneArgs,
    global: &Global,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let client = Client::connect(global).await?;
    out.spin(if args.dry_run {
        "looking for runs to remove"
    } else {
        "removing runs"
    });
    // However long it takes: a lost connection shows all the same.
    let pruned = client.admin().prune_runs(args.request()).await;
    let pruned = pruned.map_err(|refusal| status::failure(&refusal));
    let plans = client.close(pruned).await?.into_inner().plans;
    out.rest();
    if out.is_json() {
        out.json(&plans)?;
    } else {
        out.text(&show(&plans, args.dry_run, out.paint))?;
    }
    Ok(Exit::Proceed)
}

fn show(plans: &[PrunedPlan], dry_run: bool, paint: Paint) -> String {
    let sum = |count: fn(&PrunedPlan) -> u64| plans.iter().map(count).fold(0, u64::saturating_add);
    let runs = sum(|plan| plan.runs);
    if runs == 0 {
        return "nothing to remove\n".to_owned();
    }
    let mut table = Table::new(&["OF", "RUNS", "SIZE", "LEFT"]);
    for plan in plans {
        let of = match (&*plan.plan_id, &*plan.repo_id) {
            ("", "") => "no plan".to_owned(),
            ("", repo) => format!("repo {repo}"),
            (plan, _) => format!("plan {plan}"),
        };
        table.row([
            Cell::toned(Tone::Strong, of),
            Cell::new(plan.runs.to_string()),
            Cell::new(words::bytes(plan.bytes)),
            Cell::new(plan.left.to_string()),
        ]);
    }
    let count = words::count(usize::try_from(runs).unwrap_or(usize::MAX), "run");
    let size = words::bytes(sum(|plan| plan.bytes));
    let verb = if dry_run { "would be " } else { "" };
    format!("{}{count} of {size} {verb}removed\n", table.show(paint))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(
            show(&plans, true, Paint::PLAIN),
            "OF         RUNS  SIZE   LEFT\n\
             plan home  3     3 KiB  5\n\
             repo nas   1     1 KiB  5\n\
             no plan    0     0 B    5\n\
             4 runs of 4 KiB would be removed\n"
        );
        assert!(show(&plans[..1], false, Paint::PLAIN).ends_with("3 runs of 3 KiB removed\n"));
        assert_eq!(show(&plans[2..], true, Paint::PLAIN), "nothing to remove\n");
    }
}
