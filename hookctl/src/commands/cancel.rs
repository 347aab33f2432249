//! `hookctl cancel`: ends a run and everything that it started.

use clap::Args;
use hookd_proto::v1::{CancelRunRequest, CancelRunResponse};

use crate::cli::Global;
use crate::connect::{Client, answer};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Out, safe};
use crate::run_ref;

const EXAMPLES: &str = "\
Examples:
  hookctl cancel last
  hookctl cancel 0192f0c1-abcd && hookctl logs -f 0192f0c1-abcd";

/// Which run to end.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CancelArgs {
    /// The run: its id, the beginning of it, or `last`
    pub run: String,
}

/// Ends a run; one that has ended already is no failure.
///
/// # Errors
/// If there is no such run.
pub(crate) async fn perform(
    args: &CancelArgs,
    global: &Global,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let client = Client::connect(global).await?;
    let cancelled = cancel(&client, &args.run).await;
    let answer = client.close(cancelled).await?;
    if out.is_json() {
        out.json(&answer)?;
    } else {
        let id = answer.run.as_ref().map_or("", |run| &run.run_id);
        let id = safe::text(id);
        out.text(&if answer.cancelling {
            format!("run {id} is being ended: its hooks get TERM, and KILL after their grace\n")
        } else {
            format!("run {id} had ended already\n")
        })?;
    }
    Ok(Exit::Proceed)
}

async fn cancel(client: &Client, name: &str) -> Result<CancelRunResponse, Failure> {
    let mut hooks = client.hooks();
    let run_id = run_ref::find(&mut hooks, name).await?.run_id;
    answer(hooks.cancel_run(CancelRunRequest { run_id })).await
}
