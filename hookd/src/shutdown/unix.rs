//! The signals of Unix.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM and SIGINT end the daemon, SIGHUP loads the config anew.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    /// From now on the signals come here.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn install() -> io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next signal: true to load the config anew, false to end.
    pub async fn reload_or_end(&mut self) -> bool {
        tokio::select! {
            _ = self.hangup.recv() => true,
            () = ended(&mut self.terminate, &mut self.interrupt) => false,
        }
    }

    /// Waits until told to end once more.
    pub async fn end_at_once(&mut self) {
        ended(&mut self.terminate, &mut self.interrupt).await;
    }
}

async fn ended(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
