//! A daemon with scripted answers, which the real one gives only in rare failures.

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
use tokio::net::UnixListener;
use tokio::runtime::Runtime;
use tokio_stream::wrappers::UnixListenerStream;
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The answer to one call of `RunHooks`.
pub(crate) struct ScriptedAnswer {
    /// The last entry of the journal, after the entry of the start; if `None`, the call fails.
    last: Option<Entry>,
    /// The status, unless it is a success.
    status: Option<Status>,
}

/// A running daemon; dropping it ends it.
pub(crate) struct ScriptedDaemon {
    address: String,
    script: ScriptedService,
    _runtime: Runtime,
}

#[derive(Clone)]
struct ScriptedService(Arc<Mutex<ScriptState>>);

struct ScriptState {
    answers: std::vec::IntoIter<ScriptedAnswer>,
    calls: Vec<(Instant, RunHooksRequest)>,
}

impl ScriptedDaemon {
    /// Answers calls in this order, and every further one with a run that decides `PROCEED`.
    pub(crate) fn start(socket: &Path, answers: Vec<ScriptedAnswer>) -> Result<Self> {
        let runtime = Runtime::new().context("no runtime")?;
        let listener = {
            let _entered = runtime.enter();
            UnixListener::bind(socket).context("the scripted daemon cannot listen")?
        };
        let script = ScriptedService(Arc::new(Mutex::new(ScriptState {
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

    /// Returns the URL of its socket.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Returns the calls of `RunHooks` so far and their times.
    pub(crate) fn calls(&self) -> Vec<(Instant, RunHooksRequest)> {
        self.script.state().calls.clone()
    }
}

/// Ends a run with a decision, known to this version or not.
pub(crate) fn decided(kind: i32) -> ScriptedAnswer {
    let decision = Some(Decision {
        kind,
        ..Decision::default()
    });
    ScriptedAnswer {
        last: Some(Entry::RunFinished(RunFinished { decision })),
        status: None,
    }
}

/// Refuses a call, with a delay before the next one.
pub(crate) fn busy(code: Code, reason: &str, wait: Duration) -> ScriptedAnswer {
    let mut details = ErrorDetails::with_error_info(reason, "hookd", HashMap::new());
    details.set_retry_info(Some(wait));
    ScriptedAnswer {
        last: None,
        status: Some(Status::with_error_details(code, "not now", details)),
    }
}

/// Ends a run of an earlier daemon as interrupted. With `entry` the advice is in an entry, too,
/// else only in the status.
pub(crate) fn interrupted(entry: bool, advice: DecisionKind, wait: Duration) -> ScriptedAnswer {
    let metadata = [("advice".to_owned(), advice.as_str_name().to_owned())];
    let mut details = ErrorDetails::with_error_info("RUN_INTERRUPTED", "hookd", metadata);
    if advice == DecisionKind::Retry {
        details.set_retry_info(Some(wait));
    }
    let status = Status::with_error_details(Code::Aborted, "hookd died", details);
    let interrupted = RunInterrupted {
        advice: advice.into(),
        reason: "hookd died".to_owned(),
        retry_after: Some(wait.into()),
    };
    ScriptedAnswer {
        last: entry.then_some(Entry::RunInterrupted(interrupted)),
        status: Some(status),
    }
}

impl ScriptedService {
    fn state(&self) -> MutexGuard<'_, ScriptState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Reply<T> = Result<Response<T>, Status>;
type Entries<T> = tokio_stream::Iter<std::vec::IntoIter<Result<T, Status>>>;

#[tonic::async_trait]
impl HookService for ScriptedService {
    type RunHooksStream = Entries<RunHooksResponse>;
    type WatchRunStream = Entries<WatchRunResponse>;

    async fn run_hooks(&self, request: Request<RunHooksRequest>) -> Reply<Self::RunHooksStream> {
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

    async fn watch_run(&self, _: Request<WatchRunRequest>) -> Reply<Self::WatchRunStream> {
        Err(unscripted())
    }

    async fn cancel_run(&self, _: Request<CancelRunRequest>) -> Reply<CancelRunResponse> {
        Err(unscripted())
    }

    async fn get_run(&self, _: Request<GetRunRequest>) -> Reply<GetRunResponse> {
        Err(unscripted())
    }

    async fn list_runs(&self, _: Request<ListRunsRequest>) -> Reply<ListRunsResponse> {
        Err(unscripted())
    }

    async fn list_hooks(&self, _: Request<ListHooksRequest>) -> Reply<ListHooksResponse> {
        Err(unscripted())
    }

    async fn render_hooks(&self, _: Request<RenderHooksRequest>) -> Reply<RenderHooksResponse> {
        Err(unscripted())
    }

    async fn list_hook_stats(
        &self,
        _: Request<ListHookStatsRequest>,
    ) -> Reply<ListHookStatsResponse> {
        Err(unscripted())
    }
}

fn unscripted() -> Status {
    Status::unimplemented("the script has no answer to that")
}
