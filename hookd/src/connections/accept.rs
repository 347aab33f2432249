//! Accepting connections, within the number of descriptors that hookd may have open.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use super::Warning;
use super::registry::{Client, Connections};
use super::serve::Serving;
use crate::limits::{
    ACCEPT_REST, DESCRIPTORS_OF_DAEMON, DESCRIPTORS_OF_RUN, MAX_CONNECTIONS, MIN_CONNECTIONS,
};
use crate::listen::Listener;

/// Returns the number of connections for which there are descriptors, beside those that
/// hookd itself and the hooks of this many runs need.
pub(crate) fn possible_connections(concurrent_runs: u32) -> usize {
    let all = descriptors().unwrap_or(usize::MAX);
    let runs = usize::try_from(concurrent_runs).unwrap_or(usize::MAX);
    let kept = runs.saturating_mul(DESCRIPTORS_OF_RUN);
    // Not all runs take place at once: with few descriptors, half of them are for hooks.
    let kept = kept.min(all / 2).saturating_add(DESCRIPTORS_OF_DAEMON);
    let possible = all.saturating_sub(kept);
    possible.clamp(MIN_CONNECTIONS, MAX_CONNECTIONS)
}

/// Returns the number of descriptors that this process may have open.
#[cfg(unix)]
fn descriptors() -> Option<usize> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current.and_then(|limit| usize::try_from(limit).ok())
}

#[cfg(not(unix))]
fn descriptors() -> Option<usize> {
    None
}

/// The connections of one listener.
pub(crate) struct Acceptor {
    pub(crate) connections: Arc<Connections>,
    /// The listener's place among all.
    pub(crate) listener: usize,
    /// The address, for the log.
    pub(crate) address: String,
    /// The number of connections that the listener may have.
    pub(crate) most: usize,
    pub(crate) serving: Serving,
    pub(crate) tasks: TaskTracker,
}

impl Acceptor {
    /// Accepts and serves connections until `closing` is cancelled.
    pub(crate) async fn run(self, listener: &Listener, closing: CancellationToken) {
        tokio::select! {
            () = closing.cancelled() => {}
            () = self.accept_all(listener) => {}
        }
    }

    async fn accept_all(&self, listener: &Listener) {
        let (mut full, mut failed) = (Warning::default(), Warning::default());
        loop {
            match listener {
                #[cfg(unix)]
                Listener::Unix(listener, _) => match listener.accept().await {
                    Ok((stream, _)) => self.admit(stream, true, &mut full).await,
                    Err(error) => self.rest(&error, &mut failed).await,
                },
                Listener::Tcp(listener) => match listener.accept().await {
                    Ok((stream, _)) => {
                        // A failure only costs time: small answers wait for others.
                        let _ = stream.set_nodelay(true);
                        self.admit(stream, false, &mut full).await;
                    }
                    Err(error) => self.rest(&error, &mut failed).await,
                },
            }
        }
    }

    /// Serves a new connection as soon as there is room for it.
    async fn admit<S>(&self, stream: S, is_unix: bool, full: &mut Warning)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        while self.connections.count(self.listener) >= self.most {
            if full.is_due() {
                warn!(
                    address = self.address,
                    connections = self.most,
                    "no connection is free: one that nobody uses is closed for each new one, and if all are in use, new ones wait"
                );
            }
            if !self.connections.make_room(self.listener) {
                sleep(ACCEPT_REST).await;
            }
        }
        let client: Client = self.connections.add(self.listener);
        let serving = self.serving.clone();
        self.tasks.spawn(serving.serve(stream, client, is_unix));
    }

    /// Waits after a connection that could not be accepted.
    async fn rest(&self, error: &io::Error, failed: &mut Warning) {
        // The client was gone before it was accepted.
        if error.kind() == io::ErrorKind::ConnectionAborted {
            debug!(%error, "no connection");
            return;
        }
        if failed.is_due() {
            warn!(address = self.address, %error,
                "no connection can be accepted for now; if too many files are open, raise the limit (`LimitNOFILE=` of the systemd unit, `ulimit -n`)");
        }
        sleep(ACCEPT_REST).await;
    }
}
