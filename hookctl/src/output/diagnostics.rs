//! Diagnostics of a config, shown as a compiler shows its own.

use std::fmt::Write as _;

use hookd_proto::v1::{Diagnostic, Severity};
use unicode_width::UnicodeWidthStr;

use super::{Tone, safe, words};

/// Longest source line in bytes that is shown.
const LONGEST_SOURCE_LINE: usize = 400;

/// A diagnostic, with the source line that it is about where the source is at hand.
pub(crate) fn show(diagnostic: &Diagnostic, source: Option<&[u8]>) -> String {
    let (tone, word) = severity(diagnostic.severity());
    let mut shown = tone.paint(word);
    if !diagnostic.code.is_empty() {
        shown.push_str(&tone.paint(&format!("[{}]", safe::text(&diagnostic.code))));
    }
    let message = safe::text(&diagnostic.message);
    let _ = write!(shown, ": {}", Tone::Strong.paint(&message));

    // Line 0 means the file as a whole.
    let margin = " ".repeat(diagnostic.line.max(1).to_string().len());
    let arrow = Tone::Hint.paint("-->");
    let _ = write!(shown, "\n{margin}{arrow} {}", place(diagnostic));
    if let Some(line) = source.and_then(|source| source_line(source, diagnostic.line)) {
        let bar = Tone::Hint.paint("|");
        let number = Tone::Hint.paint(&diagnostic.line.to_string());
        let (text, lead, marked) = underline(line, diagnostic.column, diagnostic.length);
        let carets = tone.paint(&"^".repeat(marked));
        let _ = write!(shown, "\n{margin} {bar}\n{number} {bar} {text}");
        // Without a column it is about the line.
        if diagnostic.column > 0 {
            let _ = write!(shown, "\n{margin} {bar} {}{carets}", " ".repeat(lead));
        }
    }
    for (label, text) in [("hook", &diagnostic.hook), ("help", &diagnostic.remedy)] {
        if !text.is_empty() {
            let label = Tone::Hint.paint(&format!("= {label}"));
            let text = safe::text(text);
            let _ = write!(shown, "\n{margin} {label}: {text}");
        }
    }
    shown
}

/// Returns the numbers of errors and warnings in words.
pub(crate) fn summary(diagnostics: &[Diagnostic]) -> String {
    let (errors, warnings) = (
        count(diagnostics, Severity::Error),
        count(diagnostics, Severity::Warning),
    );
    format!(
        "{}, {}",
        words::count(errors, "error"),
        words::count(warnings, "warning")
    )
}

/// Returns the number of diagnostics of this severity.
pub(crate) fn count(diagnostics: &[Diagnostic], severity: Severity) -> usize {
    let this = |diagnostic: &&Diagnostic| diagnostic.severity() == severity;
    diagnostics.iter().filter(this).count()
}

fn severity(severity: Severity) -> (Tone, &'static str) {
    match severity {
        // A severity of a later version must not look harmless.
        Severity::Error | Severity::Unspecified => (Tone::Bad, "error"),
        Severity::Warning => (Tone::Warn, "warning"),
    }
}

fn place(diagnostic: &Diagnostic) -> String {
    let file = safe::text(&diagnostic.file);
    match (diagnostic.line, diagnostic.column) {
        (0, _) => file,
        (line, 0) => format!("{file}:{line}"),
        (line, column) => format!("{file}:{line}:{column}"),
    }
}

fn source_line(source: &[u8], number: u32) -> Option<&[u8]> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    let line = source.split(|byte| *byte == b'\n').nth(index)?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    (line.len() <= LONGEST_SOURCE_LINE).then_some(line)
}

/// The line made safe, the width of what stands before the place, and the width of the
/// place itself: at least one.
fn underline(line: &[u8], column: u32, length: u32) -> (String, usize, usize) {
    let show = |text: &str| safe::text(text).replace('\t', "    ");
    let text = String::from_utf8_lossy(line);
    let before = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let lead: String = text.chars().take(before).collect();
    let marked: String = text.chars().skip(before).take(length).collect();
    (
        show(&text),
        show(&lead).width(),
        show(&marked).width().max(1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::plain;

    #[test]
    fn looks_like_a_compiler() {
        let diagnostic = Diagnostic {
            severity: Severity::Error.into(),
            file: "hookd.yaml".to_owned(),
            line: 10,
            column: 2,
            length: 4,
            hook: "plan/home/hook/0".to_owned(),
            code: "unknown-key".to_owned(),
            message: "unknown key `hoks`".to_owned(),
            remedy: "did you mean `hooks`?".to_owned(),
        };
        let source = format!("{}\thoks: [日\u{1b}]\n", "\n".repeat(9));
        insta::assert_snapshot!(plain(&show(&diagnostic, Some(source.as_bytes()))), @r"
        error[unknown-key]: unknown key `hoks`
          --> hookd.yaml:10:2
           |
        10 |     hoks: [日\x1b]
           |     ^^^^
           = hook: plan/home/hook/0
           = help: did you mean `hooks`?
        ");
    }

    #[test]
    fn places_that_do_not_exist_are_bearable() {
        for (line, column, length) in [
            (0, 0, 0),
            (9, 9, 9),
            (1, 99, 99),
            (1, 1, 0),
            (1, u32::MAX, u32::MAX),
        ] {
            let diagnostic = Diagnostic {
                file: "f".to_owned(),
                line,
                column,
                length,
                ..Diagnostic::default()
            };
            let shown = plain(&show(&diagnostic, Some(b"a\xffb")));
            assert!(shown.starts_with("error: \n"), "{shown}");
        }
    }
}
