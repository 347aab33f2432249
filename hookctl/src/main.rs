//! hookctl: the tool of hookd's admins, and of scripts that are backup agents.
//!
//! `cli` reads the command line, `commands` has one file a verb, `connect` knows the
//! way to the service, and `output` is the only place that prints. `exit` is the
//! documented meaning of exit codes, and `failure` what a verb says when it ends early.
//!
//! hookctl holds no semantics of hooks: it asks hookd, over a socket or inside its own
//! process, and shows the answer.

mod cli;
mod commands;
mod connect;
mod event;
mod exit;
mod failing;
mod failure;
mod follow;
mod input;
mod interrupt;
mod new_file;
mod output;
mod run_ref;
mod stats;
mod status;
mod times;
mod values;

use std::process::ExitCode;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Out;

fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(answer) => {
            // Help and version are answers, not errors; clap prints each where it belongs.
            let _ = answer.print();
            return ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(Exit::Usage.code()));
        }
    };
    let mut out = Out::new(cli.global.output, cli.global.color);
    let result = perform(cli, &mut out);
    out.rest();
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.report(&mut out);
            failure.exit().into()
        }
    }
}

fn perform(cli: Cli, out: &mut Out) -> Result<Exit, Failure> {
    // Several threads: with --embedded the service lives in here too, and it must not
    // wait for a terminal that does not take our output.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::other(format!("cannot start the runtime: {error}")))?;
    let result = runtime.block_on(commands::perform(cli, out));
    // Whatever still waits, such as a read of standard input, has no one to wait for it.
    runtime.shutdown_background();
    result
}
