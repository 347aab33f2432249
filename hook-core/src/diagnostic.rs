//! Errors and warnings about a config file.

use std::fmt;
use std::sync::Arc;

/// The severity of a [`Diagnostic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The config is refused.
    Error,
    /// The config is accepted, and somebody should look.
    Warning,
}

/// A fault of a config file, or a part of it that may not do what it seems to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The number of characters from there that are at fault, at least 1.
    pub length: u32,
    /// The name of the hook that it is about, if any.
    pub hook: Option<String>,
    /// A stable code, such as `unknown-key`.
    pub code: &'static str,
    /// The fault, as a lower-case fragment.
    pub message: String,
    /// Advice on how to mend it.
    pub remedy: Option<String>,
}

/// The most diagnostics for one file, which could have millions of faults.
pub(crate) const MAX_DIAGNOSTICS: usize = 1000;

/// Returns the diagnostics of a file by place, duplicates removed; those beyond
/// [`MAX_DIAGNOSTICS`] become one that says so.
pub(crate) fn sorted(
    mut diagnostics: Vec<Diagnostic>,
    file: &str,
    has_errors: bool,
) -> Vec<Diagnostic> {
    if diagnostics.len() > MAX_DIAGNOSTICS {
        diagnostics.truncate(MAX_DIAGNOSTICS);
        diagnostics.push(Diagnostic {
            severity: match has_errors {
                true => Severity::Error,
                false => Severity::Warning,
            },
            file: file.into(),
            line: 1,
            column: 1,
            length: 1,
            hook: None,
            code: "too-large",
            message: format!(
                "there is more to say than {MAX_DIAGNOSTICS} things; the rest is not shown"
            ),
            remedy: None,
        });
    }
    diagnostics.sort_by_key(|d| (d.line, d.column, d.severity));
    // The walk reads an aliased value once for each alias.
    diagnostics.dedup();
    diagnostics
}

impl Diagnostic {
    /// Returns the diagnostic for people: place, severity, code and message, then the line of
    /// `source` (the text of the file) with carets under the fault, then the remedy.
    ///
    /// Plain text without a newline at the end. The line of source is left out if `source`
    /// has no such line.
    #[must_use]
    pub fn render(&self, source: &str) -> String {
        let mut out = self.to_string();
        if let Some(line) = lines(source).nth(self.line.saturating_sub(1) as usize) {
            let number = self.line.to_string();
            let gutter = " ".repeat(number.len());
            let shown: String = line.chars().map(visible).collect();
            let before = self.column.saturating_sub(1) as usize;
            // A tab stays a tab, so that the carets stand right however wide it is shown.
            let pad: String = line
                .chars()
                .chain(std::iter::repeat(' '))
                .take(before)
                .map(|c| if c == '\t' { '\t' } else { ' ' })
                .collect();
            let room = line.chars().count().saturating_sub(before).max(1);
            let carets = "^".repeat((self.length as usize).clamp(1, room));
            out.push_str(&format!(
                "\n{gutter} |\n{number} | {shown}\n{gutter} | {pad}{carets}"
            ));
        }
        if let Some(remedy) = &self.remedy {
            out.push_str("\nhelp: ");
            out.push_str(remedy);
        }
        out
    }
}

/// `file:line:column: error[code]: message`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic {
            severity,
            file,
            line,
            column,
            code,
            message,
            ..
        } = self;
        write!(f, "{file}:{line}:{column}: {severity}[{code}]: {message}")
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

/// Returns the lines of a text as YAML counts them: a line ends at `\n`, `\r\n` or a lone `\r`.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').flat_map(|line| {
        let line = line.strip_suffix('\n').unwrap_or(line);
        line.strip_suffix('\r').unwrap_or(line).split('\r')
    })
}

/// Replaces control characters, so that showing a line does not move the cursor of a terminal.
fn visible(c: char) -> char {
    if c.is_control() && c != '\t' {
        '\u{fffd}'
    } else {
        c
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32, length: u32) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            file: "a.yaml".into(),
            line,
            column,
            length,
            hook: None,
            code: "unknown-key",
            message: "unknown key `x`".to_owned(),
            remedy: Some("did you mean `y`?".to_owned()),
        }
    }

    #[test]
    fn shows_the_line_with_carets_under_what_is_meant() {
        let source = "hooks:\n\t- ü: 1\r\nz: 2\n";
        let want = "a.yaml:2:4: error[unknown-key]: unknown key `x`\n  |\n\
                    2 | \t- ü: 1\n  | \t  ^\nhelp: did you mean `y`?";
        assert_eq!(at(2, 4, 1).render(source), want);
    }

    #[test]
    fn stays_within_the_line_and_the_file() {
        let source = "ab\n";
        assert!(at(1, 2, 99).render(source).contains("\n  |  ^\n"));
        assert!(at(1, 3, 1).render(source).contains("\n  |   ^\n"));
        assert!(!at(7, 1, 1).render(source).contains('|'));
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert!(!at(1, 1, 1).render("a\u{1b}[2J").contains('\u{1b}'));
    }
}
