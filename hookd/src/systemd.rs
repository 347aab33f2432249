//! Notifications to systemd, if it started hookd.

/// Notifies that hookd is ready.
#[cfg(unix)]
pub(crate) fn ready() {
    notify(&[sd_notify::NotifyState::Ready]);
}

/// Notifies that hookd is shutting down.
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

/// Does nothing: there is no systemd.
#[cfg(not(unix))]
pub(crate) fn ready() {}

/// Does nothing: there is no systemd.
#[cfg(not(unix))]
pub(crate) fn stopping() {}
