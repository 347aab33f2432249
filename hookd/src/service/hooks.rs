//! `HookService`: running hooks, and looking at runs.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::{Stream, StreamExt as _};
use hook_core::run::stop::{CancelCause, StopReason};
use hookd_proto::v1;
use hookd_proto::v1::hook_service_server::HookService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::stream::{CancelOnDrop, deadline, entries};
use super::{fit, list};
use crate::daemon::Daemon;
use crate::runs::{self, Known, State};
use crate::status::{self, invalid};
use crate::{convert, preview};

/// The service for agents and those who watch them.
#[derive(Clone, Debug)]
pub struct Hooks(Arc<Daemon>);

type ResponseStream<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Hooks {
    /// The service of a daemon.
    #[must_use]
    pub fn new(daemon: Arc<Daemon>) -> Hooks {
        Hooks(daemon)
    }

    async fn find(&self, id: &str) -> Result<Known, Status> {
        let not_found = || status::run_not_found(id);
        let uuid = Uuid::try_parse(id).map_err(|_| not_found())?;
        let found = self.0.runner.get(uuid).await;
        let found = found.map_err(|error| status::store(&error))?;
        found.ok_or_else(not_found)
    }
}

#[tonic::async_trait]
impl HookService for Hooks {
    type RunHooksStream = ResponseStream<v1::RunHooksResponse>;
    type WatchRunStream = ResponseStream<v1::WatchRunResponse>;

    async fn run_hooks(
        &self,
        request: Request<v1::RunHooksRequest>,
    ) -> Result<Response<Self::RunHooksStream>, Status> {
        let deadline = deadline(request.metadata());
        let request = request.into_inner();
        let bad = |violations: Vec<_>| invalid("INVALID_EVENT", &violations);
        let id = convert::request_id(&request.request_id)
            .map_err(|violations| invalid("INVALID_REQUEST_ID", &violations))?;
        let timeout = convert::timeout(request.timeout.as_ref())
            .map_err(|violations| invalid("INVALID_TIMEOUT", &violations))?;
        let reported = convert::event_from_wire(request.event).map_err(bad)?;
        let run = self
            .0
            .runner
            .start(runs::Request {
                id,
                event: reported.event,
                timed: reported.timed,
                timeout,
                cancel_on_disconnect: request.cancel_on_disconnect,
            })
            .await
            .map_err(|error| status::not_started(&error))?;
        let store = Arc::clone(&self.0.keeping.store);
        let closing = self.0.closing.clone();
        let mut entries = entries(run.clone(), store, 0, deadline, closing);
        if request.cancel_on_disconnect
            && let Known::Live(run) = run
        {
            entries = Box::pin(CancelOnDrop::new(entries, run));
        }
        let responses = entries.map(|entry| entry.map(|e| v1::RunHooksResponse { entry: Some(e) }));
        Ok(Response::new(Box::pin(responses)))
    }

    async fn watch_run(
        &self,
        request: Request<v1::WatchRunRequest>,
    ) -> Result<Response<Self::WatchRunStream>, Status> {
        let deadline = deadline(request.metadata());
        let request = request.into_inner();
        let run = self.find(&request.run_id).await?;
        let entries = entries(
            run,
            Arc::clone(&self.0.keeping.store),
            request.after_sequence,
            deadline,
            self.0.watching.clone(),
        );
        let responses = entries.map(|entry| entry.map(|e| v1::WatchRunResponse { entry: Some(e) }));
        Ok(Response::new(Box::pin(responses)))
    }

    async fn cancel_run(
        &self,
        request: Request<v1::CancelRunRequest>,
    ) -> Result<Response<v1::CancelRunResponse>, Status> {
        let run = self.find(&request.into_inner().run_id).await?;
        let mut cancelling = false;
        if let Known::Live(run) = &run
            && run.state() != State::Finished
        {
            cancelling = true;
            run.stop(StopReason::Cancelled(CancelCause::Requested));
        }
        let run = Some(fit::run(run.glance()));
        Ok(Response::new(v1::CancelRunResponse { cancelling, run }))
    }

    async fn get_run(
        &self,
        request: Request<v1::GetRunRequest>,
    ) -> Result<Response<v1::GetRunResponse>, Status> {
        let run = self.find(&request.into_inner().run_id).await?;
        Ok(Response::new(v1::GetRunResponse {
            run: Some(fit::run(run.glance())),
        }))
    }

    async fn list_runs(
        &self,
        request: Request<v1::ListRunsRequest>,
    ) -> Result<Response<v1::ListRunsResponse>, Status> {
        let filter = convert::filter(request.into_inner())
            .map_err(|violations| invalid("INVALID_FILTER", &violations))?;
        let page = list::page(&self.0, &filter).await;
        page.map(Response::new)
            .map_err(|error| status::store(&error))
    }

    async fn list_hooks(
        &self,
        request: Request<v1::ListHooksRequest>,
    ) -> Result<Response<v1::ListHooksResponse>, Status> {
        let request = request.into_inner();
        let catalog = self.0.config.current().catalog;
        let hooks = preview::hooks(&catalog, &request.repo_id, &request.plan_id)
            .map_err(|target| status::unknown_target(&target))?;
        let remedy = "ask for the hooks of one plan or repository";
        fit::whole(v1::ListHooksResponse { hooks }, remedy)
    }

    async fn render_hooks(
        &self,
        request: Request<v1::RenderHooksRequest>,
    ) -> Result<Response<v1::RenderHooksResponse>, Status> {
        let request = request.into_inner();
        let reported = convert::event_from_wire(request.event)
            .map_err(|violations| invalid("INVALID_EVENT", &violations))?;
        let catalog = self.0.config.current().catalog;
        let rendered = preview::render(&catalog, reported.event, &request.hook)?;
        fit::whole(rendered, "ask for one hook")
    }

    async fn list_hook_stats(
        &self,
        request: Request<v1::ListHookStatsRequest>,
    ) -> Result<Response<v1::ListHookStatsResponse>, Status> {
        let filter = convert::stats_filter(request.into_inner())
            .map_err(|violations| invalid("INVALID_FILTER", &violations))?;
        let stats = self.0.keeping.store.hook_stats(&filter).await;
        let stats = stats.map_err(|error| status::store(&error))?;
        let hooks = stats.iter().map(convert::hook_stats).collect();
        let remedy = "ask for one hook, plan or repository";
        fit::whole(v1::ListHookStatsResponse { hooks }, remedy)
    }
}
