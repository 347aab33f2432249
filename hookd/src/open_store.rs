//! The store of a daemon: opening it, recovering its runs, pruning and closing it.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use hook_core::catalog::RunRetention;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::clock_check::ClockCheck;
use crate::daemon::Daemon;
use crate::leftovers;
use crate::limits::{PLACE_INTERVAL, PRUNE_INTERVAL, STORE_RETRY};
use crate::paths::DaemonPaths;
use crate::runs::{self, CutOffRun, OpenStore, StoreHealth};
use crate::settings::{OnInterrupted, OnStoreFailure, Settings, StoreKind};
use crate::store::{Durability, OpenError, Store, StoreError};

/// The file of the store, in the state folder.
const STORE_FILE: &str = "runs.sqlite3";

/// Opens the store that the settings name.
pub(crate) async fn open(settings: &Settings) -> Result<OpenStore, OpenError> {
    let (store, health) = match settings.store {
        StoreKind::Memory => (Store::in_memory()?, StoreHealth::default()),
        StoreKind::Sqlite => match sqlite(&settings.state, settings.durability).await {
            Ok(opened) => opened,
            Err(error) if settings.on_store_failure == OnStoreFailure::Run => {
                error!(%error, "runs are kept in memory alone until hookd is started again");
                let mut health = StoreHealth::default();
                health.at_start = Some(error.to_string());
                (Store::in_memory()?, health)
            }
            Err(error) => return Err(error),
        },
    };
    Ok(OpenStore {
        store: Arc::new(store),
        health: Arc::new(health),
        on_store_failure: settings.on_store_failure,
        retention: settings.run_retention,
    })
}

async fn sqlite(state: &Path, durability: Durability) -> Result<(Store, StoreHealth), OpenError> {
    let file = state.join(STORE_FILE);
    let opening = tokio::task::spawn_blocking(move || Store::open(&file, durability));
    let (store, set_aside) = opening
        .await
        .map_err(|panic| StoreError::Failed(panic.to_string()))??;
    let set_aside = set_aside.inspect(|aside| error!("{aside}"));
    let mut health = StoreHealth::default();
    health.set_aside = set_aside.map(|aside| aside.to);
    Ok((store, health))
}

/// Ends the processes that an earlier daemon left, and closes its runs as interrupted. Returns
/// the runs that could not be closed because the store failed.
pub(crate) async fn recover(
    store: &Store,
    paths: &DaemonPaths,
    advice: OnInterrupted,
) -> Result<Vec<CutOffRun>, OpenError> {
    let cut_off = runs::cut_off(store).await?;
    leftovers::end(&paths.instance, &paths.scripts).await;
    Ok(runs::close(store, cut_off, advice).await)
}

/// Retries to close these runs until the store accepts them.
pub(crate) async fn close_later(
    daemon: Arc<Daemon>,
    mut left: Vec<CutOffRun>,
    advice: OnInterrupted,
) {
    while !left.is_empty() {
        if ended_within(&daemon.closing, STORE_RETRY[1]).await {
            return;
        }
        left = runs::close(&daemon.open_store.store, left, advice).await;
    }
}

/// Notices if the files of the store are removed, renamed, replaced or damaged, until the daemon
/// ends.
pub(crate) async fn watch_place(daemon: Arc<Daemon>) {
    let open_store = &daemon.open_store;
    while !ended_within(&daemon.closing, PLACE_INTERVAL).await {
        let in_place = open_store.store.in_place().await;
        open_store.health.in_place(&in_place);
    }
}

/// Returns a check of the clock that trusts the time of the newest run, before any of this daemon.
pub(crate) async fn clock_check(store: &Store) -> Result<ClockCheck, StoreError> {
    let newest = store.info().await?.newest;
    Ok(ClockCheck::new(newest, Instant::now()))
}

/// Prunes the store at intervals, until the daemon ends; not while the clock cannot be trusted.
pub(crate) async fn prune(daemon: Arc<Daemon>, mut clock: ClockCheck) {
    loop {
        if clock.trusts(Timestamp::now(), Instant::now()) {
            prune_now(&daemon).await;
        } else {
            warn!(
                "the clock is more than a day ahead of the newest run or of its last time: no runs \
                 are removed until it has been so for an hour"
            );
        }
        if ended_within(&daemon.closing, PRUNE_INTERVAL).await {
            return;
        }
    }
}

async fn prune_now(daemon: &Daemon) {
    match daemon.prune(RunRetention::default(), false).await {
        Ok(pruned) => {
            let runs: u64 = pruned.iter().map(|plan| plan.runs).sum();
            let bytes: u64 = pruned.iter().map(|plan| plan.bytes).sum();
            if runs > 0 {
                info!(runs, bytes, "runs that are no longer kept were removed");
            }
        }
        Err(StoreError::Closed) => {}
        Err(error) => warn!(%error, "old runs were not removed"),
    }
}

/// Closes the store; nothing may use it any more.
pub(crate) async fn close(store: &Store) {
    if let Err(error) = store.close().await {
        error!(%error, "the store was not closed as it should be");
    }
}

/// Waits for that time, or until the daemon ends; returns whether it ended.
pub(crate) async fn ended_within(closing: &CancellationToken, time: std::time::Duration) -> bool {
    tokio::time::timeout(time, closing.cancelled())
        .await
        .is_ok()
}
