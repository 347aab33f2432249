//! Signals of the operating system to stop and to reload.

use std::io;
use std::process;
use std::thread;

use tokio::runtime;
use tokio::time::sleep;
use tracing::error;

use crate::limits::EXIT_LIMIT;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlBreak, CtrlC, CtrlClose, ctrl_break, ctrl_c, ctrl_close};

/// Requests to stop: SIGTERM and SIGINT; on Windows Ctrl-C, Ctrl-Break and the end of the
/// console.
#[derive(Debug)]
pub struct StopSignals {
    #[cfg(unix)]
    signals: [Signal; 2],
    /// SIGHUP, until it was received: a terminal that ends sends several.
    #[cfg(unix)]
    hangup: Option<Signal>,
    #[cfg(windows)]
    signals: (CtrlC, CtrlBreak, CtrlClose),
}

impl StopSignals {
    /// Receives the signals from now on; they no longer end the process.
    /// Fails if the system refuses.
    pub fn install() -> io::Result<StopSignals> {
        Ok(StopSignals {
            #[cfg(unix)]
            signals: [
                signal(SignalKind::terminate())?,
                signal(SignalKind::interrupt())?,
            ],
            #[cfg(unix)]
            hangup: None,
            #[cfg(windows)]
            signals: (ctrl_c()?, ctrl_break()?, ctrl_close()?),
        })
    }

    /// Receives SIGHUP, too, as a request to stop; if it is ignored, as by `nohup`, it has no
    /// effect.
    /// Fails if the system refuses.
    pub fn with_hangup(self, is_ignored: bool) -> io::Result<StopSignals> {
        #[cfg(unix)]
        {
            let hangup = signal(SignalKind::hangup())?;
            let hangup = (!is_ignored).then_some(hangup);
            Ok(StopSignals { hangup, ..self })
        }
        #[cfg(windows)]
        {
            let _ = is_ignored;
            Ok(self)
        }
    }

    /// Waits for the next request to stop.
    #[cfg(unix)]
    pub async fn recv(&mut self) {
        let [terminate, interrupt] = &mut self.signals;
        let hung_up = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hung_up => self.hangup = None,
        }
    }

    /// Waits for the next request to stop.
    #[cfg(windows)]
    pub async fn recv(&mut self) {
        let (interrupt, terminate, close) = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = close.recv() => {}
        }
    }
}

/// Exit code after a second request to stop that did not end the process in time.
const CUT_OFF: i32 = 1;

/// Ends the process [`EXIT_LIMIT`] after the second request to stop, if nothing else has. A
/// thread with a runtime of its own waits for that, because those of the daemon may be blocked.
/// Fails if the system refuses.
pub fn exit_at_second_request() -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut stop = {
        let _runtime = runtime.enter();
        StopSignals::install()?
    };
    let thread = thread::Builder::new().name("stop".to_owned());
    let spawned = thread.spawn(move || {
        runtime.block_on(async {
            stop.recv().await;
            stop.recv().await;
            sleep(EXIT_LIMIT).await;
        });
        error!("told to end again, and something blocks: ended without closing anything");
        process::exit(CUT_OFF);
    });
    spawned.map(drop)
}

/// Makes writes beyond the limit on the size of files fail from now on, instead of ending the
/// process by SIGXFSZ. Unlike an ignored signal, this one ends scripts as usual.
/// Fails if the system refuses.
pub fn survive_file_size_limit() -> io::Result<()> {
    #[cfg(unix)]
    drop(signal(SignalKind::from_raw(
        rustix::process::Signal::XFSZ.as_raw(),
    ))?);
    Ok(())
}

/// Requests to load the config anew: SIGHUP; none on Windows.
#[derive(Debug)]
pub struct ReloadSignals {
    #[cfg(unix)]
    hangup: Signal,
}

impl ReloadSignals {
    /// Receives the signal from now on; it no longer ends the process.
    /// Fails if the system refuses.
    pub fn install() -> io::Result<ReloadSignals> {
        Ok(ReloadSignals {
            #[cfg(unix)]
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next request to reload.
    pub async fn recv(&mut self) {
        #[cfg(unix)]
        self.hangup.recv().await;
        #[cfg(windows)]
        std::future::pending::<()>().await;
    }
}
