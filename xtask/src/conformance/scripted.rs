//! A daemon that answers by a script: what the real one does only in bad moments.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hookd_proto::v1::hook_service_server::{HookService, HookServiceServer};
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{
    CancelRunRequest, CancelRunResponse, Decision, DecisionKind, GetRunRequest, GetRunResponse,
    JournalEntry, ListHookStatsRequest, ListHookStatsResponse, ListHooksRequest, ListHooksResponse,
    ListRunsRequest, ListRunsResponse, RenderHooksRequest, RenderHooksResponse, RunFinished,
    RunHooksRequest, RunHooksResponse, RunInterrupted, RunStarted, WatchRunRequest,
    WatchRunResponse,
};
use hookd_proto::well_known;
use tokio::net::UnixListener;
use tokio::runtime::Runtime;
use tokio_stream::wrappers::UnixListenerStream;
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// One answer to a call to run hooks.
pub(super) struct Answer {
    /// The last entry of a journal, after that of its start; without it there is no stream.
    last: Option<Entry>,
    /// The status, where it is no success.
    status: Option<Status>,
}

/// A running daemon, gone when dropped.
pub(super) struct Scripted {
    address: String,
    script: Script,
    _runtime: Runtime,
}

#[derive(Clone)]
struct Script(Arc<Mutex<State>>);

struct State {
    answers: std::vec::IntoIter<Answer>,
    calls: Vec<(Instant, RunHooksRequest)>,
}

impl Scripted {
    /// Answers calls with these, one each, and every further one with a run that lets the
    /// operation go on.
    pub(super) fn start(socket: &Path, answers: Vec<Answer>) -> Result<Self> {
        let runtime = Runtime::new().context("no runtime")?;
        let listener = {
            let _entered = runtime.enter();
            UnixListener::bind(socket).context("the scripted daemon cannot listen")?
        };
        let script = Script(Arc::new(Mutex::new(State {
            answers: answers.into_iter(),
            calls: Vec::new(),
        })));
        let serving = Server::builder()
            .add_service(HookServiceServer::new(script.clone()))
            .serve_with_incoming(UnixListenerStream::new(listener));
        runtime.spawn(serving);
        Ok(Self {
            address: format!("unix://{}", socket.display()),
            script,
            _runtime: runtime,
        })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The calls to run hooks so far, and when each came.
    pub(super) fn calls(&self) -> Vec<(Instant, RunHooksRequest)> {
        self.script.state().calls.clone()
    }
}

/// The end of a run with a decision, known to this version or not.
pub(super) fn decided(kind: i32) -> Answer {
    let decision = Some(Decision {
        kind,
        ..Decision::default()
    });
    Answer {
        last: Some(Entry::RunFinished(RunFinished { decision })),
        status: None,
    }
}

/// A daemon that is busy, and says when to come again.
pub(super) fn busy(code: Code, reason: &str, wait: Duration) -> Answer {
    let mut details = ErrorDetails::with_error_info(reason, "hookd", HashMap::new());
    details.set_retry_info(Some(wait));
    Answer {
        last: None,
        status: Some(Status::with_error_details(code, "not now", details)),
    }
}

/// A run that an earlier daemon began; the advice comes as an entry too, or in the status
/// alone.
pub(super) fn interrupted(entry: bool, advice: DecisionKind, wait: Duration) -> Answer {
    let metadata = [("advice".to_owned(), advice.as_str_name().to_owned())];
    let mut details = ErrorDetails::with_error_info("RUN_INTERRUPTED", "hookd", metadata);
    if advice == DecisionKind::Retry {
        details.set_retry_info(Some(wait));
    }
    let status = Status::with_error_details(Code::Aborted, "hookd died", details);
    let interrupted = RunInterrupted {
        advice: advice.into(),
        reason: "hookd died".to_owned(),
        retry_after: Some(well_known::Duration {
            seconds: wait.as_secs().try_into().unwrap_or_default(),
            nanos: wait.subsec_nanos().try_into().unwrap_or_default(),
        }),
    };
    Answer {
        last: entry.then_some(Entry::RunInterrupted(interrupted)),
        status: Some(status),
    }
}

impl Script {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Entries<T> = tokio_stream::Iter<std::vec::IntoIter<Result<T, Status>>>;

#[tonic::async_trait]
impl HookService for Script {
    type RunHooksStream = Entries<RunHooksResponse>;
    type WatchRunStream = Entries<WatchRunResponse>;

    async fn run_hooks(
        &self,
        request: Request<RunHooksRequest>,
    ) -> Result<Response<Self::RunHooksStream>, Status> {
        let request = request.into_inner();
        let event = request.event.clone();
        let answer = {
            let mut state = self.state();
            state.calls.push((Instant::now(), request));
            state.answers.next()
        };
        let proceed = || decided(DecisionKind::Proceed.into());
        let answer = answer.unwrap_or_else(proceed);
        let Some(last) = answer.last else {
            return Err(answer.status.unwrap_or_else(unscripted));
        };
        let started = RunStarted {
            run_id: "scripted".to_owned(),
            event,
            ..RunStarted::default()
        };
        let entries = [Entry::RunStarted(started), last];
        let answers = (1..).zip(entries).map(|(sequence, entry)| {
            Ok(RunHooksResponse {
                entry: Some(JournalEntry {
                    sequence,
                    time: None,
                    entry: Some(entry),
                }),
            })
        });
        let all: Vec<_> = answers.chain(answer.status.map(Err)).collect();
        Ok(Response::new(tokio_stream::iter(all)))
    }

    async fn watch_run(
        &self,
        _: Request<WatchRunRequest>,
    ) -> Result<Response<Self::WatchRunStream>, Status> {
        Err(unscripted())
    }

    async fn cancel_run(
        &self,
        _: Request<CancelRunRequest>,
    ) -> Result<Response<CancelRunResponse>, Status> {
        Err(unscripted())
    }

    async fn get_run(&self, _: Request<GetRunRequest>) -> Result<Response<GetRunResponse>, Status> {
        Err(unscripted())
    }

    async fn list_runs(
        &self,
        _: Request<ListRunsRequest>,
    ) -> Result<Response<ListRunsResponse>, Status> {
        Err(unscripted())
    }

    async fn list_hooks(
        &self,
        _: Request<ListHooksRequest>,
    ) -> Result<Response<ListHooksResponse>, Status> {
        Err(unscripted())
    }

    async fn render_hooks(
        &self,
        _: Request<RenderHooksRequest>,
    ) -> Result<Response<RenderHooksResponse>, Status> {
        Err(unscripted())
    }

    async fn list_hook_stats(
        &self,
        _: Request<ListHookStatsRequest>,
    ) -> Result<Response<ListHookStatsResponse>, Status> {
        Err(unscripted())
    }
}

fn unscripted() -> Status {
    Status::unimplemented("the script has no answer to that")
}
