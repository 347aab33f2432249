//! The connection to hookd.

use std::error::Error;
use std::io;
use std::time::Duration;

use hookd_proto::v1::admin_service_client::AdminServiceClient;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::{CancelRunRequest, Event};
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Response, Status};

use crate::address::Address;
use crate::follow::{RETRY_FOR, Source, Updates, follow};
use crate::refusal::Refusal;
use crate::run::Run;

/// Timeout of a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Timeout of a unary call.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Interval at which a silent connection is probed, so that a lost one is noticed.
const PROBE_INTERVAL: Duration = Duration::from_secs(20);
/// Size of the largest answer that is accepted: a page of runs with long errors is large.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// A connection to hookd, which reconnects by itself. Clones share the connection.
#[derive(Clone, Debug)]
pub struct Client {
    channel: Channel,
}

/// Error of a connection that was not made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No hookd listens at the address.
    #[error("cannot reach hookd at {address}: {why}")]
    Unreachable {
        /// The address.
        address: Address,
        /// The reason, for people.
        why: String,
    },
    /// This user may not use the socket.
    #[error("not permitted to connect to {address}")]
    NotPermitted {
        /// The address.
        address: Address,
    },
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// Fails if nothing listens there, or this user has no access.
    pub async fn connect(address: &Address) -> Result<Client, ConnectError> {
        let connected = endpoint(address).connect().await;
        let channel = connected.map_err(|error| ConnectError::new(address.clone(), &error))?;
        Ok(Client { channel })
    }

    /// Creates a client that connects at the first call, for agents that may start before hookd.
    /// Must be called in the context of a Tokio runtime.
    #[must_use]
    pub fn connect_lazily(address: &Address) -> Client {
        Client::over(endpoint(address).connect_lazy())
    }

    /// Creates a client on a given connection.
    #[must_use]
    pub fn over(channel: Channel) -> Client {
        Client { channel }
    }

    /// Prepares to fire an event.
    pub fn run(&self, event: Event) -> Run {
        Run::new(self.hooks(), event)
    }

    /// Reads the journal of a run from beginning to end, and reconnects after lost connections.
    #[must_use]
    pub fn watch(&self, run_id: impl Into<String>) -> Updates {
        follow(self.hooks(), Source::Run(run_id.into()), RETRY_FOR)
    }

    /// Stops a run and all its processes. Returns false if it had ended already.
    ///
    /// # Errors
    /// Fails if there is no such run, or hookd does not answer.
    pub async fn cancel(&self, run_id: impl Into<String>) -> Result<bool, Refusal> {
        let run_id = run_id.into();
        let cancelled = answer(self.hooks().cancel_run(CancelRunRequest { run_id })).await?;
        Ok(cancelled.cancelling)
    }

    /// Returns the generated client of the service for agents and observers.
    #[must_use]
    pub fn hooks(&self) -> HookServiceClient<Channel> {
        HookServiceClient::new(self.channel.clone()).max_decoding_message_size(MAX_ANSWER_BYTES)
    }

    /// Returns the generated client of the service for admins.
    #[must_use]
    pub fn admin(&self) -> AdminServiceClient<Channel> {
        AdminServiceClient::new(self.channel.clone()).max_decoding_message_size(MAX_ANSWER_BYTES)
    }
}

/// Waits for the answer to a unary call, for at most 30 seconds.
///
/// # Errors
/// Fails with the status of the call, or after that time.
pub async fn answer<T>(
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Status> {
    match tokio::time::timeout(CALL_TIMEOUT, call).await {
        Ok(answered) => answered.map(Response::into_inner),
        Err(_) => Err(Status::deadline_exceeded("hookd does not answer")),
    }
}

fn endpoint(address: &Address) -> Endpoint {
    let endpoint = match address {
        // Any path is a valid URI; a wrong one fails at the connection.
        Address::Unix(path) => Endpoint::from_shared(format!("unix:{}", path.display()))
            .unwrap_or_else(|_| Endpoint::from_static("unix:"))
            .origin(Uri::from_static("http://localhost")),
        Address::Http(uri) => Endpoint::from(uri.clone()),
    };
    endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(PROBE_INTERVAL)
        .keep_alive_timeout(PROBE_INTERVAL)
}

impl ConnectError {
    fn new(address: Address, error: &tonic::transport::Error) -> ConnectError {
        match io_kind(error) {
            Some(io::ErrorKind::PermissionDenied) => ConnectError::NotPermitted { address },
            _ => ConnectError::Unreachable {
                address,
                why: connection_error(error),
            },
        }
    }
}

/// Returns the reason of a failed connection, for people: the last error of the chain.
pub(crate) fn connection_error(error: &(dyn Error + 'static)) -> String {
    match io_kind(error) {
        Some(io::ErrorKind::NotFound) => "there is no such socket".to_owned(),
        Some(io::ErrorKind::ConnectionRefused) => "nobody listens there".to_owned(),
        _ => chain(error).last().unwrap_or(error).to_string(),
    }
}

/// Returns the kind of the first I/O error of a chain.
pub(crate) fn io_kind(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    let mut chain = chain(error);
    chain.find_map(|error| error.downcast_ref().map(io::Error::kind))
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
