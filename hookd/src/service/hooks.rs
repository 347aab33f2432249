//! `HookService`: firing events, and querying runs.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::{Stream, StreamExt as _};
use hook_core::run::stop::{CancelCause, StopReason};
use hookd_proto::v1;
use hookd_proto::v1::hook_service_server::HookService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::journal_stream::{deadline, entries};
use super::known_names::FilterNames;
use super::response_limits::{shown_run, whole};
use super::run_filter::{run_filter, stats_filter};
use super::status::run_not_found;
use super::{Answer, on_blocking_thread};
use super::{from_proto, preview, run_pages, to_proto};
use crate::daemon::Daemon;
use crate::runs::KnownRun;

/// The service for agents and observers.
#[derive(Clone, Debug)]
pub struct Hooks(Arc<Daemon>);

type ResponseStream<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Hooks {
    /// Creates the service of a daemon.
    #[must_use]
    pub fn new(daemon: Arc<Daemon>) -> Hooks {
        Hooks(daemon)
    }

    async fn find(&self, id: &str) -> Result<KnownRun, Status> {
        let not_found = || run_not_found(id);
        let uuid = Uuid::try_parse(id).map_err(|_| not_found())?;
        self.0.runner.get(uuid).await?.ok_or_else(not_found)
    }
}

#[tonic::async_trait]
impl HookService for Hooks {
    type RunHooksStream = ResponseStream<v1::RunHooksResponse>;
    type WatchRunStream = ResponseStream<v1::WatchRunResponse>;

    async fn run_hooks(
        &self,
        request: Request<v1::RunHooksRequest>,
    ) -> Answer<Self::RunHooksStream> {
        let deadline = deadline(request.metadata().as_ref());
        let reader = request.extensions().get().cloned();
        let request = from_proto::run_request(request.into_inner())?;
        let (run, guard) = self.0.runner.start(request).await?;
        let store = Arc::clone(&self.0.open_store.store);
        let entries = entries(run, reader, store, 0, deadline, self.0.closing.clone());
        let responses = entries.map(move |entry| {
            // Dropped with the stream, which stops the run if the request asks for that.
            let _ = &guard;
            entry.map(|entry| v1::RunHooksResponse { entry: Some(entry) })
        });
        Ok(Response::new(Box::pin(responses)))
    }

    async fn watch_run(
        &self,
        request: Request<v1::WatchRunRequest>,
    ) -> Answer<Self::WatchRunStream> {
        let deadline = deadline(request.metadata().as_ref());
        let reader = request.extensions().get().cloned();
        let request = request.into_inner();
        let run = self.find(&request.run_id).await?;
        let store = Arc::clone(&self.0.open_store.store);
        let closing = self.0.watching.clone();
        let entries = entries(
            run,
            reader,
            store,
            request.after_sequence,
            deadline,
            closing,
        );
        let responses = entries.map(|entry| entry.map(|e| v1::WatchRunResponse { entry: Some(e) }));
        Ok(Response::new(Box::pin(responses)))
    }

    async fn cancel_run(
        &self,
        request: Request<v1::CancelRunRequest>,
    ) -> Answer<v1::CancelRunResponse> {
        let run = self.find(&request.into_inner().run_id).await?;
        let mut cancelling = false;
        if let KnownRun::Live(run) = &run
            && !run.is_over()
        {
            cancelling = true;
            run.stop(StopReason::Cancelled(CancelCause::Requested));
        }
        let run = Some(shown_run(run.summary().into_wire()));
        Ok(Response::new(v1::CancelRunResponse { cancelling, run }))
    }

    async fn get_run(&self, request: Request<v1::GetRunRequest>) -> Answer<v1::GetRunResponse> {
        let run = self.find(&request.into_inner().run_id).await?;
        let run = Some(shown_run(run.summary().into_wire()));
        Ok(Response::new(v1::GetRunResponse { run }))
    }

    async fn list_runs(
        &self,
        request: Request<v1::ListRunsRequest>,
    ) -> Answer<v1::ListRunsResponse> {
        let filter = run_filter(request.into_inner())?;
        let page = run_pages::page(&self.0, &filter).await?;
        if page.runs.is_empty() && page.next_page_token.is_empty() && filter.before.is_none() {
            filter.names().check(&self.0).await?;
        }
        Ok(Response::new(page))
    }

    async fn list_hooks(
        &self,
        request: Request<v1::ListHooksRequest>,
    ) -> Answer<v1::ListHooksResponse> {
        let request = request.into_inner();
        let catalog = self.0.config.current().catalog;
        catalog.mask().up_to_date().await;
        let hooks = preview::hooks(&catalog, &request.repo_id, &request.plan_id)?;
        let remedy = "ask for the hooks of one plan or repository";
        whole(v1::ListHooksResponse { hooks }, remedy)
    }

    async fn render_hooks(
        &self,
        request: Request<v1::RenderHooksRequest>,
    ) -> Answer<v1::RenderHooksResponse> {
        let request = request.into_inner();
        let event = from_proto::event(request.event)?;
        let catalog = self.0.config.current().catalog;
        catalog.mask().up_to_date().await;
        let render = move || preview::render(&catalog, event, &request.hook);
        whole(on_blocking_thread(render).await??, "ask for one hook")
    }

    async fn list_hook_stats(
        &self,
        request: Request<v1::ListHookStatsRequest>,
    ) -> Answer<v1::ListHookStatsResponse> {
        let filter = stats_filter(request.into_inner())?;
        let stats = self.0.open_store.store.hook_stats(&filter).await?;
        if stats.is_empty() {
            let names = FilterNames {
                repo: filter.repo.as_deref(),
                plan: filter.plan.as_deref(),
                hook: filter.hook.as_deref(),
            };
            names.check(&self.0).await?;
        }
        let hooks = stats.into_iter().map(to_proto::hook_stats).collect();
        let remedy = "ask for one hook, plan or repository";
        whole(v1::ListHookStatsResponse { hooks }, remedy)
    }
}
