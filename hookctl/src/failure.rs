//! Failure of a verb: the error, the remedy and the exit code.

use std::io;

use hookd_proto::v1::Diagnostic;

use crate::exit::Exit;
use crate::output::{self, Out, Tone, safe};

/// Result of a verb, or of a part of it.
pub(crate) type Result<T = Exit> = std::result::Result<T, Failure>;

/// An error that ends a verb.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Exit code of hookctl.
    pub exit: Exit,
    /// The error, for people; empty if standard output was closed.
    pub message: String,
    /// The remedy, for people; empty if none is known.
    pub help: String,
    /// Faults of a config, shown before the message.
    pub diagnostics: Vec<Diagnostic>,
    /// True if standard output failed.
    pub is_output: bool,
}

impl Failure {
    /// A failure without a remedy.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure {
            exit,
            message: message.into(),
            help: String::new(),
            diagnostics: Vec::new(),
            is_output: false,
        }
    }

    /// A failure that has no exit code of its own.
    pub(crate) fn other(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Other, message)
    }

    /// A wrong command line.
    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, message)
    }

    /// A faulty template, event or file, or an unknown name.
    pub(crate) fn bad_data(message: impl Into<String>) -> Failure {
        Failure::new(Exit::BadData, message)
    }

    /// A failed write to standard output. A reader that closes the pipe early, such as `head`, is
    /// no failure.
    pub(crate) fn output(error: &io::Error) -> Failure {
        let failure = match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::new(Exit::Proceed, ""),
            _ => Failure::other(format!("cannot write to standard output: {error}")),
        };
        Failure {
            is_output: true,
            ..failure
        }
    }

    /// Adds the remedy.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Failure {
        self.help = help.into();
        self
    }

    /// Prints the failure on standard error.
    pub(crate) fn report(&self, out: &mut Out) {
        out.rest();
        for diagnostic in &self.diagnostics {
            out.remark(&output::diagnostic(diagnostic, None));
        }
        let labelled = [
            (Tone::Bad.paint("error"), &self.message),
            (Tone::Hint.paint("help"), &self.help),
        ];
        for (label, text) in labelled {
            if !text.is_empty() {
                out.remark(&format!("{label}: {}", safe::lines(text.as_bytes())));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_left_is_no_failure() {
        let failure = Failure::output(&io::ErrorKind::BrokenPipe.into());
        assert_eq!((failure.exit, &*failure.message), (Exit::Proceed, ""));
        let failure = Failure::output(&io::ErrorKind::StorageFull.into());
        assert_eq!(failure.exit, Exit::Other);
        assert!(failure.is_output && !failure.message.is_empty());
    }
}
