//! All output of hookctl.

pub(crate) mod json;
mod lanes;
mod lines;
pub(crate) mod live;
pub(crate) mod safe;
pub(crate) mod table;
pub(crate) mod timeline;
mod tone;
pub(crate) mod words;

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use hookd::diagnostic_text;
use hookd_proto::v1::Diagnostic;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use terminal_size::Width;

pub(crate) use self::lanes::Lanes;
pub(crate) use self::tone::Tone;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::interrupt;

/// Interval between two frames of the spinner.
const SPINNER_TURN: Duration = Duration::from_millis(120);

/// Width of a terminal that does not tell its own.
const USUAL_WIDTH: usize = 80;

/// Form of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people; may change between versions.
    #[default]
    Text,
    /// Protobuf JSON for machines: an object, an array, or one object per line
    Json,
}

/// Use of colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Writer of standard output and of messages on standard error.
#[derive(Debug)]
pub(crate) struct Out {
    format: Format,
    color: ColorChoice,
    spinner: Option<ProgressBar>,
    ends_at_signals: bool,
}

impl Out {
    /// A writer without a spinner.
    pub(crate) fn new(format: Format, color: Color) -> Out {
        let color = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Out {
            format,
            color,
            spinner: None,
            ends_at_signals: false,
        }
    }

    /// Returns whether the output is JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Returns the width of the terminal to which standard output goes; `None` if it is none.
    pub(crate) fn width(&self) -> Option<usize> {
        let stdout = io::stdout();
        let size = || terminal_size::terminal_size_of(&stdout);
        let is_terminal = stdout.is_terminal();
        is_terminal.then(|| size().map_or(USUAL_WIDTH, |(Width(width), _)| width.into()))
    }

    /// Ends hookctl, and the spinner, at a signal from now on.
    pub(crate) fn end_at_signals(&mut self) {
        self.ends_at_signals = true;
    }

    /// Shows a spinner with this message and the elapsed time below the output, if standard error and
    /// standard output are terminals. A reader between hookctl and the terminal would write into it.
    pub(crate) fn spin(&mut self, message: &str) {
        if !io::stdout().is_terminal() || !io::stderr().is_terminal() {
            return;
        }
        let ends_at_signals = self.ends_at_signals;
        let spinner = self.spinner.get_or_insert_with(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {elapsed_precise} {wide_msg}");
            if let Ok(style) = style {
                bar.set_style(style.tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ "));
            }
            bar.enable_steady_tick(SPINNER_TURN);
            if ends_at_signals {
                interrupt::end_with(bar.clone());
            }
            bar
        });
        spinner.set_message(safe::text(message));
    }

    /// Ends the spinner.
    pub(crate) fn rest(&mut self) {
        if let Some(spinner) = self.spinner.take() {
            spinner.finish_and_clear();
        }
    }

    /// Prints while the spinner is hidden.
    fn print<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.spinner {
            Some(spinner) => spinner.suspend(print),
            None => print(),
        }
    }

    /// Prints bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        let printed = self.print(|| {
            let mut stdout = io::stdout().lock();
            stdout.write_all(bytes)?;
            stdout.flush()
        });
        printed.map_err(|error| Failure::output(&error))
    }

    /// Prints text, which must be [safe] already.
    pub(crate) fn text(&mut self, text: &str) -> Result<()> {
        let color = match self.color {
            ColorChoice::Auto => AutoStream::choice(&io::stdout()),
            given => given,
        };
        match color {
            ColorChoice::Never => self.bytes(tone::removed(text).as_bytes()),
            _ => self.bytes(text.as_bytes()),
        }
    }

    /// Prints one object or array.
    pub(crate) fn json<T: Serialize>(&mut self, value: &T) -> Result<()> {
        self.bytes(json::pretty(value)?.as_bytes())
    }

    /// Like [`Out::json`], on a single line.
    pub(crate) fn json_line<T: Serialize>(&mut self, value: &T) -> Result<()> {
        self.bytes(format!("{}\n", json::compact(value)?).as_bytes())
    }

    /// Prints the text that `show` returns, or `value` as JSON.
    pub(crate) fn answer<T: Serialize>(
        &mut self,
        value: &T,
        show: impl FnOnce(&T) -> String,
    ) -> Result<()> {
        match self.is_json() {
            true => self.json(value),
            false => self.text(&show(value)),
        }
    }

    /// Like [`Out::answer`], for the result of a deed or a check, which the exit code says even if
    /// standard output fails. Fails if the value cannot be said in JSON.
    pub(crate) fn result<T: Serialize>(
        &mut self,
        value: &T,
        show: impl FnOnce(&T) -> String,
    ) -> Result<()> {
        match self.answer(value, show) {
            Err(failure) if failure.is_output => failure.report(self),
            printed => printed?,
        }
        Ok(())
    }

    /// Returns the exit code for a list that also has a verdict: that wins over failed output.
    pub(crate) fn verdict(&mut self, verdict: Exit, printed: Result<()>) -> Result {
        match printed {
            Err(failure) if failure.is_output && verdict != Exit::Proceed => failure.report(self),
            printed => printed?,
        }
        Ok(verdict)
    }

    /// Like [`Out::answer`], for a list; instead of an empty one people see the remark `none`.
    pub(crate) fn list<T: Serialize>(
        &mut self,
        list: &[T],
        none: &str,
        show: impl FnOnce(&[T]) -> String,
    ) -> Result<()> {
        match self.is_json() {
            true => self.json(&list),
            false if list.is_empty() => {
                self.remark(none);
                Ok(())
            }
            false => self.text(&show(list)),
        }
    }

    /// Prints a warning on standard error.
    pub(crate) fn warn(&mut self, warning: &str) {
        let label = Tone::Warn.paint("warning");
        self.remark(&format!("{label}: {}", safe::text(warning)));
    }

    /// Prints a message on standard error; it must be [safe] already.
    pub(crate) fn remark(&mut self, text: &str) {
        self.print(|| {
            let mut stderr = AutoStream::new(io::stderr(), self.color).lock();
            // A failure could not be reported anywhere.
            let _ = writeln!(stderr, "{text}");
        });
    }
}

/// Returns a diagnostic as text, with its line of the source if that is known.
pub(crate) fn diagnostic(diagnostic: &Diagnostic, source: Option<&[u8]>) -> String {
    diagnostic_text::render(diagnostic, source, true)
}

/// Returns the text without its colours.
#[cfg(test)]
pub(crate) fn plain(text: &str) -> String {
    tone::removed(text)
}
