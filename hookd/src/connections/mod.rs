//! Connections of clients, and the bounds within which each of them keeps.
//!
//! - [`accept`]: who is let in, and what happens when there is no more room.
//! - [`serve`]: one connection, from its first byte to its end, by HTTP/2 or HTTP/1.1.
//! - [`calls`]: the calls of a connection and the memory of their requests and answers.
//! - [`registry`]: all connections, and the choice of the one that has to go.
//! - [`authority`]: the `:authority` of callers on a Unix socket.
//!
//! Nothing here waits for a client: one that takes no answers holds memory only until that
//! memory is needed, and then its connection is closed. A client that reads is never chosen
//! while there is one that does not.

mod accept;
mod authority;
mod calls;
mod registry;
mod serve;

use std::time::{Duration, Instant};

use crate::limits::{
    CONNECTION_CHECK, HANDSHAKE_TIMEOUT, IDLE_TIMEOUT, REQUEST_TIMEOUT, WARN_INTERVAL,
};

pub(crate) use accept::{Acceptor, possible_connections};
pub(crate) use registry::{Client, Connections, Held};
pub(crate) use serve::Serving;

/// The times that clients have; by default those of [`limits`](crate::limits).
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientTimes {
    handshake: Duration,
    request: Duration,
    idle: Duration,
    check: Duration,
}

impl Default for ClientTimes {
    fn default() -> Self {
        ClientTimes {
            handshake: HANDSHAKE_TIMEOUT,
            request: REQUEST_TIMEOUT,
            idle: IDLE_TIMEOUT,
            check: CONNECTION_CHECK,
        }
    }
}

/// A warning that is logged at most once in [`WARN_INTERVAL`].
#[derive(Debug, Default)]
struct Warning(Option<Instant>);

impl Warning {
    fn is_due(&mut self) -> bool {
        let is_due = self.0.is_none_or(|last| last.elapsed() >= WARN_INTERVAL);
        if is_due {
            self.0 = Some(Instant::now());
        }
        is_due
    }
}
