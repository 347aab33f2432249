//! Programs that run their arguments as a command.

use super::program::is_one_of;

/// A program that runs its arguments as a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wrapper {
    /// True if the command does not get the environment of the script.
    pub(super) clears: bool,
    /// True if the argument of `-c` is code.
    pub(super) takes_code: bool,
}

impl Wrapper {
    pub(super) fn of(name: &str) -> Option<Wrapper> {
        let clears = is_one_of(CLEARING_WRAPPERS, name);
        let takes_code = is_one_of(WRAPPERS_WITH_CODE, name);
        let is_wrapper = clears || takes_code || is_one_of(WRAPPERS, name);
        is_wrapper.then_some(Wrapper { clears, takes_code })
    }
}

/// Programs that run their arguments as a command, in the environment of the script.
const WRAPPERS: &str = "env xargs timeout nice ionice setsid stdbuf chronic find chroot nsenter \
    unshare sshpass taskset busybox caffeinate parallel";

/// Programs that run their arguments as a command in another environment.
const CLEARING_WRAPPERS: &str = "sudo doas docker podman nerdctl kubectl lxc incus pct \
    systemd-run machinectl runuser";

/// Programs that run their arguments, or the argument of `-c` by a shell.
const WRAPPERS_WITH_CODE: &str = "flock runuser script";
