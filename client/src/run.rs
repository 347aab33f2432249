//! Firing an event.

use std::time::Duration;

use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::{Event, RunHooksRequest};
use tonic::transport::Channel;
use uuid::Uuid;

use crate::decision::{Decision, Ending};
use crate::error::RunError;
use crate::follow::{RETRY_FOR, Source, Update, Updates, follow};

/// An event to be fired.
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

    /// Sets the request's id, by which hookd recognises a repeated request, so that no hook runs
    /// twice; by default a new id. An agent that may be restarted should store it.
    pub fn request_id(mut self, id: Uuid) -> Run {
        self.request.request_id = id.to_string();
        self
    }

    /// Sets a timeout of the whole run; by default only hooks have timeouts.
    pub fn timeout(mut self, timeout: Duration) -> Run {
        self.request.timeout = Some(timeout.into());
        self
    }

    /// Stops the run if the connection is lost; by default it goes on.
    pub fn cancel_on_disconnect(mut self) -> Run {
        self.request.cancel_on_disconnect = true;
        self
    }

    /// Sets the time for which retries go on after each loss of the connection; by default
    /// [`RETRY_FOR`].
    pub fn retry_for(mut self, limit: Duration) -> Run {
        self.retry_for = limit;
        self
    }

    /// Fires the event and waits for the decision.
    ///
    /// # Errors
    /// Fails if the decision is not received.
    pub async fn decide(self) -> Result<Decision, RunError> {
        self.decide_observed(|_| {}).await
    }

    /// Fires the event and waits for the decision; calls `observer` with every update.
    ///
    /// # Errors
    /// Fails as [`Run::decide`] does.
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

    /// Fires the event. Returns the updates of the run, which can also be cancelled. Must be called
    /// in the context of a Tokio runtime.
    pub fn start(self) -> Updates {
        let source = Source::Request(Box::new(self.request));
        follow(self.client, source, self.retry_for)
    }
}
