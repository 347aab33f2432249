//! The way to hookd: a socket, or the service inside this process.

use std::fmt;
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use hookd::embedded::{self, Embedded, EmbeddedError};
use hookd_proto::v1::admin_service_client::AdminServiceClient;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::{CancelRunRequest, ListRunsRequest, RunState};
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Response, Status};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::status;

/// How long a connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long a call may take that only asks something.
const CALL_LIMIT: Duration = Duration::from_secs(30);
/// How long the service inside this process may take to end: longer than it gives its
/// hooks, so that no script is left behind.
const CLOSE_LIMIT: Duration = Duration::from_secs(90);
/// How often a silent connection is probed, so that a lost one is noticed.
const PROBE_INTERVAL: Duration = Duration::from_secs(20);
/// The largest answer that is taken: a page of runs with long errors is large.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// Where hookd listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// On a Unix socket.
    Unix(PathBuf),
    /// On a TCP port, without encryption.
    Http(Uri),
}

impl Target {
    /// Reads an address as users write it.
    ///
    /// # Errors
    /// Says which addresses there are.
    pub(crate) fn parse(text: &str) -> Result<Target, String> {
        if let Some(path) = text
            .strip_prefix("unix://")
            .or_else(|| text.strip_prefix("unix:"))
        {
            return match path {
                "" => Err("unix:// lacks the path of the socket".to_owned()),
                path => Ok(Target::Unix(PathBuf::from(path))),
            };
        }
        if text.starts_with('/') {
            return Ok(Target::Unix(PathBuf::from(text)));
        }
        if text.starts_with("https://") {
            return Err("https:// is not supported yet; use the Unix socket".to_owned());
        }
        // The daemon calls the same thing tcp://.
        let rest = text
            .strip_prefix("http://")
            .or_else(|| text.strip_prefix("tcp://"));
        rest.and_then(|rest| format!("http://{rest}").parse::<Uri>().ok())
            .filter(|uri| uri.host().is_some_and(|host| !host.is_empty()))
            .map(Target::Http)
            .ok_or_else(|| "give unix:///path or http://host:port".to_owned())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Unix(path) => write!(f, "unix://{}", path.display()),
            Target::Http(uri) => write!(f, "{}", uri.to_string().trim_end_matches('/')),
        }
    }
}

/// A connection to the service.
#[derive(Debug)]
pub(crate) struct Client {
    channel: Channel,
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
            let config = global
                .config
                .clone()
                .unwrap_or_else(hookd::paths::default_config);
            let embedded = embedded::connect(&config)
                .await
                .map_err(|error| refused(&error))?;
            return Ok(Client {
                channel: embedded.channel.clone(),
                embedded: Some(embedded),
            });
        }
        let target = global
            .addr
            .clone()
            .unwrap_or_else(|| Target::Unix(hookd::paths::default_socket()));
        let channel = dial(&target)
            .await
            .map_err(|error| unreachable(&target, &error))?;
        Ok(Client {
            channel,
            embedded: None,
        })
    }

    /// The service that runs hooks.
    #[must_use]
    pub(crate) fn hooks(&self) -> HookServiceClient<Channel> {
        HookServiceClient::new(self.channel.clone()).max_decoding_message_size(LARGEST_ANSWER)
    }

    /// The service for admins.
    #[must_use]
    pub(crate) fn admin(&self) -> AdminServiceClient<Channel> {
        AdminServiceClient::new(self.channel.clone()).max_decoding_message_size(LARGEST_ANSWER)
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

/// [`answer`], for callers that can do something about a refusal.
///
/// # Errors
/// As for [`answer`].
pub(crate) async fn answer_status<T>(
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Status> {
    match tokio::time::timeout(CALL_LIMIT, call).await {
        Ok(answered) => answered.map(Response::into_inner),
        Err(_) => Err(Status::deadline_exceeded("hookd does not answer")),
    }
}

async fn dial(target: &Target) -> Result<Channel, tonic::transport::Error> {
    match target {
        #[cfg(unix)]
        Target::Unix(path) => {
            let path = path.clone();
            let connector = tower::service_fn(move |_: Uri| {
                let path = path.clone();
                async move {
                    let stream = tokio::net::UnixStream::connect(path).await;
                    stream.map(hyper_util::rt::TokioIo::new)
                }
            });
            // The connector knows the way; the URI only becomes the `:authority` header.
            let endpoint = endpoint(Uri::from_static("http://localhost"));
            endpoint.connect_with_connector(connector).await
        }
        Target::Http(uri) => endpoint(uri.clone()).connect().await,
        // Nothing listens there: the name is for the message that says so.
        #[cfg(not(unix))]
        Target::Unix(_) => endpoint(Uri::from_static("unix:")).connect().await,
    }
}

fn endpoint(uri: Uri) -> Endpoint {
    Endpoint::from(uri)
        .connect_timeout(CONNECT_LIMIT)
        .http2_keep_alive_interval(PROBE_INTERVAL)
        .keep_alive_timeout(PROBE_INTERVAL)
}

fn unreachable(target: &Target, error: &tonic::transport::Error) -> Failure {
    let cause = io_cause(error);
    if cause == Some(io::ErrorKind::PermissionDenied) {
        return Failure::new(
            Exit::NotPermitted,
            format!("not permitted to connect to {target}"),
        )
        .help("run hookctl as the user that hookd runs as, or as root");
    }
    let why = match cause {
        Some(io::ErrorKind::NotFound) => "there is no such socket".to_owned(),
        Some(io::ErrorKind::ConnectionRefused) => "nobody listens there".to_owned(),
        Some(kind) => kind.to_string(),
        None => deepest(error),
    };
    Failure::new(
        Exit::Unavailable,
        format!("cannot reach hookd at {target}: {why}"),
    )
    .help(
        "start it with `hookd serve`, name another address with --addr, or do without a \
         daemon: --embedded --config FILE",
    )
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

fn io_cause(error: &(dyn std::error::Error + 'static)) -> Option<io::ErrorKind> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error.kind());
        }
        next = error.source();
    }
    None
}

fn deepest(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => deepest(source),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        for (text, shown) in [
            (
                "unix:///run/hookd/hookd.sock",
                "unix:///run/hookd/hookd.sock",
            ),
            ("unix:relative.sock", "unix://relative.sock"),
            ("/run/x", "unix:///run/x"),
            ("http://127.0.0.1:7432", "http://127.0.0.1:7432"),
            ("tcp://[::1]:7432", "http://[::1]:7432"),
        ] {
            assert_eq!(Target::parse(text).unwrap().to_string(), shown);
        }
        for text in [
            "",
            "unix://",
            "https://host:1",
            "host:1",
            "http://",
            "ftp://x",
        ] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
    }

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
