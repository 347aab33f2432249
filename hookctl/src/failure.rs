//! A verb that failed: what is wrong, what to do about it, and the exit code.

use std::io;

use hookd_proto::v1::Diagnostic;

use crate::exit::Exit;
use crate::output::{Out, Tone, diagnostics, safe};

/// Why a verb ends early.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    what: Option<String>,
    help: Option<String>,
    diagnostics: Vec<Diagnostic>,
}

impl Failure {
    /// Something is wrong that the user should read about.
    #[must_use]
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Failure {
        Failure {
            exit,
            what: Some(what.into()),
            help: None,
            diagnostics: Vec::new(),
        }
    }

    /// A failure that has no exit code of its own.
    #[must_use]
    pub(crate) fn other(what: impl Into<String>) -> Failure {
        Failure::new(Exit::Other, what)
    }

    /// The command line is wrong.
    #[must_use]
    pub(crate) fn usage(what: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, what)
    }

    /// Something that was given is wrong.
    #[must_use]
    pub(crate) fn bad_data(what: impl Into<String>) -> Failure {
        Failure::new(Exit::BadData, what)
    }

    /// A config is refused for these reasons.
    #[must_use]
    pub(crate) fn bad_config(what: impl Into<String>, diagnostics: Vec<Diagnostic>) -> Failure {
        Failure {
            diagnostics,
            ..Failure::new(Exit::BadConfig, what)
        }
    }

    /// Standard output takes no more. A reader who has seen enough, such as `head`,
    /// is no failure.
    #[must_use]
    pub(crate) fn output(error: &io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Failure {
                exit: Exit::Proceed,
                what: None,
                help: None,
                diagnostics: Vec::new(),
            }
        } else {
            Failure::other(format!("cannot write to standard output: {error}"))
        }
    }

    /// Says what to do about it.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Failure {
        self.help = Some(help.into());
        self
    }

    /// The exit code.
    #[must_use]
    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// Whether it is only that nobody reads standard output any more.
    #[must_use]
    pub(crate) const fn is_unread(&self) -> bool {
        self.what.is_none()
    }

    /// What is wrong, for people.
    #[cfg(test)]
    pub(crate) fn what(&self) -> &str {
        self.what.as_deref().unwrap_or_default()
    }

    /// What to do, for people.
    #[cfg(test)]
    pub(crate) fn remedy(&self) -> &str {
        self.help.as_deref().unwrap_or_default()
    }

    /// Tells the user, on standard error.
    pub(crate) fn report(&self, out: &mut Out) {
        out.rest();
        let paint = out.err_paint;
        for diagnostic in &self.diagnostics {
            let text = diagnostics::show(diagnostic, None, paint);
            out.remark(&text);
        }
        if let Some(what) = &self.what {
            let label = paint.text(Tone::Bad, "error");
            out.remark(&format!("{label}: {}", safe::lines(what.as_bytes())));
        }
        if let Some(help) = &self.help {
            let label = paint.text(Tone::Hint, "help");
            out.remark(&format!("{label}: {}", safe::lines(help.as_bytes())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_who_left_is_no_failure() {
        let failure = Failure::output(&io::ErrorKind::BrokenPipe.into());
        assert!(failure.is_unread());
        assert_eq!(failure.exit(), Exit::Proceed);
        let failure = Failure::output(&io::ErrorKind::StorageFull.into());
        assert!(!failure.is_unread());
        assert_eq!(failure.exit(), Exit::Other);
    }
}
