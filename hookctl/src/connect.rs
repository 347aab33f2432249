//! The connection to hookd: to a daemon, or to the service embedded in this process.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use hookd::embedded::{self, Embedded, EmbeddedError};
use hookd_client::{Address, Client, ConnectError, answer};
use hookd_proto::v1::{CancelRunRequest, ListRunsRequest, RunState};
use tokio::time::{Instant, sleep, timeout_at};
use tonic::Status;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::{refusal, times};

/// Longest wait for the end of the embedded service; longer than the service waits for its hooks,
/// so that no script is left running.
const CLOSE_LIMIT: Duration = Duration::from_secs(90);

/// Pause between two tries to reach a daemon that does not listen yet.
const CONNECT_PAUSE: Duration = Duration::from_millis(200);

/// hookd as selected by the options: embedded in this process, or a daemon.
#[derive(Debug)]
pub(crate) struct Service {
    /// Options of the command line.
    pub options: Global,
    embedded: Option<Embedded>,
}

impl Service {
    /// A service that is not connected yet.
    pub(crate) fn new(options: Global) -> Service {
        Service {
            options,
            embedded: None,
        }
    }

    /// Connects. Fails if hookd does not answer or denies access, or if the embedded service
    /// refuses its config.
    pub(crate) async fn connect(&mut self) -> Result<Client> {
        if self.options.embedded {
            return self.embed().await;
        }
        let connected = Client::connect(&self.address()).await;
        connected.map_err(|error| unreachable(&error))
    }

    /// Like [`Service::connect`], but waits for a daemon that does not listen yet. After each failed
    /// try, `lost` is called with the reason and the pause before the next.
    pub(crate) async fn connect_within(
        &mut self,
        limit: Duration,
        mut lost: impl FnMut(&str, Duration),
    ) -> Result<Client> {
        if self.options.embedded {
            return self.embed().await;
        }
        let end = Instant::now() + limit;
        loop {
            let address = self.address();
            let error = match timeout_at(end, Client::connect(&address)).await {
                Ok(Ok(client)) => return Ok(client),
                Ok(Err(error)) => error,
                Err(_) => {
                    let why = format!("it does not answer within {}", times::human(limit));
                    ConnectError::Unreachable { address, why }
                }
            };
            match &error {
                ConnectError::Unreachable { why, .. } if Instant::now() + CONNECT_PAUSE <= end => {
                    lost(why, CONNECT_PAUSE);
                }
                _ => return Err(unreachable(&error)),
            }
            sleep(CONNECT_PAUSE).await;
        }
    }

    async fn embed(&mut self) -> Result<Client> {
        let config = self.options.config.clone();
        let config = config.unwrap_or_else(hookd::paths::default_config);
        let embedded = embedded::connect(&config).await;
        let embedded = embedded.map_err(|error| refused(&config, &error))?;
        let client = Client::over(embedded.channel.clone());
        self.embedded = Some(embedded);
        Ok(client)
    }

    fn address(&self) -> Address {
        let given = self.options.addr.clone();
        given.unwrap_or_else(Address::of_default_socket)
    }

    /// Ends the embedded service and everything that it started.
    pub(crate) async fn close(&mut self) {
        if let Some(embedded) = self.embedded.take() {
            let ended = async {
                // If that fails, the shutdown still ends the runs after its limit.
                let _ = cancel_all(&Client::over(embedded.channel.clone())).await;
                embedded.shutdown().await;
            };
            let _ = tokio::time::timeout(CLOSE_LIMIT, ended).await;
        }
    }
}

async fn cancel_all(client: &Client) -> std::result::Result<(), Status> {
    let unfinished = ListRunsRequest {
        states: vec![RunState::Queued.into(), RunState::Running.into()],
        ..ListRunsRequest::default()
    };
    for run in answer(client.hooks().list_runs(unfinished)).await?.runs {
        let request = CancelRunRequest { run_id: run.run_id };
        answer(client.hooks().cancel_run(request)).await?;
    }
    Ok(())
}

fn unreachable(error: &ConnectError) -> Failure {
    let (exit, help) = match error {
        ConnectError::NotPermitted { .. } => (Exit::NotPermitted, refusal::PERMISSION),
        ConnectError::Unreachable { .. } => (
            Exit::Unavailable,
            "start it with `hookd serve`, run hookctl as the user that hookd runs as, name another \
             address with --addr, or do without a daemon: --embedded --config FILE",
        ),
    };
    Failure::new(exit, error.to_string()).help(help)
}

fn refused(config: &Path, error: &EmbeddedError) -> Failure {
    if let EmbeddedError::Config { diagnostics, .. } = error {
        // There are no lines to show of a file that cannot be read.
        if diagnostics.iter().any(|found| found.code == "unreadable") {
            let file = config.display();
            let message = format!("cannot read the config {file}: {}", deepest(error));
            return Failure::new(Exit::BadConfig, message).help(
                "create it, or name another with --config FILE; hookctl must be allowed to read it",
            );
        }
        let refused = Failure::new(Exit::BadConfig, "the config is refused");
        return Failure {
            diagnostics: diagnostics.clone(),
            ..refused.help(format!(
                "`hookctl check {}` shows the lines concerned",
                config.display()
            ))
        };
    }
    let mut message = format!("cannot run the service inside hookctl: {error}");
    let cause = deepest(error);
    if !message.ends_with(&cause) {
        message.push_str(&format!(": {cause}"));
    }
    Failure::new(Exit::Unavailable, message)
}

fn deepest(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => deepest(source),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_missing_daemon_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none.sock");
        let mut service = Service::new(Global {
            addr: Some(Address::Unix(path.clone())),
            ..Global::default()
        });
        let failure = service.connect().await.unwrap_err();
        assert_eq!(failure.exit, Exit::Unavailable);
        assert!(failure.message.contains(&path.display().to_string()));
        assert!(
            failure.message.ends_with("there is no such socket"),
            "{failure:?}"
        );
        assert!(failure.help.contains("hookd serve"));
        assert!(failure.help.contains("--embedded"));

        // Leaves a socket without a listener.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let failure = service.connect().await.unwrap_err();
        assert!(
            failure.message.ends_with("nobody listens there"),
            "{failure:?}"
        );
    }
}
