//! The `server` section: how hookd itself runs.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::codes;
use super::defaults::{absolute_path, by_name};
use super::meant::shown;
use super::origin::Origin;
use super::reader::Reader;
use super::table::Table;
use super::tree::{Kind, Node};
use crate::catalog::RunRetention;

/// The `server` section. What is absent keeps hookd's default; flags win over all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerSettings {
    /// Where to listen: `unix:///path`, `tcp://host:port`, `fd://`. Empty if not given.
    pub listen: Vec<String>,
    /// The folder for state.
    pub state: Option<PathBuf>,
    /// Where runs are kept.
    pub store: Option<StoreKind>,
    /// How many runs may run side by side; of one plan half as many.
    pub max_concurrent_runs: Option<u32>,
    /// How many more may wait.
    pub max_queued_runs: Option<u32>,
    /// How long running runs may go on at a shutdown.
    pub drain_timeout: Option<Duration>,
    /// What is to survive.
    pub durability: Option<Durability>,
    /// What the agent is told of a run that the death of the daemon cut off.
    pub on_interrupted: Option<OnInterrupted>,
    /// What becomes of runs that cannot be stored.
    pub on_store_failure: Option<OnStoreFailure>,
    /// How much is kept of the runs of each plan.
    pub run_retention: RunRetention,
    /// The web pages that may call hookd. Empty if none may.
    pub web_origins: Vec<Origin>,
}

/// What a store is to survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The death of the daemon.
    Process,
    /// The death of the machine, too.
    Power,
}

/// What the agent is told of a run that the death of the daemon cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnInterrupted {
    /// To count the operation as failed.
    #[default]
    Fail,
    /// To try the operation again.
    Retry,
}

/// What becomes of runs that cannot be stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnStoreFailure {
    /// Those whose hooks can decide something are refused; others run all the same.
    #[default]
    Refuse,
    /// All run, with their journals in memory.
    Run,
}

/// For how long runs may be kept: up to a hundred years.
const MAX_AGE: RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(36_500 * 86_400);
/// How many runs of a plan may be kept.
const MAX_RUNS: RangeInclusive<i64> = 1..=1_000_000_000;
/// How many bytes runs of a plan may take.
const MAX_BYTES: RangeInclusive<u64> = 1 << 20..=1 << 50;

/// Reads the `runRetention` of the daemon or of a plan.
pub(crate) fn run_retention(reader: &mut Reader<'_>, table: &mut Table<'_>) -> RunRetention {
    let found = table.take("runRetention");
    let Some(mut table) = found.and_then(|n| Table::new(reader, n, "a retention of runs")) else {
        return RunRetention::default();
    };
    let runs = table.take("maxRuns");
    let retention = RunRetention {
        max_age: table
            .take("maxAge")
            .and_then(|n| reader.duration(n, MAX_AGE)),
        max_runs: runs
            .and_then(|n| reader.integer(n, MAX_RUNS))
            .and_then(|n| u64::try_from(n).ok()),
        max_bytes: table
            .take("maxBytes")
            .and_then(|n| reader.size(n, MAX_BYTES)),
    };
    table.finish(reader, |_| None);
    retention
}

/// Where runs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// In a file below the state folder.
    Sqlite,
    /// In memory, lost at a restart.
    Memory,
}

/// Reads the `server` section.
pub(crate) fn read(reader: &mut Reader<'_>, node: &Node) -> ServerSettings {
    let Some(mut table) = Table::new(reader, node, "`server`") else {
        return ServerSettings::default();
    };
    let stores = [("sqlite", StoreKind::Sqlite), ("memory", StoreKind::Memory)];
    let count = |reader: &mut Reader<'_>, node: Option<&Node>, least, most| {
        let value = reader.integer(node?, least..=most)?;
        u32::try_from(value).ok()
    };
    let settings = ServerSettings {
        listen: table
            .take("listen")
            .map_or(Vec::new(), |n| listen(reader, n)),
        state: table.take("state").and_then(|n| absolute_path(reader, n)),
        store: table
            .take("store")
            .and_then(|n| by_name(reader, n, "a store", codes::UNKNOWN_NAME, &stores)),
        max_concurrent_runs: count(reader, table.take("maxConcurrentRuns"), 1, 10_000),
        max_queued_runs: count(reader, table.take("maxQueuedRuns"), 0, 1_000_000),
        drain_timeout: table
            .take("drainTimeout")
            .and_then(|n| reader.duration(n, Duration::ZERO..=Duration::from_secs(86_400))),
        web_origins: table.take("web").map_or(Vec::new(), |n| web(reader, n)),
        durability: table.take("durability").and_then(|n| {
            let all = [
                ("power", Durability::Power),
                ("process", Durability::Process),
            ];
            by_name(reader, n, "a durability", codes::UNKNOWN_NAME, &all)
        }),
        on_interrupted: table.take("onInterrupted").and_then(|n| {
            let all = [
                ("FAIL", OnInterrupted::Fail),
                ("RETRY", OnInterrupted::Retry),
            ];
            by_name(
                reader,
                n,
                "advice after an interruption",
                codes::UNKNOWN_NAME,
                &all,
            )
        }),
        on_store_failure: table.take("onStoreFailure").and_then(|n| {
            let all = [
                ("REFUSE", OnStoreFailure::Refuse),
                ("RUN", OnStoreFailure::Run),
            ];
            by_name(
                reader,
                n,
                "an answer to a failed store",
                codes::UNKNOWN_NAME,
                &all,
            )
        }),
        run_retention: run_retention(reader, &mut table),
    };
    table.finish(reader, |_| None);
    settings
}

/// One address, or a list of them.
fn listen(reader: &mut Reader<'_>, node: &Node) -> Vec<String> {
    match &node.kind {
        Kind::Sequence(items) => items.iter().filter_map(|n| address(reader, n)).collect(),
        _ => address(reader, node).into_iter().collect(),
    }
}

fn address(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = reader.text(node)?;
    let valid = if let Some(path) = text.strip_prefix("unix://") {
        path.starts_with('/') && path.len() > 1 && !path.contains('\0')
    } else if let Some(rest) = text.strip_prefix("tcp://") {
        let host_and_port = rest.rsplit_once(':');
        host_and_port.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
    } else {
        text.strip_prefix("fd://")
            .is_some_and(|name| !name.contains('/'))
    };
    if !valid {
        let message = format!("{} is no address to listen at", shown(text));
        reader
            .error(node.span, codes::BAD_VALUE, message)
            .help("write `unix:///path`, `tcp://127.0.0.1:7432` or `fd://`");
    }
    valid.then(|| text.to_owned())
}

/// The `web` section.
fn web(reader: &mut Reader<'_>, node: &Node) -> Vec<Origin> {
    let Some(mut table) = Table::new(reader, node, "`web`") else {
        return Vec::new();
    };
    let origins = table.take("origins").and_then(|node| reader.list(node));
    let origins = origins.unwrap_or_default().iter();
    let origins = origins.filter_map(|n| origin(reader, n)).collect();
    table.finish(reader, |_| None);
    origins
}

fn origin(reader: &mut Reader<'_>, node: &Node) -> Option<Origin> {
    match reader.text(node)?.parse() {
        Ok(origin) => Some(origin),
        Err(fault) => {
            reader
                .error(node.span, codes::BAD_VALUE, fault.to_string())
                .help(fault.remedy());
            None
        }
    }
}
