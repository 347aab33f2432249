//! Colour, where it is wanted.

use std::io::{stderr, stdout};

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use owo_colors::Style;

/// When to use colour.
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

/// What a piece of text means; its colour follows from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing special.
    Plain,
    /// It went well.
    Good,
    /// It failed.
    Bad,
    /// Somebody should look.
    Warn,
    /// Less important than the rest.
    Dim,
    /// More important than the rest.
    Strong,
    /// A help or a pointer.
    Hint,
    /// One hook among several, by its number.
    Hook(usize),
}

/// Paints text for one of the two outputs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// Leaves all text as it is.
    #[cfg(test)]
    pub(crate) const PLAIN: Paint = Paint { on: false };

    /// For standard output.
    #[must_use]
    pub(crate) fn for_stdout(color: Color) -> Paint {
        Paint {
            on: wanted(color, || AutoStream::choice(&stdout())),
        }
    }

    /// For standard error.
    #[must_use]
    pub(crate) fn for_stderr(color: Color) -> Paint {
        Paint {
            on: wanted(color, || AutoStream::choice(&stderr())),
        }
    }

    /// The text in the colour of its tone.
    #[must_use]
    pub(crate) fn text(self, tone: Tone, text: &str) -> String {
        if self.on && tone != Tone::Plain && !text.is_empty() {
            style(tone).style(text).to_string()
        } else {
            text.to_owned()
        }
    }
}

fn wanted(color: Color, auto: impl Fn() -> ColorChoice) -> bool {
    match color {
        Color::Auto => auto() != ColorChoice::Never,
        Color::Always => true,
        Color::Never => false,
    }
}

fn style(tone: Tone) -> Style {
    let style = Style::new();
    match tone {
        Tone::Plain => style,
        Tone::Good => style.green().bold(),
        Tone::Bad => style.red().bold(),
        Tone::Warn => style.yellow().bold(),
        Tone::Dim => style.dimmed(),
        Tone::Strong => style.bold(),
        Tone::Hint => style.cyan(),
        // Red and yellow are left out: they mean trouble.
        Tone::Hook(number) => match number % 6 {
            0 => style.cyan(),
            1 => style.magenta(),
            2 => style.blue(),
            3 => style.green(),
            4 => style.bright_cyan(),
            _ => style.bright_magenta(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_means_plain() {
        assert_eq!(Paint::PLAIN.text(Tone::Bad, "x"), "x");
        let painted = Paint { on: true }.text(Tone::Bad, "x");
        assert!(
            painted.contains('x') && painted.starts_with('\x1b'),
            "{painted:?}"
        );
        assert_eq!(Paint { on: true }.text(Tone::Plain, "x"), "x");
        assert!(wanted(Color::Always, || ColorChoice::Never));
        assert!(!wanted(Color::Never, || ColorChoice::Always));
    }
}
