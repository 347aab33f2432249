//! `AdminService`: looking after the daemon.

use std::sync::Arc;

use hookd_proto::v1;
use hookd_proto::v1::admin_service_server::AdminService;
use tonic::{Request, Response, Status};

use crate::daemon::Daemon;
use crate::limits::{MAX_REQUEST_BYTES, MAX_RUNS_IN_MEMORY};
use crate::store::Durability;
use crate::{convert, offline, status};

/// The service for admins.
#[derive(Clone, Debug)]
pub struct Admin(Arc<Daemon>);

impl Admin {
    /// The service of a daemon.
    #[must_use]
    pub fn new(daemon: Arc<Daemon>) -> Admin {
        Admin(daemon)
    }
}

#[tonic::async_trait]
impl AdminService for Admin {
    type BackupStoreStream = std::pin::Pin<
        Box<dyn futures_util::Stream<Item = Result<v1::BackupStoreResponse, Status>> + Send>,
    >;

    async fn check_config(
        &self,
        request: Request<v1::CheckConfigRequest>,
    ) -> Result<Response<v1::CheckConfigResponse>, Status> {
        let request = request.into_inner();
        Ok(Response::new(offline::check(
            &request.file,
            &request.config,
        )))
    }

    async fn reload_config(
        &self,
        _: Request<v1::ReloadConfigRequest>,
    ) -> Result<Response<v1::ReloadConfigResponse>, Status> {
        let config = &self.0.config;
        let result = config.reload();
        let applied = result.is_ok();
        let diagnostics = match result {
            Ok(loaded) => convert::diagnostics(&loaded.warnings),
            Err(error) => offline::load_error(&error),
        };
        let config = convert::config_info(config.file(), &config.current());
        Ok(Response::new(v1::ReloadConfigResponse {
            applied,
            diagnostics,
            config: Some(config),
        }))
    }

    async fn get_server_info(
        &self,
        _: Request<v1::GetServerInfoRequest>,
    ) -> Result<Response<v1::GetServerInfoResponse>, Status> {
        let daemon = &self.0;
        let counts = daemon.runner.counts();
        let store = daemon.keeping.store.info().await;
        let store = store.map_err(|error| status::store_failed(&error.to_string(), &[]))?;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(Response::new(v1::GetServerInfoResponse {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: Some(convert::timestamp(daemon.started_at)),
            config: Some(convert::config_info(
                daemon.config.file(),
                &daemon.config.current(),
            )),
            store: store.kind.to_owned(),
            store_info: Some(convert::store_info(&store, &daemon.keeping.health)),
            limits: Some(v1::ServerLimits {
                max_concurrent_runs: number(daemon.limits.max_concurrent_runs),
                max_queued_runs: number(daemon.limits.max_queued_runs),
                drain_timeout: Some(convert::duration(daemon.limits.drain_timeout)),
                max_request_bytes: MAX_REQUEST_BYTES as u64,
                max_kept_runs: match store.durability {
                    Durability::None => number(MAX_RUNS_IN_MEMORY),
                    Durability::Process | Durability::Power => 0,
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
        }))
    }

    async fn prune_runs(
        &self,
        _: Request<v1::PruneRunsRequest>,
    ) -> Result<Response<v1::PruneRunsResponse>, Status> {
        Err(Status::unimplemented("prune_runs"))
    }

    async fn backup_store(
        &self,
        _: Request<v1::BackupStoreRequest>,
    ) -> Result<Response<Self::BackupStoreStream>, Status> {
        Err(Status::unimplemented("backup_store"))
    }
}
