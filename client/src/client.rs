//! The connection to hookd.

use std::io;
#[cfg(unix)]
use std::path::Path;
use std::time::Duration;

use hookd_proto::v1::admin_service_client::AdminServiceClient;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::{CancelRunRequest, Event};
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Response, Status};
#[cfg(unix)]
use {hyper_util::rt::TokioIo, tokio::net::UnixStream, tower::service_fn};

use crate::address::Address;
use crate::cause::{io_kind, why};
use crate::follow::{RETRY_FOR, Source, Updates, follow};
use crate::refusal::Refusal;
use crate::run::Run;

/// How long a connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long a call may take that only asks something.
const CALL_LIMIT: Duration = Duration::from_secs(30);
/// How often a silent connection is probed, so that a lost one is noticed.
const PROBE_INTERVAL: Duration = Duration::from_secs(20);
/// The largest answer that is taken: a page of runs with long errors is large.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// A connection to hookd, which is taken up again by itself. Clones share it.
#[derive(Clone, Debug)]
pub struct Client {
    channel: Channel,
}

/// Why hookd cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// hookd does not run, or elsewhere.
    #[error("cannot reach hookd at {address}: {why}")]
    Unreachable {
        /// Where it was looked for.
        address: Address,
        /// Why, for people.
        why: String,
    },
    /// This user may not use the socket.
    #[error("not permitted to connect to {address}")]
    NotPermitted {
        /// Where.
        address: Address,
    },
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// If nobody answers there, or this user is not let in.
    pub async fn connect(address: &Address) -> Result<Client, ConnectError> {
        let connected = match address {
            #[cfg(unix)]
            Address::Unix(path) => {
                unix_endpoint()
                    .connect_with_connector(connector(path))
                    .await
            }
            #[cfg(not(unix))]
            Address::Unix(_) => unix_endpoint().connect().await,
            Address::Http(uri) => endpoint(uri.clone()).connect().await,
        };
        match connected {
            Ok(channel) => Ok(Client { channel }),
            Err(error) => Err(ConnectError::new(address.clone(), &error)),
        }
    }

    /// Will connect as soon as there is something to say: for agents that may start
    /// before hookd does. Needs the context of a Tokio runtime.
    #[must_use]
    pub fn connect_lazily(address: &Address) -> Client {
        let channel = match address {
            #[cfg(unix)]
            Address::Unix(path) => unix_endpoint().connect_with_connector_lazy(connector(path)),
            #[cfg(not(unix))]
            Address::Unix(_) => unix_endpoint().connect_lazy(),
            Address::Http(uri) => endpoint(uri.clone()).connect_lazy(),
        };
        Client { channel }
    }

    /// Over a connection that was made in another way.
    #[must_use]
    pub fn over(channel: Channel) -> Client {
        Client { channel }
    }

    /// Fires an event; what comes of it is up to [`Run`].
    pub fn run(&self, event: Event) -> Run {
        Run::new(self.hooks(), event)
    }

    /// Reads the journal of a run from its beginning to its end, across lost connections.
    #[must_use]
    pub fn watch(&self, run_id: impl Into<String>) -> Updates {
        follow(self.hooks(), Source::Run(run_id.into()), RETRY_FOR)
    }

    /// Ends a run and all that it started. False if it was over already.
    ///
    /// # Errors
    /// If there is no such run, or hookd does not answer.
    pub async fn cancel(&self, run_id: impl Into<String>) -> Result<bool, Refusal> {
        let run_id = run_id.into();
        let cancelled = answer(self.hooks().cancel_run(CancelRunRequest { run_id })).await?;
        Ok(cancelled.cancelling)
    }

    /// The service for agents and observers, for what is not offered here.
    #[must_use]
    pub fn hooks(&self) -> HookServiceClient<Channel> {
        HookServiceClient::new(self.channel.clone()).max_decoding_message_size(LARGEST_ANSWER)
    }

    /// The service for admins.
    #[must_use]
    pub fn admin(&self) -> AdminServiceClient<Channel> {
        AdminServiceClient::new(self.channel.clone()).max_decoding_message_size(LARGEST_ANSWER)
    }
}

/// The answer to a call that only asks something, within half a minute.
///
/// # Errors
/// If hookd refuses, or is silent for too long.
pub async fn answer<T>(
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Status> {
    match tokio::time::timeout(CALL_LIMIT, call).await {
        Ok(answered) => answered.map(Response::into_inner),
        Err(_) => Err(Status::deadline_exceeded("hookd does not answer")),
    }
}

/// Connects to a socket, whatever it is asked for.
#[cfg(unix)]
fn connector(
    path: &Path,
) -> impl tower::Service<
    Uri,
    Response = TokioIo<UnixStream>,
    Error = io::Error,
    Future = impl Future<Output = io::Result<TokioIo<UnixStream>>> + Send + 'static,
> + Send
+ 'static {
    let path = path.to_owned();
    service_fn(move |_: Uri| {
        let path = path.clone();
        async move { UnixStream::connect(path).await.map(TokioIo::new) }
    })
}

#[cfg(unix)]
fn unix_endpoint() -> Endpoint {
    // The connector knows the way; the URI only becomes the `:authority` header.
    endpoint(Uri::from_static("http://localhost"))
}

/// Nothing listens there: the name is for the message that says so.
#[cfg(not(unix))]
fn unix_endpoint() -> Endpoint {
    endpoint(Uri::from_static("unix:"))
}

fn endpoint(uri: Uri) -> Endpoint {
    Endpoint::from(uri)
        .connect_timeout(CONNECT_LIMIT)
        .http2_keep_alive_interval(PROBE_INTERVAL)
        .keep_alive_timeout(PROBE_INTERVAL)
}

impl ConnectError {
    fn new(address: Address, error: &tonic::transport::Error) -> ConnectError {
        if io_kind(error) == Some(io::ErrorKind::PermissionDenied) {
            return ConnectError::NotPermitted { address };
        }
        let why = why(error);
        ConnectError::Unreachable { address, why }
    }
}
