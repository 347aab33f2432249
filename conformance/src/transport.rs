//! Transports to reach hookd. Each transport other than the Unix socket has a table of its own.

/// A transport to reach hookd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Unix,
    /// TCP without TLS, on loopback.
    Loopback,
}

impl Transport {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unix => "Unix socket",
            Self::Loopback => "loopback TCP",
        }
    }

    /// Returns the flags with which hookd listens on it.
    pub(crate) fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Unix => &[],
            Self::Loopback => &["--listen", "tcp://127.0.0.1:0", "--insecure-loopback"],
        }
    }
}
