//! `hookctl runs`: lists, exports and removes runs.

mod export;
mod filter;
mod list;
mod prune;

use clap::{Args, Subcommand};

use crate::connect::Service;
use crate::failure::Result;
use crate::output::Out;

const EXAMPLES: &str = "\
Examples:
  hookctl runs
  hookctl runs --plan home --since yesterday
  hookctl runs --failed --since yesterday
  hookctl runs --decision fail --decision cancel --since 7d --all
  hookctl runs --state interrupted --state running
  hookctl runs --hook battery --grep 'No such device' --since 2026-11-03 --until 2026-11-04
  hookctl runs -n 1 -o json | jq -r '.[0].decision.reason'
  hookctl runs export --since 30d --output-file runs.jsonl
  hookctl runs prune --dry-run --max-age 30d";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct RunsArgs {
    /// The verb below `runs`; by default runs are listed.
    #[command(subcommand)]
    pub verb: Option<RunsVerb>,
    /// Arguments of the list.
    #[command(flatten)]
    pub list: list::ListArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunsVerb {
    /// Write runs with their journals, as one JSON object a line
    Export(Box<export::ExportArgs>),
    /// Remove runs beyond the retention, or say which would be removed
    Prune(prune::PruneArgs),
}

pub(crate) async fn perform(args: RunsArgs, hookd: &mut Service, out: &mut Out) -> Result {
    match args.verb {
        None => list::perform(args.list, hookd, out).await,
        Some(RunsVerb::Export(args)) => export::perform(*args, hookd, out).await,
        Some(RunsVerb::Prune(args)) => prune::perform(&args, hookd, out).await,
    }
}
