//! hookd's command line. Every flag is also an environment variable.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::SettingsLayer;
use crate::telemetry::LogFormat;

/// Backup lifecycle hooks as a service.
#[derive(Debug, Parser)]
#[command(name = "hookd", version, propagate_version = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes:\n  0   ended after a drained SIGTERM or SIGINT\n  2   the command line is wrong\n  69  cannot listen, or cannot use the state folder\n  78  the config is faulty or cannot be read";

/// The commands of hookd.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the daemon.
    ///
    /// Loads the config, listens, prints one line when ready, and serves until SIGTERM or SIGINT;
    /// current runs may then finish within the drain timeout, a second signal ends them at once.
    /// SIGHUP reloads the config: a faulty one changes nothing.
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

    /// The settings that the config file can have, too.
    #[command(flatten)]
    pub settings: SettingsLayer,

    /// The format of log lines on stderr.
    #[arg(long, env = "HOOKD_LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,

    /// The log lines to write: error, warn, info, debug, trace, or a filter such as
    /// hookd=debug.
    #[arg(long, env = "HOOKD_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,
}

/// Returns the definition of a command line in which an empty environment variable counts as unset,
/// as it stands in the environment files of cron and systemd.
#[must_use]
pub fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |name: &OsStr| env::var_os(name).is_some_and(|value| value.is_empty());
    let command = command.mut_args(|arg| match arg.get_env().is_some_and(is_empty) {
        true => arg.env(None::<&str>),
        false => arg,
    });
    command.mut_subcommands(without_empty_variables)
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
