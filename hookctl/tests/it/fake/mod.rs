//! A fake daemon: it replays journals, and can be killed and restarted.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use hookd_proto::v1::admin_service_server::{AdminService, AdminServiceServer};
use hookd_proto::v1::hook_service_server::{HookService, HookServiceServer};
use hookd_proto::v1::*;
use tempfile::TempDir;
use tokio::net::UnixListener;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, UnixListenerStream};
use tonic::transport::Server;
use tonic::{Request, Response, Status};

pub(crate) mod journal;

use crate::hookctl::{Answer, hookctl};

/// Longest wait for anything.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// The answers of the daemon, and the requests that it received.
#[derive(Default)]
pub(crate) struct Play {
    /// The journal of its one run.
    pub(crate) journal: Vec<JournalEntry>,
    /// Number of entries after which the stream stalls.
    pub(crate) stall_after: Option<usize>,
    /// Answers to calls to run hooks instead of the journal, the last first.
    pub(crate) refusals: Vec<Status>,
    /// Answers to calls to watch a run instead of the journal, the last first.
    pub(crate) unwatched: Vec<Status>,
    /// Status with which streams end after the journal; `None` for OK.
    pub(crate) ends_with: Option<Status>,
    /// The runs that the daemon keeps, newest first.
    pub(crate) runs: Vec<Run>,
    /// The requests to run hooks.
    pub(crate) requested: Vec<RunHooksRequest>,
    /// The requests to watch a run.
    pub(crate) watched: Vec<WatchRunRequest>,
    /// The requests for pages of runs.
    pub(crate) listed: Vec<ListRunsRequest>,
    /// The statistics of hooks.
    pub(crate) stats: Vec<HookStats>,
    /// The configured hooks.
    pub(crate) hooks: Vec<ConfiguredHook>,
    /// The pieces of the store's copy; an error ends it.
    pub(crate) backup: Vec<Result<Vec<u8>, Status>>,
    /// The ids of the runs whose cancellation was requested.
    pub(crate) cancelled: Vec<String>,
    /// The streams that stall.
    pub(crate) stalled: Vec<mpsc::Sender<Result<JournalEntry, Status>>>,
}

#[derive(Clone, Default)]
struct Service(Arc<Mutex<Play>>);

/// A daemon in a folder of its own.
pub(crate) struct Daemon {
    folder: TempDir,
    service: Service,
    runtime: Option<Runtime>,
}

impl Daemon {
    pub(crate) fn start(play: Play) -> Daemon {
        let mut daemon = Daemon::absent(play);
        daemon.revive();
        daemon
    }

    /// Returns a daemon that does not listen yet.
    pub(crate) fn absent(play: Play) -> Daemon {
        Daemon {
            folder: tempfile::tempdir().unwrap(),
            service: Service(Arc::new(Mutex::new(play))),
            runtime: None,
        }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("hookd.sock")
    }

