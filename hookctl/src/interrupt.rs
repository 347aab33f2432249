//! Ctrl-C during `hookctl run`.
//!
//! Before the run has begun, Ctrl-C (or SIGTERM) ends hookctl. Later, the first asks hookd to end
//! the run, and hookctl waits for its decision. The second ends the wait: hookctl exits with code
//! 130, and hookd goes on ending the run. With `--embedded` the service would die with hookctl and
//! leave scripts running; there the second ends the scripts, and only a third exits without that.

use std::time::Duration;

use hookd::shutdown::StopSignals;
use hookd_client::Canceller;
use indicatif::ProgressBar;
use tokio::sync::mpsc;

use crate::exit::Exit;
use crate::failure::Failure;

/// Longest wait for the rest of hookctl after the second Ctrl-C, as a write to a blocked terminal
/// may hang; and for the beginning of a run after the first.
pub(crate) const LEAVE_LIMIT: Duration = Duration::from_secs(2);

/// Longest wait for the spinner to be cleared.
const CLEAR_LIMIT: Duration = Duration::from_millis(200);

/// Step of an interruption, for [`commands::run`](crate::commands::run) to show.
#[derive(Debug)]
pub(crate) enum Interrupt {
    /// First Ctrl-C: hookd will be asked to end the run as soon as the run's id is known.
    Asked,
    /// hookd could not be asked, or refused.
    Refused(Failure),
    /// Second Ctrl-C: leave.
    Leave,
}

/// Ends hookctl at SIGINT and SIGTERM from now on, after the spinner.
pub(crate) fn end_with(spinner: ProgressBar) {
    let Ok(mut stop) = StopSignals::install() else {
        // The signals end hookctl by themselves, and leave the spinner behind.
        return;
    };
    tokio::spawn(async move {
        stop.recv().await;
        // It cannot be cleared while a write to the terminal hangs.
        let cleared = tokio::task::spawn_blocking(move || spinner.finish_and_clear());
        let _ = tokio::time::timeout(CLEAR_LIMIT, cleared).await;
        std::process::exit(Exit::Interrupted as i32);
    });
}

/// Turns signals into interrupts; `embedded` if the service is in this process.
pub(crate) fn attend(
    mut stop: StopSignals,
    canceller: Canceller,
    embedded: bool,
) -> mpsc::Receiver<Interrupt> {
    let (interrupts, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        until_leave(&mut stop, canceller, &interrupts).await;
        if embedded {
            stop.recv().await;
        } else {
            tokio::time::sleep(LEAVE_LIMIT).await;
        }
        std::process::exit(Exit::Interrupted as i32);
    });
    receiver
}

/// Returns at the second Ctrl-C.
async fn until_leave(
    stop: &mut StopSignals,
    canceller: Canceller,
    interrupts: &mpsc::Sender<Interrupt>,
) {
    stop.recv().await;
    // The run has to end even if this is not received.
    let _ = interrupts.try_send(Interrupt::Asked);
    let cancelled = async {
        if let Err(refusal) = canceller.cancel().await {
            let _ = interrupts.try_send(Interrupt::Refused(refusal.into()));
        }
        // The run's end arrives with its journal.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = stop.recv() => {}
        () = cancelled => {}
    }
    let _ = interrupts.try_send(Interrupt::Leave);
}
