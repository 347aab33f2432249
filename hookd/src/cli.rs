//! hookd's command line. Every flag is also an environment variable and, but for those
//! that say where the config is, a key under `server:` in the config; flags win.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use hook_core::config::{InvalidOrigin, Origin};
use hook_core::duration;

use crate::listen::Address;
use crate::telemetry::LogFormat;

/// Backup lifecycle hooks as a service.
#[derive(Debug, Parser)]
#[command(name = "hookd", version, propagate_version = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes:\n  0   ended after a drained SIGTERM or SIGINT\n  2   the command line is wrong\n  69  cannot listen, or cannot use the state folder\n  78  the config is faulty or cannot be read";

/// What hookd can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the daemon.
    ///
    /// Loads the config, listens, prints one line when ready, and serves until SIGTERM
    /// or SIGINT; runs under way may then finish within the drain limit, a second
    /// signal ends them at once. SIGHUP loads the config anew: a faulty one changes
    /// nothing.
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Serve),
}

const SERVE_EXAMPLES: &str = "Examples:\n  hookd serve --config examples/hooks.yaml\n  hookd serve --listen unix:///run/hookd/hookd.sock --state /var/lib/hookd\n  hookd serve --listen tcp://127.0.0.1:7432 --insecure-loopback\n  hookd serve --listen tcp://127.0.0.1:7432 --insecure-loopback --web-origin http://localhost:5173";

/// The flags of `hookd serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The config file. Default: /etc/hookd/hookd.yaml as root, else
    /// hookd/hookd.yaml in the XDG config folder.
    #[arg(long, short, env = "HOOKD_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Where to listen; may be given several times: unix:///path, tcp://127.0.0.1:7432
    /// or fd:// (a systemd socket). Default: unix:///run/hookd/hookd.sock as root, else
    /// hookd/hookd.sock in the XDG runtime folder.
    #[arg(
        long,
        short,
        env = "HOOKD_LISTEN",
        value_name = "ADDR",
        value_delimiter = ','
    )]
    pub listen: Vec<Address>,

    /// The folder for hookd's own files. Default: /var/lib/hookd as root, else hookd in
    /// the XDG state folder.
    #[arg(long, env = "HOOKD_STATE", value_name = "DIR")]
    pub state: Option<PathBuf>,

    /// What keeps the runs. Default: sqlite, a file below the state folder.
    #[arg(long, env = "HOOKD_STORE", value_enum, value_name = "STORE")]
    pub store: Option<Store>,

    /// What the store survives. Default: power.
    #[arg(long, env = "HOOKD_DURABILITY", value_enum, value_name = "WHAT")]
    pub durability: Option<Durability>,

    /// What agents are told of a run that the death of hookd cut off. Default: fail.
    #[arg(long, env = "HOOKD_ON_INTERRUPTED", value_enum, value_name = "ADVICE")]
    pub on_interrupted: Option<OnInterrupted>,

    /// What becomes of runs that cannot be stored. Default: refuse.
    #[arg(
        long,
        env = "HOOKD_ON_STORE_FAILURE",
        value_enum,
        value_name = "ANSWER"
    )]
    pub on_store_failure: Option<OnStoreFailure>,

    /// Allow TCP on loopback addresses, where every user of this machine can connect.
    #[arg(long, env = "HOOKD_INSECURE_LOOPBACK")]
    pub insecure_loopback: bool,

    /// A web page that may call hookd, by its origin, such as
    /// `https://backup.example.org`; may be given several times. Without one hookd takes
    /// no calls from browsers. Pages call by gRPC-Web, mostly over TCP on a loopback
    /// address.
    #[arg(long, env = "HOOKD_WEB_ORIGIN", value_name = "ORIGIN", value_delimiter = ',',
        value_parser = origin)]
    pub web_origin: Vec<Origin>,

    /// Runs that execute at once; of one plan half of them at most, even if no other waits.
    ///
    /// So hooks of one plan that hang never stop the runs of others. Runs of events without
    /// a plan count as those of one. A plan that needs N at once needs twice N here.
    #[arg(long, env = "HOOKD_MAX_CONCURRENT_RUNS", value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_concurrent_runs: Option<u32>,

    /// Runs that may wait for their turn before new ones are refused.
    #[arg(long, env = "HOOKD_MAX_QUEUED_RUNS", value_name = "N",
        value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub max_queued_runs: Option<u32>,

    /// How long a shutdown lets runs finish before it ends them, such as 30s or 5m.
    #[arg(long, env = "HOOKD_DRAIN_TIMEOUT", value_name = "DURATION", value_parser = duration::parse)]
    pub drain_timeout: Option<Duration>,

    /// How log lines look on stderr.
    #[arg(long, env = "HOOKD_LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,

    /// Which log lines pass: error, warn, info, debug, trace, or a filter such as
    /// hookd=debug.
    #[arg(long, env = "HOOKD_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,
}

/// What keeps the runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Store {
    /// Memory: runs are lost when hookd ends.
    Memory,
    /// A database below the state folder.
    Sqlite,
}

/// What a store survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Durability {
    /// The death of hookd, and that of the machine: runs are on the disk before their
    /// first script starts, decisions before the agent hears them.
    Power,
    /// The death of hookd; that of the machine may take the last moments along.
    Process,
}

/// What agents are told of a run that the death of hookd cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum OnInterrupted {
    /// To count the operation as failed.
    Fail,
    /// To try the operation again.
    Retry,
}

/// What becomes of runs that cannot be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum OnStoreFailure {
    /// Runs whose hooks can decide something are refused; others run all the same.
    Refuse,
    /// All run, with their journals in memory.
    Run,
}

fn origin(text: &str) -> Result<Origin, String> {
    text.parse()
        .map_err(|error: InvalidOrigin| format!("{error}: {}", error.remedy()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
