//! Ctrl-C during a run: the first asks hookd to end the run, the second leaves.
//!
//! Where the service is inside this process, leaving would leave scripts behind that
//! nobody knows of. There the second only stops the wait for the decision, and the third
//! leaves.

use std::io;
use std::time::Duration;

use hookd_proto::v1::CancelRunRequest;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use tokio::sync::{mpsc, watch};
use tonic::transport::Channel;

use crate::connect::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{connect, status};

/// How long the rest of hookctl may take to leave. It may be stuck where nobody reads
/// its output any more.
const LEAVE_LIMIT: Duration = Duration::from_secs(2);

/// What the user wants, and what came of it.
#[derive(Debug)]
pub(crate) enum Interrupt {
    /// The run is to end; hookd will be asked as soon as the run's id is known.
    Asked,
    /// hookd could not be asked, or refused.
    Refused(Failure),
    /// Leave at once.
    Leave,
}

/// Attends to SIGINT and SIGTERM from now on.
///
/// # Errors
/// If the signals cannot be received.
pub(crate) fn attend(
    client: &Client,
    run_id: watch::Receiver<Option<String>>,
) -> io::Result<mpsc::Receiver<Interrupt>> {
    let mut signals = Signals::install()?;
    let (tell, told) = mpsc::channel(4);
    let (hooks, embedded) = (client.hooks(), client.is_embedded());
    tokio::spawn(async move {
        until_leave(&mut signals, hooks, run_id, &tell).await;
        if embedded {
            signals.next().await;
        } else {
            tokio::time::sleep(LEAVE_LIMIT).await;
        }
        std::process::exit(Exit::Interrupted.code().into());
    });
    Ok(told)
}

/// What asks hookctl to end.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
    #[cfg(windows)]
    terminate: tokio::signal::windows::CtrlBreak,
}

impl Signals {
    #[cfg(unix)]
    fn install() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    #[cfg(windows)]
    fn install() -> io::Result<Signals> {
        Ok(Signals {
            interrupt: tokio::signal::windows::ctrl_c()?,
            terminate: tokio::signal::windows::ctrl_break()?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

async fn until_leave(
    signals: &mut Signals,
    client: HookServiceClient<Channel>,
    run_id: watch::Receiver<Option<String>>,
    tell: &mpsc::Sender<Interrupt>,
) {
    signals.next().await;
    // Whether the other side listens does not matter here: the run is to end anyhow.
    let _ = tell.try_send(Interrupt::Asked);
    let cancelled = async {
        if let Err(failure) = cancel(client, run_id).await {
            let _ = tell.try_send(Interrupt::Refused(failure));
        }
        // The run's end is for others to see.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = signals.next() => {}
        () = cancelled => {}
    }
    let _ = tell.try_send(Interrupt::Leave);
}

async fn cancel(
    mut client: HookServiceClient<Channel>,
    mut run_id: watch::Receiver<Option<String>>,
) -> Result<(), Failure> {
    let run_id = match run_id.wait_for(Option::is_some).await {
        Ok(run_id) => run_id.clone().unwrap_or_default(),
        // The run is over already.
        Err(_) => return Ok(()),
    };
    connect::answer_status(client.cancel_run(CancelRunRequest { run_id }))
        .await
        .map(|_| ())
        .map_err(|refusal| status::failure(&refusal))
}
