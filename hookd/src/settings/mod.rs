//! The settings of a daemon: flags, environment variables and the `server` section of the
//! config become one [`Settings`].

pub mod cli;
mod file;
mod origin;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use hook_core::catalog::RunRetention;
use hook_core::duration;

use crate::limits::{KEPT_AGE, KEPT_BYTES, Limits};
use crate::listen::Address;
use crate::paths;
use crate::store::Durability;

pub use file::read_section;
pub use origin::{InvalidOrigin, Origin};

/// The settings from one source: flags and environment, or the config file. [`Settings`] combines
/// both, and has a default for each.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsLayer {
    /// Address to listen on; may be given several times: unix:///path, tcp://127.0.0.1:7432
    /// or fd:// (a systemd socket). Default: hookd.sock in systemd's RUNTIME_DIRECTORY; else
    /// unix:///run/hookd/hookd.sock as root, else hookd/hookd.sock in the XDG runtime folder.
    #[arg(
        long,
        short,
        env = "HOOKD_ADDR",
        value_name = "ADDR",
        value_delimiter = ','
    )]
    pub listen: Vec<Address>,

    /// The folder for hookd's own files. Default: systemd's STATE_DIRECTORY; else
    /// /var/lib/hookd as root, else hookd in the XDG state folder.
    #[arg(long, env = "HOOKD_STATE", value_name = "DIR")]
    pub state: Option<PathBuf>,

    /// The store of runs. Default: sqlite, a file below the state folder.
    #[arg(long, env = "HOOKD_STORE", value_enum, value_name = "STORE")]
    pub store: Option<StoreKind>,

    /// The events that the store survives. Default: power.
    #[arg(long, env = "HOOKD_DURABILITY", value_enum, value_name = "WHAT")]
    pub durability: Option<Durability>,

    /// The advice to agents about a run that was interrupted by the death of hookd. Default: fail.
    #[arg(long, env = "HOOKD_ON_INTERRUPTED", value_enum, value_name = "ADVICE")]
    pub on_interrupted: Option<OnInterrupted>,

    /// The handling of runs that cannot be stored. Default: refuse.
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

    /// A web page that may call hookd, by its origin, such as `https://backup.example.org`; may be
    /// given several times. By default no page may call. Pages call by gRPC-Web, mostly over TCP on
    /// a loopback address.
    #[arg(
        long,
        env = "HOOKD_WEB_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    pub web_origin: Vec<Origin>,

    /// The maximum number of concurrent runs. One plan has at most half of them, even if no other
    /// has any.
    ///
    /// So hanging hooks of one plan never block the runs of others. Runs of events without a plan
    /// count as one plan. A plan that needs N concurrent runs needs a limit of 2 N.
    #[arg(long, env = "HOOKD_MAX_CONCURRENT_RUNS", value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_concurrent_runs: Option<u32>,

    /// Runs that may wait for their turn before new ones are refused.
    #[arg(long, env = "HOOKD_MAX_QUEUED_RUNS", value_name = "N",
        value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub max_queued_runs: Option<u32>,

    /// The time for current runs to finish at a shutdown before they are ended, such as 30s or 5m.
    #[arg(long, env = "HOOKD_DRAIN_TIMEOUT", value_name = "DURATION", value_parser = duration::parse)]
    pub drain_timeout: Option<Duration>,

    /// The retention of plans without their own; it has no flag.
    #[arg(skip)]
    pub run_retention: RunRetention,
}

/// The kinds of stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StoreKind {
    /// Memory: runs are lost when hookd ends.
    Memory,
    /// A database below the state folder.
    Sqlite,
}

/// The advice to agents about a run that was interrupted by the death of hookd.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OnInterrupted {
    /// Count the operation as failed.
    #[default]
    Fail,
    /// Try the operation again.
    Retry,
}

/// The handling of runs that cannot be stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OnStoreFailure {
    /// Runs whose hooks can decide something are refused; others run unstored.
    #[default]
    Refuse,
    /// All run, with their journals in memory.
    Run,
}

