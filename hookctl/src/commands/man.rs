//! `hookctl man`: manual pages, for packagers.

use clap::{Args, CommandFactory as _};
use clap_mangen::Man;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Out;

const EXAMPLES: &str = "\
Examples:
  hookctl man > hookctl.1
  hookctl man run > hookctl-run.1
  hookctl man runs export > hookctl-runs-export.1
  hookctl man run | man -l -";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ManArgs {
    /// The page of this verb, or verb below a verb [default: hookctl's own]
    pub verb: Vec<String>,
}

pub(crate) fn perform(args: &ManArgs, out: &mut Out) -> Result {
    let mut page = Cli::command();
    page.build();
    for verb in &args.verb {
        page = page.find_subcommand(verb).cloned().ok_or_else(|| {
            Failure::usage(format!("there is no verb `{verb}`"))
                .help("`hookctl --help` lists the verbs, and each verb's --help those below it")
        })?;
    }
    let mut text = Vec::new();
    Man::new(page)
        .render(&mut text)
        .map_err(|error| Failure::other(format!("cannot write the page: {error}")))?;
    out.bytes(&text)?;
    Ok(Exit::Proceed)
}
