//! Everything that hookctl prints goes through here.

pub(crate) mod diagnostics;
pub(crate) mod json;
mod lanes;
mod lines;
pub(crate) mod live;
pub(crate) mod paint;
pub(crate) mod progress;
pub(crate) mod safe;
pub(crate) mod table;
pub(crate) mod timeline;
pub(crate) mod words;

use std::io::{self, Write as _};

use clap::ValueEnum;
use serde::Serialize;

pub(crate) use self::lanes::{Lanes, Streams};
pub(crate) use self::paint::{Color, Paint, Tone};
use self::progress::Spinner;
use crate::failure::Failure;

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people; may change between versions.
    #[default]
    Text,
    /// Protobuf JSON for machines: an object, an array, or an object a line.
    Json,
}

/// The one writer of standard output and of remarks on standard error.
#[derive(Debug)]
pub(crate) struct Out {
    /// How to print.
    pub format: Format,
    /// Paints for standard output.
    pub paint: Paint,
    /// Paints for standard error.
    pub err_paint: Paint,
    spinner: Option<Spinner>,
}

impl Out {
    /// A writer without a spinner.
    #[must_use]
    pub(crate) fn new(format: Format, color: Color) -> Out {
        Out {
            format,
            paint: Paint::for_stdout(color),
            err_paint: Paint::for_stderr(color),
            spinner: None,
        }
    }

    /// Whether machines read.
    #[must_use]
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Starts a spinner below all that is printed, if standard error is a terminal.
    pub(crate) fn spin(&mut self, message: &str) {
        match &self.spinner {
            Some(spinner) => spinner.say(message),
            None => self.spinner = Some(Spinner::start(message)),
        }
    }

    /// Ends the spinner.
    pub(crate) fn rest(&mut self) {
        self.spinner = None;
    }

    /// Prints bytes as they are.
    ///
    /// # Errors
    /// If standard output takes no more.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if bytes.is_empty() {
            return Ok(());
        }
        let print = || {
            let mut stdout = io::stdout().lock();
            stdout.write_all(bytes)?;
            stdout.flush()
        };
        let printed = match &self.spinner {
            Some(spinner) => spinner.aside(print),
            None => print(),
        };
        printed.map_err(|error| Failure::output(&error))
    }

    /// Prints text that is safe already.
    ///
    /// # Errors
    /// If standard output takes no more.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())
    }

    /// Prints one object or array.
    ///
    /// # Errors
    /// If standard output takes no more, or JSON cannot say it.
    pub(crate) fn json<T: Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        self.text(&json::pretty(value)?)
    }

    /// Prints one object of a stream on a line of its own.
    ///
    /// # Errors
    /// As for [`Out::json`].
    pub(crate) fn json_line<T: Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        self.text(&json::compact(value)?)
    }

    /// Prints a remark, which must be safe already, on standard error.
    pub(crate) fn remark(&mut self, text: &str) {
        let print = || {
            // Where nobody can read remarks, nothing is left to be said about it.
            let _ = writeln!(io::stderr().lock(), "{text}");
        };
        match &self.spinner {
            Some(spinner) => spinner.aside(print),
            None => print(),
        }
    }
}
