//! The way to hookd: a socket, or the service inside this process.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use hookd::embedded::{self, Embedded, EmbeddedError};
pub(crate) use hookd_client::{Address as Target, answer as answer_status};
use hookd_client::{Client as Connection, ConnectError};
use hookd_proto::v1::admin_service_client::AdminServiceClient;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::{CancelRunRequest, ListRunsRequest, RunState};
use tonic::transport::Channel;
use tonic::{Response, Status};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::status;

/// How long the service inside this process may take to end: longer than it gives its
/// hooks, so that no script is left behind.
const CLOSE_LIMIT: Duration = Duration::from_secs(90);
/// A connection to the service.
#[derive(Debug)]
pub(crate) struct Client {
    connection: Connection,
    embedded: Option<Embedded>,
}

impl Client {
    /// Connects as the options say.
    ///
    /// # Errors
    /// If hookd is not there, does not let us in, or, inside this process, refuses its
    /// config.
    pub(crate) async fn connect(global: &Global) -> Result<Client, Failure> {
        if global.embedded {
            return Client::embed(global).await;
        }
        let connected = Connection::connect(&target(global)).await;
        Ok(Client {
            connection: connected.map_err(|error| unreachable(&error))?,
            embedded: None,
        })
    }

    /// As [`Client::connect`], but hookd may not be there yet: each call then says so.
    ///
    /// # Errors
    /// If the service inside this process refuses its config.
    pub(crate) async fn connect_lazily(global: &Global) -> Result<Client, Failure> {
        if global.embedded {
            return Client::embed(global).await;
        }
        Ok(Client {
            connection: Connection::connect_lazily(&target(global)),
            embedded: None,
        })
    }

    async fn embed(global: &Global) -> Result<Client, Failure> {
        let config = global
            .config
            .clone()
            .unwrap_or_else(hookd::paths::default_config);
        let embedded = embedded::connect(&config)
            .await
            .map_err(|error| refused(&error))?;
        Ok(Client {
            connection: Connection::over(embedded.channel.clone()),
            embedded: Some(embedded),
        })
    }

    /// The service that runs hooks.
    #[must_use]
    pub(crate) fn hooks(&self) -> HookServiceClient<Channel> {
        self.connection.hooks()
    }

    /// The service for admins.
    #[must_use]
    pub(crate) fn admin(&self) -> AdminServiceClient<Channel> {
        self.connection.admin()
    }

    /// Whether the service is inside this process, and ends with it.
    #[must_use]
    pub(crate) const fn is_embedded(&self) -> bool {
        self.embedded.is_some()
    }

    /// Ends the connection; hands through what came of it.
    ///
    /// # Errors
    /// Only those handed through.
    pub(crate) async fn close<T>(mut self, result: Result<T, Failure>) -> Result<T, Failure> {
        if let Some(embedded) = self.embedded.take() {
            let ended = async {
                // Nobody is left to see what still runs, or to end it.
                // If that fails, the shutdown below still has its own limit.
                let _ = self.cancel_all().await;
                embedded.shutdown().await;
            };
            let _ = tokio::time::timeout(CLOSE_LIMIT, ended).await;
        }
        result
    }

    async fn cancel_all(&self) -> Result<(), Status> {
        let mut hooks = self.hooks();
        let unfinished = ListRunsRequest {
            states: vec![RunState::Queued.into(), RunState::Running.into()],
            ..ListRunsRequest::default()
        };
        for run in answer_status(hooks.list_runs(unfinished)).await?.runs {
            let request = CancelRunRequest { run_id: run.run_id };
            answer_status(hooks.cancel_run(request)).await?;
        }
        Ok(())
    }
}

/// The answer to a call that only asks something, within a limit of time.
///
/// # Errors
/// If the service refuses, or is silent for too long.
pub(crate) async fn answer<T>(
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Failure> {
    answer_status(call)
        .await
        .map_err(|status| status::failure(&status))
}

fn target(global: &Global) -> Target {
    let default = || Target::Unix(hookd::paths::default_socket());
    global.addr.clone().unwrap_or_else(default)
}

fn unreachable(error: &ConnectError) -> Failure {
    match error {
        ConnectError::NotPermitted { .. } => Failure::new(Exit::NotPermitted, error.to_string())
            .help("run hookctl as the user that hookd runs as, or as root"),
        ConnectError::Unreachable { .. } => Failure::new(Exit::Unavailable, error.to_string())
            .help(
                "start it with `hookd serve`, name another address with --addr, or do without \
                 a daemon: --embedded --config FILE",
            ),
    }
}

fn refused(error: &EmbeddedError) -> Failure {
    match error {
        EmbeddedError::Config { diagnostics, .. } => {
            Failure::bad_config("the config is refused", diagnostics.clone())
                .help("`hookctl check` shows the lines concerned")
        }
        error => {
            let mut what = format!("cannot run the service inside hookctl: {error}");
            let cause = deepest(error);
            if !what.ends_with(&cause) {
                what.push_str(&format!(": {cause}"));
            }
            Failure::new(Exit::Unavailable, what)
        }
    }
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
        let global = Global {
            addr: Some(Target::Unix(path.clone())),
            embedded: false,
            config: None,
            output: Default::default(),
            color: Default::default(),
        };
        let failure = Client::connect(&global).await.unwrap_err();
        assert_eq!(failure.exit(), Exit::Unavailable);
        assert!(failure.what().contains(&path.display().to_string()));
        assert!(
            failure.what().ends_with("there is no such socket"),
            "{}",
            failure.what()
        );
        assert!(failure.remedy().contains("hookd serve"));
        assert!(failure.remedy().contains("--embedded"));

        // A socket that nobody listens on any more.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let failure = Client::connect(&global).await.unwrap_err();
        assert!(
            failure.what().ends_with("nobody listens there"),
            "{}",
            failure.what()
        );
    }
}
