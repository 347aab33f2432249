//! Meanings of text, and their colours.

use owo_colors::Style;

/// Meaning of a piece of text, from which its colour follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Bad,
    Warn,
    /// Less important than the rest.
    Dim,
    /// More important than the rest.
    Strong,
    /// A help text or a remedy.
    Hint,
    /// One hook among several, by its number.
    Hook(usize),
}

impl Tone {
    /// Returns the text in its colour. [`Out`](super::Out) removes colours that the user
    /// does not want.
    pub(crate) fn paint(self, text: &str) -> String {
        if self == Tone::Plain || text.is_empty() {
            return text.to_owned();
        }
        self.style().style(text).to_string()
    }

    fn style(self) -> Style {
        let style = Style::new();
        match self {
            Tone::Plain => style,
            Tone::Good => style.green().bold(),
            Tone::Bad => style.red().bold(),
            Tone::Warn => style.yellow().bold(),
            Tone::Dim => style.dimmed(),
            Tone::Strong => style.bold(),
            Tone::Hint => style.cyan(),
            // Red and yellow are left out, as they mark failures and warnings.
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
}

/// Returns the text without the colours of [`Tone::paint`]. It must come from [`safe`](super::safe), so that it
/// holds no other escape sequences. This is several times as fast as a parser of all sequences,
/// which shows where a script writes megabytes.
pub(crate) fn removed(text: &str) -> String {
    let mut pieces = text.split("\x1b[");
    let mut plain = String::with_capacity(text.len());
    plain.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        plain.push_str(piece.split_once('m').map_or("", |(_, after)| after));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_means_something_has_a_colour() {
        assert_eq!(Tone::Plain.paint("x"), "x");
        assert_eq!(Tone::Bad.paint(""), "");
        let painted = Tone::Bad.paint("x");
        assert!(
            painted.contains('x') && painted.starts_with('\x1b'),
            "{painted:?}"
        );
        let line = format!("{painted} m{} [m\n", Tone::Hook(7).paint("m"));
        assert_eq!(removed(&line), "x mm [m\n");
    }
}
