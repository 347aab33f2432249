//! Notifications to systemd, if it started hookd; none where there is no systemd.

/// Notifies that hookd is ready.
pub(crate) fn ready() {
    #[cfg(unix)]
    notify(&[sd_notify::NotifyState::Ready]);
}

/// Notifies that hookd is shutting down.
pub(crate) fn stopping() {
    #[cfg(unix)]
    notify(&[sd_notify::NotifyState::Stopping]);
}

#[cfg(unix)]
fn notify(state: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "systemd was not notified");
    }
}
