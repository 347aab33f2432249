//! `hookctl runs`: the runs that are kept, and what becomes of them.

mod export;
mod filter;
mod list;
mod prune;

use clap::{Args, Subcommand};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Out;

pub(crate) use list::took;

const EXAMPLES: &str = "\
Examples:
  hookctl runs
  hookctl runs --plan home --since yesterday
  hookctl runs --decision fail --decision cancel --since 7d --all
  hookctl runs --state interrupted --state running
  hookctl runs --hook battery --grep 'No such device' --since 2026-11-03 --until 2026-11-04
  hookctl runs -n 1 -o json | jq -r '.[0].decision.reason'
  hookctl runs export --since 30d --output-file runs.jsonl
  hookctl runs prune --dry-run --max-age 30d";

/// Which runs to list, or what else to do with runs.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct RunsArgs {
    /// What to do instead of listing.
    #[command(subcommand)]
    pub verb: Option<RunsVerb>,
    /// Which runs to list.
    #[command(flatten)]
    pub list: list::ListArgs,
}

/// What to do with runs instead of listing them.
#[derive(Debug, Subcommand)]
pub(crate) enum RunsVerb {
    /// Write runs with their journals, as one JSON object a line
    Export(Box<export::ExportArgs>),
    /// Remove runs that are no longer to be kept, or say what would be removed
    Prune(prune::PruneArgs),
}

/// Lists runs, or does what else is asked for.
///
/// # Errors
/// If hookd cannot be asked, or what is asked for fails.
pub(crate) async fn perform(
    args: RunsArgs,
    global: &Global,
    out: &mut Out,
) -> Result<Exit, Failure> {
    match args.verb {
        None => list::perform(args.list, global, out).await,
        Some(RunsVerb::Export(args)) => export::perform(*args, global, out).await,
        Some(RunsVerb::Prune(args)) => prune::perform(&args, global, out).await,
    }
}
