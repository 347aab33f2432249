//! Lint: what is valid and may still not do what it seems to.
//!
//! Each check is a file and looks at a [`Hook`] alone; where in the config file that is,
//! only the config's walk knows.

mod interpolation;
mod no_effect;
mod script;
mod shell;

use crate::config::Catalog;
use crate::hook::Hook;

/// Something in a hook that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What of the hook it is about.
    pub at: At,
    /// A stable name of the kind of warning, such as `no-effect`.
    pub code: &'static str,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// A part of a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    /// Its `onError`.
    OnError,
    /// Its `exitCodes`.
    ExitCodes,
    /// Its `maxAttempts`.
    MaxAttempts,
    /// A part of its script.
    Script {
        /// The line, from 1.
        line: u32,
        /// The column in characters, from 1.
        column: u32,
        /// How many characters.
        length: u32,
    },
}

/// Everything that somebody should look at in a hook of a catalog.
#[must_use]
pub fn hook(hook: &Hook, catalog: &Catalog) -> Vec<Warning> {
    let mut warnings = no_effect::check(hook);
    warnings.extend(interpolation::check(hook, catalog));
    warnings
}
