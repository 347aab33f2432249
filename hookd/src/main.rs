//! The daemon's entry point: parses the command line, and returns the exit code.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _};
use hookd::diagnostic_text::render_load_error;
use hookd::inherited;
use hookd::limits::REST;
use hookd::memory;
use hookd::serve::{ServeError, serve};
use hookd::settings::cli::{Cli, Command, without_empty_variables};
use hookd::telemetry;
use tracing_subscriber::EnvFilter;

/// Longest wait at the end for threads that still run.
const THREAD_WAIT: Duration = Duration::from_secs(1);

/// Exit code: hookd cannot listen, or cannot use its state folder.
const UNAVAILABLE: u8 = 69;
/// Exit code: the config is faulty or cannot be read.
const BAD_CONFIG: u8 = 78;
/// Exit code: the command line is wrong.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    if let Err(error) = inherited::shed() {
        let message = format!("cannot keep open files from scripts: {error}");
        return fail(UNAVAILABLE, &message);
    }
    let command = without_empty_variables(Cli::command());
    let cli = Cli::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit());
    let Command::Serve(flags) = cli.command;
    let filter = match EnvFilter::builder().parse(&flags.log) {
        Ok(filter) => filter,
        Err(error) => return fail(USAGE, &format!("--log: {error}")),
    };
    memory::share();
    telemetry::init(flags.log_format, filter);
    // One thread may block while it writes to the store; another has to answer calls
    // meanwhile.
    let threads = std::thread::available_parallelism().map_or(2, |n| n.get().max(2));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_keep_alive(REST / 2)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(UNAVAILABLE, &format!("cannot start: {error}")),
    };
    let result = runtime.block_on(serve(flags));
    // The store is closed by now. A template of a cancelled hook may still render, up to the
    // timeout of that hook.
    runtime.shutdown_timeout(THREAD_WAIT);
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(ServeError::Config(error)) => fail(BAD_CONFIG, &render_load_error(&error)),
        Err(error) => fail(UNAVAILABLE, &error.to_string()),
    }
}

fn fail(code: u8, message: &str) -> ExitCode {
    // If stderr is closed, only the exit code reports the error.
    let _ = writeln!(std::io::stderr(), "hookd: {message}");
    ExitCode::from(code)
}
