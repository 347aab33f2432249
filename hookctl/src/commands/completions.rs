//! `hookctl completions`: completion scripts for shells.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::Out;

const EXAMPLES: &str = "\
Examples:
  hookctl completions bash > /etc/bash_completion.d/hookctl
  hookctl completions zsh > ~/.zfunc/_hookctl
  hookctl completions fish > ~/.config/fish/completions/hookctl.fish";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

pub(crate) fn perform(args: &CompletionsArgs, out: &mut Out) -> Result {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "hookctl", &mut script);
    out.bytes(&script)?;
    Ok(Exit::Proceed)
}
