//! Firing an event.

use std::time::Duration;

use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::{Event, RunHooksRequest};
use hookd_proto::well_known;
use tonic::transport::Channel;
use uuid::Uuid;

use crate::decision::{Decision, Ending};
use crate::error::RunError;
use crate::follow::{RETRY_FOR, Source, Update, Updates, follow};

/// An event that is about to be fired.
#[derive(Clone, Debug)]
#[must_use = "nothing is fired until it is decided or started"]
pub struct Run {
    client: HookServiceClient<Channel>,
    request: RunHooksRequest,
    retry_for: Duration,
}

impl Run {
    pub(crate) fn new(client: HookServiceClient<Channel>, event: Event) -> Run {
        Run {
            client,
            request: RunHooksRequest {
                request_id: Uuid::new_v4().to_string(),
                event: Some(event),
                ..RunHooksRequest::default()
            },
            retry_for: RETRY_FOR,
        }
    }

    /// By which hookd knows the request, so that no hook runs twice however often it is
    /// made; by default a new one. An agent that may itself be restarted keeps it.
    pub fn request_id(mut self, id: Uuid) -> Run {
        self.request.request_id = id.to_string();
        self
    }

    /// Bounds the whole run; by default only the hooks' own timeouts do.
    pub fn timeout(mut self, timeout: Duration) -> Run {
        self.request.timeout = Some(well_known::Duration {
            seconds: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            nanos: i32::try_from(timeout.subsec_nanos()).unwrap_or(0),
        });
        self
    }

    /// Ends the run if the connection is lost; else it goes on.
    pub fn cancel_on_disconnect(mut self) -> Run {
        self.request.cancel_on_disconnect = true;
        self
    }

    /// How long a lost connection is tried to be taken up again, each time anew; by
    /// default [`RETRY_FOR`].
    pub fn retry_for(mut self, limit: Duration) -> Run {
        self.retry_for = limit;
        self
    }

    /// Fires the event and waits for what hookd decides.
    ///
    /// # Errors
    /// If the decision does not become known.
    pub async fn decide(self) -> Result<Decision, RunError> {
        self.decide_observed(|_| {}).await
    }

    /// As [`Run::decide`], and shows every update to `observer`.
    ///
    /// # Errors
    /// As for [`Run::decide`].
    pub async fn decide_observed(
        self,
        mut observer: impl FnMut(&Update),
    ) -> Result<Decision, RunError> {
        let mut updates = self.start();
        while let Some(update) = updates.recv().await {
            let update = update?;
            observer(&update);
            if let Update::Entry(entry) = update
                && let Some(ending) = Ending::of(&entry)
            {
                return ending.decision();
            }
        }
        Err(RunError::NoDecision)
    }

    /// Fires the event; what happens can then be read, or the run be cancelled. Needs the
    /// context of a Tokio runtime.
    pub fn start(self) -> Updates {
        let source = Source::Request(Box::new(self.request));
        follow(self.client, source, self.retry_for)
    }
}

impl Ending {
    /// The decision, if there is one.
    ///
    /// # Errors
    /// If the run was interrupted, or what was decided is not known.
    pub fn decision(self) -> Result<Decision, RunError> {
        match self {
            Ending::Decided(decision) => Ok(decision),
            Ending::Interrupted(interrupted) => Err(interrupted.into()),
            Ending::Unknown(unknown) => Err(unknown.into()),
        }
    }
}
