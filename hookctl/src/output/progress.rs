//! A spinner with the elapsed time, for those who wait at a terminal.

use std::borrow::Cow;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::safe;

/// How often the spinner turns.
const TURN: Duration = Duration::from_millis(120);

/// A spinner below everything that is printed; invisible unless standard error is a
/// terminal.
#[derive(Debug)]
pub(crate) struct Spinner {
    bar: ProgressBar,
}

impl Spinner {
    /// Starts to spin.
    #[must_use]
    pub(crate) fn start(message: &str) -> Spinner {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {wide_msg}") {
            bar.set_style(style.tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ "));
        }
        bar.set_message(Cow::Owned(safe::text(message)));
        bar.enable_steady_tick(TURN);
        Spinner { bar }
    }

    /// Says what is being waited for.
    pub(crate) fn say(&self, message: &str) {
        self.bar.set_message(Cow::Owned(safe::text(message)));
    }

    /// Prints something while the spinner is out of the way.
    pub(crate) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
