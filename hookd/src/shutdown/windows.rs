//! What consoles and services of Windows say to a program.

use std::io;

use tokio::signal::windows::{CtrlBreak, CtrlC, CtrlClose, ctrl_break, ctrl_c, ctrl_close};

/// Ctrl-C and Ctrl-Break end the daemon, as does the end of its console. Nothing loads the
/// config anew but a call.
#[derive(Debug)]
pub struct Signals {
    interrupt: CtrlC,
    terminate: CtrlBreak,
    close: CtrlClose,
}

impl Signals {
    /// From now on the signals come here.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn install() -> io::Result<Signals> {
        Ok(Signals {
            interrupt: ctrl_c()?,
            terminate: ctrl_break()?,
            close: ctrl_close()?,
        })
    }

    /// Waits for the next signal: true to load the config anew, false to end.
    pub async fn reload_or_end(&mut self) -> bool {
        self.end_at_once().await;
        false
    }

    /// Waits until told to end once more.
    pub async fn end_at_once(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.close.recv() => {}
        }
    }
}
