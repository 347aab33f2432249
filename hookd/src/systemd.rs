//! A word to systemd, where there is one.

/// hookd is ready.
#[cfg(unix)]
pub(crate) fn ready() {
    notify(&[sd_notify::NotifyState::Ready]);
}

/// hookd is shutting down.
#[cfg(unix)]
pub(crate) fn stopping() {
    notify(&[sd_notify::NotifyState::Stopping]);
}

#[cfg(unix)]
fn notify(state: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "systemd was not notified");
    }
}

/// Nobody is to be told.
#[cfg(not(unix))]
pub(crate) fn ready() {}

/// Nobody is to be told.
#[cfg(not(unix))]
pub(crate) fn stopping() {}
