//! How an agent reaches hookd. Each is a further table of all scenarios that it is for.

use std::path::Path;

/// A way to reach hookd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// A Unix socket.
    Unix,
    /// TCP without TLS, on loopback.
    Loopback,
}

impl Transport {
    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unix => "Unix socket",
            Self::Loopback => "loopback TCP",
        }
    }

    /// The flags that have hookd serve it.
    pub(super) fn flags(self, socket: &Path) -> Vec<String> {
        match self {
            Self::Unix => vec![
                "--listen".to_owned(),
                format!("unix://{}", socket.display()),
            ],
            Self::Loopback => ["--listen", "tcp://127.0.0.1:0", "--insecure-loopback"]
                .map(str::to_owned)
                .to_vec(),
        }
    }

    /// The address for the agent, of what hookd says of where it listens.
    pub(super) fn reached(address: &str) -> String {
        match address.strip_prefix("tcp://") {
            Some(place) => format!("http://{place}"),
            None => address.to_owned(),
        }
    }
}
