//! `hookctl cancel`: ends a run and everything that it started.

use clap::Args;
use hookd_client::answer;
use hookd_proto::v1::{CancelRunRequest, CancelRunResponse};

use crate::connect::Service;
use crate::exit::Exit;
use crate::failure::Result;
use crate::find_run;
use crate::output::{Out, safe};

const EXAMPLES: &str = "\
Examples:
  hookctl cancel last
  hookctl cancel 0192f0c1-abcd && hookctl logs -f 0192f0c1-abcd";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CancelArgs {
    /// The run: its id, the beginning of it, or `last`
    pub run: String,
}

/// Ends a run. A run that has ended already is no failure.
pub(crate) async fn perform(args: &CancelArgs, hookd: &mut Service, out: &mut Out) -> Result {
    let client = hookd.connect().await?;
    let run_id = find_run::by_name(&client, &args.run).await?.run_id;
    let request = CancelRunRequest { run_id };
    out.result(&answer(client.hooks().cancel_run(request)).await?, show)?;
    Ok(Exit::Proceed)
}

fn show(answer: &CancelRunResponse) -> String {
    let id = answer.run.as_ref().map_or("", |run| &run.run_id);
    let id = safe::text(id);
    match answer.cancelling {
        true => {
            format!("run {id} is being ended: its hooks get TERM, and KILL after their grace\n")
        }
        false => format!("run {id} had ended already\n"),
    }
}