    pub(crate) fn play(&self) -> MutexGuard<'_, Play> {
        self.service.0.lock().unwrap()
    }

    /// Ends at once, with all connections.
    pub(crate) fn die(&mut self) {
        self.play().stalled.clear();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(LIMIT);
        }
        let _ = std::fs::remove_file(self.socket());
    }

    /// Listens again.
    pub(crate) fn revive(&mut self) {
        let runtime = Runtime::new().unwrap();
        let listener = {
            let _entered = runtime.enter();
            UnixListener::bind(self.socket()).unwrap()
        };
        let serving = Server::builder()
            .add_service(HookServiceServer::new(self.service.clone()))
            .add_service(AdminServiceServer::new(self.service.clone()))
            .serve_with_incoming(UnixListenerStream::new(listener));
        runtime.spawn(serving);
        self.runtime = Some(runtime);
    }

    /// Returns a command that runs hookctl with this daemon.
    pub(crate) fn hookctl(&self, line: &str) -> Command {
        let mut command = hookctl(line.split_whitespace());
        command.env("HOOKD_ADDR", format!("unix://{}", self.socket().display()));
        command
    }

    /// Runs hookctl to its end.
    pub(crate) fn ask(&self, line: &str) -> Answer {
        Answer::from(self.hookctl(line).output().unwrap())
    }

    /// Waits until `seen` holds for the received requests.
    pub(crate) fn wait_for(&self, what: &str, seen: impl Fn(&Play) -> bool) {
        let start = Instant::now();
        while !seen(&self.play()) {
            assert!(start.elapsed() < LIMIT, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends streams that stalled with this entry.
    pub(crate) fn finish_stalled(&self, entry: &JournalEntry) {
        for stream in std::mem::take(&mut self.play().stalled) {
            stream.blocking_send(Ok(entry.clone())).unwrap();
        }
    }
}

impl Service {
    fn stream(&self, after: u64) -> ReceiverStream<Result<JournalEntry, Status>> {
        let mut play = self.0.lock().unwrap();
        let (sender, receiver) = mpsc::channel(play.journal.len() + 2);
        let count = play.stall_after.unwrap_or(play.journal.len());
        for entry in play.journal.iter().take(count) {
            if entry.sequence > after {
                sender.try_send(Ok(entry.clone())).unwrap();
            }
        }
        if play.stall_after.is_some() {
            play.stalled.push(sender);
        } else if let Some(end) = &play.ends_with {
            sender.try_send(Err(end.clone())).unwrap();
        }
        ReceiverStream::new(receiver)
    }

    fn found(&self, run_id: &str) -> Result<Run, Status> {
        let play = self.0.lock().unwrap();
        let found = play.runs.iter().find(|run| run.run_id == run_id);
        found
            .cloned()
            .ok_or_else(|| Status::not_found("no such run"))
    }
}

type Entries<T> = std::pin::Pin<Box<dyn tokio_stream::Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl HookService for Service {
    type RunHooksStream = Entries<RunHooksResponse>;
    type WatchRunStream = Entries<WatchRunResponse>;

    async fn run_hooks(
        &self,
        request: Request<RunHooksRequest>,
    ) -> Result<Response<Self::RunHooksStream>, Status> {
        let refusal = {
            let mut play = self.0.lock().unwrap();
            play.requested.push(request.into_inner());
            play.refusals.pop()
        };
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        let entries = tokio_stream::StreamExt::map(self.stream(0), |entry| {
            entry.map(|entry| RunHooksResponse { entry: Some(entry) })
        });
        Ok(Response::new(Box::pin(entries)))
    }

    async fn watch_run(
        &self,
        request: Request<WatchRunRequest>,
    ) -> Result<Response<Self::WatchRunStream>, Status> {
        let request = request.into_inner();
        let refusal = {
            let mut play = self.0.lock().unwrap();
            play.watched.push(request.clone());
            play.unwatched.pop()
        };
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        let entries = tokio_stream::StreamExt::map(self.stream(request.after_sequence), |entry| {
            entry.map(|entry| WatchRunResponse { entry: Some(entry) })
        });
        Ok(Response::new(Box::pin(entries)))
    }

    async fn cancel_run(
        &self,
        request: Request<CancelRunRequest>,
    ) -> Result<Response<CancelRunResponse>, Status> {
        let run_id = request.into_inner().run_id;
        let run = self.found(&run_id).ok();
        self.0.lock().unwrap().cancelled.push(run_id);
        Ok(Response::new(CancelRunResponse {
            cancelling: true,
            run,
        }))
    }

    async fn get_run(
        &self,
        request: Request<GetRunRequest>,
    ) -> Result<Response<GetRunResponse>, Status> {
        let run = self.found(&request.into_inner().run_id)?;
        Ok(Response::new(GetRunResponse { run: Some(run) }))
    }

    async fn list_runs(
        &self,
        request: Request<ListRunsRequest>,
    ) -> Result<Response<ListRunsResponse>, Status> {
        let request = request.into_inner();
        let mut play = self.0.lock().unwrap();
        play.listed.push(request.clone());
        // The first page of a slow search is empty.
        if !request.output_contains.is_empty() && request.page_token.is_empty() {
            return Ok(Response::new(ListRunsResponse {
                runs: Vec::new(),
                next_page_token: "0".to_owned(),
            }));
        }
        let from: usize = request.page_token.parse().unwrap_or(0);
        let begins = |run: &&Run| run.run_id.starts_with(&request.run_id_prefix);
        let runs: Vec<Run> = play.runs.iter().filter(begins).cloned().collect();
        // A page has at most two runs, so that few runs make many pages.
        let to = (from + (request.page_size as usize).min(2)).min(runs.len());
        let more = to < runs.len();
        Ok(Response::new(ListRunsResponse {
            runs: runs[from..to].to_vec(),
            next_page_token: if more { to.to_string() } else { String::new() },
        }))
    }

    async fn list_hooks(
        &self,
        _: Request<ListHooksRequest>,
    ) -> Result<Response<ListHooksResponse>, Status> {
        let hooks = self.0.lock().unwrap().hooks.clone();
        Ok(Response::new(ListHooksResponse { hooks }))
    }

    async fn list_hook_stats(
        &self,
        _: Request<ListHookStatsRequest>,
    ) -> Result<Response<ListHookStatsResponse>, Status> {
        let hooks = self.0.lock().unwrap().stats.clone();
        Ok(Response::new(ListHookStatsResponse { hooks }))
    }

    async fn render_hooks(
        &self,
        _: Request<RenderHooksRequest>,
    ) -> Result<Response<RenderHooksResponse>, Status> {
        Ok(Response::new(RenderHooksResponse::default()))
    }
}

#[tonic::async_trait]
impl AdminService for Service {
    type BackupStoreStream = Entries<BackupStoreResponse>;

    async fn check_config(
        &self,
        _: Request<CheckConfigRequest>,
    ) -> Result<Response<CheckConfigResponse>, Status> {
        Ok(Response::new(CheckConfigResponse::default()))
    }

    async fn reload_config(
        &self,
        _: Request<ReloadConfigRequest>,
    ) -> Result<Response<ReloadConfigResponse>, Status> {
        Ok(Response::new(ReloadConfigResponse::default()))
    }

    async fn get_server_info(
        &self,
        _: Request<GetServerInfoRequest>,
    ) -> Result<Response<GetServerInfoResponse>, Status> {
        Ok(Response::new(GetServerInfoResponse::default()))
    }

    async fn prune_runs(
        &self,
        _: Request<PruneRunsRequest>,
    ) -> Result<Response<PruneRunsResponse>, Status> {
        Ok(Response::new(PruneRunsResponse::default()))
    }

    async fn backup_store(
        &self,
        _: Request<BackupStoreRequest>,
    ) -> Result<Response<Self::BackupStoreStream>, Status> {
        let pieces = self.0.lock().unwrap().backup.clone();
        let pieces = pieces
            .into_iter()
            .map(|piece| piece.map(|data| BackupStoreResponse { data: data.into() }));
        Ok(Response::new(Box::pin(tokio_stream::iter(pieces))))
    }
}
