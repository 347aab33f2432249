//! `AdminService`: inspection and administration of the daemon.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::{Stream, StreamExt as _};
use hookd_proto::v1;
use hookd_proto::v1::admin_service_server::AdminService;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tonic::{Request, Response, Status};

use super::status::backup_under_way;
use super::{Answer, on_blocking_thread};
use super::{from_proto, to_proto};
use crate::backup;
use crate::config::{Config, FileState};
use crate::daemon::Daemon;
use crate::limits::{BACKUP_STALL, FILE_LIMIT, MAX_BACKUPS, MAX_REQUEST_BYTES, MAX_RUNS_IN_MEMORY};
use crate::offline;

/// The service for admins.
#[derive(Clone, Debug)]
pub struct Admin {
    daemon: Arc<Daemon>,
    backups: Arc<Semaphore>,
}

impl Admin {
    /// Creates the service of a daemon.
    #[must_use]
    pub fn new(daemon: Arc<Daemon>) -> Admin {
        Admin {
            daemon,
            backups: Arc::new(Semaphore::new(MAX_BACKUPS)),
        }
    }
}

/// Returns the config in force, and whether its file has changed since.
async fn config_info(config: &Arc<Config>) -> Result<v1::ConfigInfo, Status> {
    let state = {
        let config = Arc::clone(config);
        on_blocking_thread(move || config.file_state())
    };
    // A disk that does not answer must not keep the rest back.
    let state = match timeout(FILE_LIMIT, state).await {
        Ok(state) => state?,
        Err(_) => FileState::Unreadable,
    };
    Ok(to_proto::config_info(
        config.file(),
        &config.current(),
        state,
    ))
}

#[tonic::async_trait]
impl AdminService for Admin {
    type BackupStoreStream =
        Pin<Box<dyn Stream<Item = Result<v1::BackupStoreResponse, Status>> + Send>>;

    async fn check_config(
        &self,
        request: Request<v1::CheckConfigRequest>,
    ) -> Answer<v1::CheckConfigResponse> {
        let request = request.into_inner();
        let checked = offline::check(request.file, request.config.to_vec());
        Ok(Response::new(checked.await))
    }

    async fn reload_config(
        &self,
        _: Request<v1::ReloadConfigRequest>,
    ) -> Answer<v1::ReloadConfigResponse> {
        let config = &self.daemon.config;
        let result = {
            let config = Arc::clone(config);
            on_blocking_thread(move || config.reload()).await?
        };
        let applied = result.is_ok();
        let diagnostics = match result {
            Ok(loaded) => to_proto::diagnostics(&loaded.warnings),
            Err(error) => to_proto::load_error(&error),
        };
        let config = config_info(config).await?;
        Ok(Response::new(v1::ReloadConfigResponse {
            applied,
            diagnostics,
            config: Some(config),
        }))
    }

    async fn get_server_info(
        &self,
        _: Request<v1::GetServerInfoRequest>,
    ) -> Answer<v1::GetServerInfoResponse> {
        let daemon = &self.daemon;
        let counts = daemon.runner.registry.counts();
        let open_store = &daemon.open_store;
        let in_place = open_store.store.in_place().await;
        open_store.health.in_place(&in_place);
        let info = match in_place {
            Ok(()) => open_store.store.info().await,
            Err(gone) => Err(gone),
        };
        let store = to_proto::store_info(info, &daemon.open_store.health);
        Ok(Response::new(v1::GetServerInfoResponse {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: Some(daemon.started_at.into()),
            config: Some(config_info(&daemon.config).await?),
            store: store.kind.clone(),
            limits: Some(v1::ServerLimits {
                max_concurrent_runs: daemon.limits.max_concurrent_runs,
                max_queued_runs: daemon.limits.max_queued_runs,
                drain_timeout: Some(daemon.limits.drain_timeout.into()),
                max_request_bytes: MAX_REQUEST_BYTES as u64,
                max_kept_runs: match &*store.kind {
                    "memory" => MAX_RUNS_IN_MEMORY,
                    _ => 0,
                },
            }),
            counts: Some(v1::ServerCounts {
                running: counts.running,
                queued: counts.queued,
                kept: u32::try_from(store.runs).unwrap_or(u32::MAX),
                total: counts.total,
            }),
            listen: daemon.listen.clone(),
            pid: std::process::id(),
            store_info: Some(store),
        }))
    }

    async fn prune_runs(
        &self,
        request: Request<v1::PruneRunsRequest>,
    ) -> Answer<v1::PruneRunsResponse> {
        let request = request.into_inner();
        let asked = from_proto::retention(&request)?;
        let pruned = self.daemon.prune(asked, request.dry_run).await?;
        let plans = pruned.into_iter().map(to_proto::pruned).collect();
        Ok(Response::new(v1::PruneRunsResponse { plans }))
    }

    async fn backup_store(
        &self,
        _: Request<v1::BackupStoreRequest>,
    ) -> Answer<Self::BackupStoreStream> {
        let permit = Arc::clone(&self.backups).try_acquire_owned();
        let permit = permit.map_err(|_| backup_under_way())?;
        let copy = backup::copy(Arc::clone(&self.daemon.open_store.store), permit).await?;
        let pieces = backup::pieces(copy, BACKUP_STALL).map(|piece| match piece {
            Ok(data) => Ok(v1::BackupStoreResponse { data }),
            Err(error) => Err(error.into()),
        });
        Ok(Response::new(Box::pin(pieces)))
    }
}
