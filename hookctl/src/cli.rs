//! The command line: the verbs and the options that all of them share.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use hookd::settings::cli::without_empty_variables;
use hookd_client::Address;

use crate::commands::{
    cancel, check, completions, hooks, info, logs, man, reload, render, run, runs, show, stats,
    store,
};
use crate::exit;
use crate::output::{Color, Format};
use crate::values;

/// Fires backup events, shows the runs of hooks, and administers hookd.
#[derive(Debug, Parser)]
#[command(
    name = "hookctl",
    version,
    after_help = exit::HELP,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub verb: Verb,
}

/// Options of every verb.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The address of hookd, as for `hookd serve --listen`: unix:///path or tcp://host:port
    /// [default: the socket of this user's hookd]
    #[arg(long, global = true, value_name = "ADDR", env = "HOOKD_ADDR", value_parser = values::address)]
    pub addr: Option<Address>,

    /// Run the service inside hookctl for this one command; no daemon is needed
    #[arg(long, global = true)]
    pub embedded: bool,

    /// True if SIGHUP was ignored when hookctl was started, as by nohup
    #[arg(skip)]
    pub is_hangup_ignored: bool,

    /// The config, with --embedded [default: the standard config]
    #[arg(long, global = true, value_name = "FILE", env = "HOOKD_CONFIG")]
    pub config: Option<PathBuf>,

    /// Form of the output
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    pub output: Format,

    /// Use of colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Fire an event, show its hooks live, and end with the decision
    Run(Box<run::RunArgs>),
    /// Print the scripts that an event would run, or render a template; nothing is executed
    Render(Box<render::RenderArgs>),
    /// Validate and lint a config, without a daemon
    Check(check::CheckArgs),
    /// List the hooks as configured, and the conditions that trigger them
    Hooks(hooks::HooksArgs),
    /// List runs, newest first; export or remove them
    Runs(Box<runs::RunsArgs>),
    /// Show a run: its event, its hooks in their order, its decision
    Show(show::ShowArgs),
    /// Print the output of a run's hooks
    Logs(logs::LogsArgs),
    /// Show statistics of hooks: runs, failures and durations
    Stats(stats::StatsArgs),
    /// Back up the store of runs
    Store(store::StoreArgs),
    /// End a run and everything that it started
    Cancel(cancel::CancelArgs),
    /// Show the daemon's version, config, store and limits, and the hooks that keep failing
    Info(info::InfoArgs),
    /// Have the daemon reload its config
    #[command(after_help = reload::EXAMPLES)]
    Reload,
    /// Print a shell's completion script
    Completions(completions::CompletionsArgs),
    /// Print a manual page
    Man(man::ManArgs),
}

impl Cli {
    /// Parses the command line of this process. Fails also if it asks for help.
    pub(crate) fn read() -> Result<Cli, clap::Error> {
        Cli::from_words(std::env::args_os())
    }

    fn from_words<W>(words: impl IntoIterator<Item = W>) -> Result<Cli, clap::Error>
    where
        W: Into<std::ffi::OsString> + Clone,
    {
        let mut command = without_empty_variables(Cli::command());
        let matches = command.try_get_matches_from_mut(words)?;
        let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
        cli.check(&matches)
            .map_err(|message| command.error(ErrorKind::ArgumentConflict, message))?;
        Ok(cli)
    }

    /// Refuses options that would have no effect. In the environment they are allowed, because they
    /// are set for all commands there.
    fn check(&self, matches: &ArgMatches) -> Result<(), &'static str> {
        let typed = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
        let offline = matches!(self.verb, Verb::Check(_));
        if typed("addr") && self.global.embedded {
            return Err("--addr and --embedded exclude each other");
        }
        let needs_past = matches!(
            self.verb,
            Verb::Runs(_)
                | Verb::Show(_)
                | Verb::Logs(_)
                | Verb::Stats(_)
                | Verb::Store(_)
                | Verb::Cancel(_)
                | Verb::Reload
        );
        if self.global.embedded && needs_past {
            return Err("this verb needs a daemon: --embedded keeps no runs");
        }
        if typed("config") && !self.global.embedded && !offline {
            return Err("--config needs --embedded: a daemon has its own config");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Cli, clap::Error> {
        Cli::from_words(line.split(' '))
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_has_help_with_examples() {
        fn check(verbs: &clap::Command) {
            for verb in verbs.get_subcommands() {
                let help = verb.get_after_help().map(ToString::to_string);
                assert!(
                    help.is_some_and(|help| help.contains("Examples:\n  hookctl ")),
                    "{} has no examples",
                    verb.get_name()
                );
                check(verb);
            }
        }
        check(&Cli::command());
    }

    #[test]
    fn options_that_would_do_nothing_are_refused() {
        assert!(read("hookctl info --embedded --config x").is_ok());
        assert!(read("hookctl check --config x").is_ok());
        assert!(read("hookctl runs prune --dry-run -o json").is_ok());
        for line in [
            "hookctl info --config x",
            "hookctl --embedded --addr unix:///x info",
            "hookctl --embedded show last",
            "hookctl runs prune --embedded",
            "hookctl logs last --raw --tail 3",
            "hookctl runs --plan home prune",
        ] {
            let error = read(line).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ArgumentConflict, "{line}");
            assert_eq!(error.exit_code(), 2);
        }
    }

    #[test]
    fn wrong_words_are_answered_with_right_ones() {
        for (line, meant) in [
            ("hookctl rum", "'run'"),
            ("hookctl run snapshot-strat", "'snapshot-start'"),
            ("hookctl run CONDITION_SNAPSHOT_STRAT", "'snapshot-start'"),
            ("hookctl runs --decision canceled", "'cancel'"),
        ] {
            let said = read(line).unwrap_err().to_string();
            assert!(said.contains(meant), "{line}: {said}");
        }
    }
}