/// The settings in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The addresses to listen on; at least one.
    pub listen: Vec<Address>,
    /// True if TCP on loopback addresses is allowed.
    pub insecure_loopback: bool,
    /// The web pages that may call.
    pub web_origins: Vec<Origin>,
    /// The folder for hookd's own files.
    pub state: PathBuf,
    /// The kind of store.
    pub store: StoreKind,
    /// The durability of the store.
    pub durability: Durability,
    /// The handling of runs that cannot be stored.
    pub on_store_failure: OnStoreFailure,
    /// The advice about interrupted runs.
    pub on_interrupted: OnInterrupted,
    /// The retention of plans without their own.
    pub run_retention: RunRetention,
    /// The bounds of the daemon.
    pub limits: Limits,
}

impl Settings {
    /// Combines flags with the config file: flags take precedence, and missing settings have
    /// defaults.
    #[must_use]
    pub fn new(flags: SettingsLayer, file: SettingsLayer) -> Settings {
        let default = Limits::default();
        Settings {
            listen: first_not_empty([
                flags.listen,
                file.listen,
                vec![Address::Unix(paths::default_socket())],
            ]),
            insecure_loopback: flags.insecure_loopback,
            web_origins: first_not_empty([flags.web_origin, file.web_origin]),
            state: (flags.state.or(file.state)).unwrap_or_else(paths::default_state),
            store: (flags.store.or(file.store)).unwrap_or(StoreKind::Sqlite),
            durability: (flags.durability.or(file.durability)).unwrap_or(Durability::Power),
            on_store_failure: (flags.on_store_failure.or(file.on_store_failure))
                .unwrap_or_default(),
            on_interrupted: (flags.on_interrupted.or(file.on_interrupted)).unwrap_or_default(),
            run_retention: file.run_retention.or(RunRetention {
                max_age: Some(KEPT_AGE),
                max_runs: None,
                max_bytes: Some(KEPT_BYTES),
            }),
            limits: Limits {
                max_concurrent_runs: (flags.max_concurrent_runs)
                    .or(file.max_concurrent_runs)
                    .unwrap_or(default.max_concurrent_runs),
                max_queued_runs: (flags.max_queued_runs)
                    .or(file.max_queued_runs)
                    .unwrap_or(default.max_queued_runs),
                drain_timeout: flags
                    .drain_timeout
                    .or(file.drain_timeout)
                    .unwrap_or(default.drain_timeout),
            },
        }
    }
}

fn first_not_empty<T, const N: usize>(lists: [Vec<T>; N]) -> Vec<T> {
    let found = lists.into_iter().find(|list| !list.is_empty());
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_defaults_fill_the_rest() {
        let flags = SettingsLayer {
            durability: Some(Durability::Power),
            max_queued_runs: Some(1),
            ..SettingsLayer::default()
        };
        let file = SettingsLayer {
            durability: Some(Durability::Process),
            listen: vec![Address::Systemd],
            max_queued_runs: Some(2),
            store: Some(StoreKind::Memory),
            run_retention: RunRetention {
                max_runs: Some(3),
                ..RunRetention::default()
            },
            ..SettingsLayer::default()
        };
        let settings = Settings::new(flags, file);
        assert_eq!(settings.durability, Durability::Power);
        assert_eq!(settings.listen, [Address::Systemd]);
        assert_eq!(settings.store, StoreKind::Memory);
        assert_eq!(settings.on_interrupted, OnInterrupted::Fail);
        let limits = Limits {
            max_queued_runs: 1,
            ..Limits::default()
        };
        assert_eq!(settings.limits, limits);
        let retention = RunRetention {
            max_age: Some(KEPT_AGE),
            max_runs: Some(3),
            max_bytes: Some(KEPT_BYTES),
        };
        assert_eq!(settings.run_retention, retention);
    }
}
