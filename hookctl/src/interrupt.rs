//! Ctrl-C during a run: the first asks hookd to end the run, the second leaves.
//!
//! Where the service is inside this process, leaving would leave scripts behind that
//! nobody knows of. There the second only stops the wait for the decision, and the third
//! leaves.

use std::io;
use std::time::Duration;

use hookd_client::Canceller;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::status;

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

/// Attends to SIGINT and SIGTERM from now on; `embedded` says that the service is inside
/// this process.
///
/// # Errors
/// If the signals cannot be received.
pub(crate) fn attend(
    canceller: Canceller,
    embedded: bool,
) -> io::Result<mpsc::Receiver<Interrupt>> {
    let mut signals = Signals {
        interrupt: signal(SignalKind::interrupt())?,
        terminate: signal(SignalKind::terminate())?,
    };
    let (tell, told) = mpsc::channel(4);
    tokio::spawn(async move {
        until_leave(&mut signals, canceller, &tell).await;
        if embedded {
            signals.next().await;
        } else {
            tokio::time::sleep(LEAVE_LIMIT).await;
        }
        std::process::exit(Exit::Interrupted.code().into());
    });
    Ok(told)
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

async fn until_leave(signals: &mut Signals, canceller: Canceller, tell: &mpsc::Sender<Interrupt>) {
    signals.next().await;
    // Whether the other side listens does not matter here: the run is to end anyhow.
    let _ = tell.try_send(Interrupt::Asked);
    let cancelled = async {
        if let Err(refusal) = canceller.cancel().await {
            let failure = status::failure(refusal.status());
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
