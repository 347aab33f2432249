//! hookctl: the tool of hookd's admins, and of scripts that are backup agents.
//!
//! [`cli`] parses the command line, [`commands`] has one file for each verb, [`connect`] connects
//! to the service, and only [`output`] prints. [`exit`] documents the exit codes, and [`interrupt`]
//! the effect of Ctrl-C.
//!
//! hookctl has no rules of hooks: it calls hookd, over a socket or embedded in its own process, and
//! shows the answer.

mod cli;
mod commands;
mod connect;
mod event;
mod event_size;
mod event_text;
mod exit;
mod failing;
mod failure;
mod find_run;
mod follow;
mod input;
mod interrupt;
mod lone_surrogates;
mod new_file;
mod output;
mod refusal;
mod run_pages;
mod snapshot_stats;
mod times;
mod values;

use std::process::ExitCode;

use crate::cli::{Cli, Global};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Out;

fn main() -> ExitCode {
    let mut cli = match Cli::read() {
        Ok(cli) => cli,
        Err(answer) => {
            // Help and version are answers, not errors; clap prints each where it belongs.
            let _ = answer.print();
            return ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(Exit::Usage as u8));
        }
    };
    let mut out = Out::new(cli.global.output, cli.global.color);
    let result = shed_inherited(&mut cli.global).and_then(|()| perform(cli, &mut out));
    out.rest();
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.report(&mut out);
            failure.exit.into()
        }
    }
}

/// Keeps what hookctl inherited from the hooks of an embedded service.
fn shed_inherited(options: &mut Global) -> Result<()> {
    if options.embedded {
        options.is_hangup_ignored = hookd::inherited::shed().map_err(|error| {
            Failure::other(format!("cannot keep open files from scripts: {error}"))
        })?;
    }
    Ok(())
}

fn perform(cli: Cli, out: &mut Out) -> Result {
    // Several threads, so that an embedded service does not wait for a blocked terminal.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::other(format!("cannot start the runtime: {error}")))?;
    let result = runtime.block_on(commands::perform(cli, out));
    // A read of standard input may still block a thread.
    runtime.shutdown_background();
    result
}
