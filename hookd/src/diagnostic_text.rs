//! Diagnostics of a config as text, in the style of compilers.

use std::path::Path;

use annotate_snippets::{AnnotationKind, Element, Level, Message, Origin, Renderer, Snippet};
use hook_core::load::{self, LoadError};
use hookd_proto::v1::{Diagnostic, Severity};

use crate::service::to_proto;

/// Formats a diagnostic together with the line of `source` (the text of its file) that it
/// refers to.
///
/// The text has no newline at its end, and has colours if `styled`. Control characters of the
/// file and of the messages are replaced.
#[must_use]
pub fn render(diagnostic: &Diagnostic, source: Option<&[u8]>, styled: bool) -> String {
    let level = match diagnostic.severity() {
        // A severity of a later version must not look harmless.
        Severity::Error | Severity::Unspecified => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut title = level.primary_title(visible(&diagnostic.message));
    if !diagnostic.code.is_empty() {
        title = title.id(visible(&diagnostic.code));
    }
    let note = |level: Level<'static>, text: &str| -> Option<Message<'_>> {
        (!text.is_empty()).then(|| level.message(visible(text)))
    };
    let notes = [
        note(Level::NOTE.with_name("hook"), &diagnostic.hook),
        note(Level::HELP, &diagnostic.remedy),
    ];
    let group = title.element(place(diagnostic, source));
    let renderer = match styled {
        true => Renderer::styled(),
        false => Renderer::plain(),
    };
    renderer.render(&[group.elements(notes.into_iter().flatten())])
}

/// Formats the reason why a config was not loaded: every fault, with its line of source.
#[must_use]
pub fn render_load_error(error: &LoadError) -> String {
    match error {
        LoadError::Unreadable { path, cause } => format!(
            "cannot read the config {}: {cause}\nhelp: name a config file with --config",
            path.display()
        ),
        LoadError::Invalid(diagnostics) => {
            let file = diagnostics.first().map(|diagnostic| &*diagnostic.file);
            // Only of a file that can be read twice.
            let file = file.map(Path::new).filter(|file| file.is_file());
            let source = file.and_then(|file| hook_core::file::read(file, load::MAX_CONFIG).ok());
            let source = source.map(|text| load::masked_text(&text).into_bytes());
            let mut text = "the config is faulty".to_owned();
            for diagnostic in to_proto::diagnostics(diagnostics) {
                text.push_str("\n\n");
                text.push_str(&render(&diagnostic, source.as_deref(), false));
            }
            text
        }
    }
}

/// Returns the place of a diagnostic, with its line of source if there is one.
fn place(diagnostic: &Diagnostic, source: Option<&[u8]>) -> Element<'static> {
    let index = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let (line, column) = (index(diagnostic.line), index(diagnostic.column));
    let file = visible(&diagnostic.file);
    // A diagnostic without a line is about the file, and one without a column about the
    // whole line.
    let text = (line.checked_sub(1).zip(column.checked_sub(1))).and_then(|(above, before)| {
        let line = source?.split(|byte| *byte == b'\n').nth(above)?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Some((visible(&String::from_utf8_lossy(line)), before))
    });
    let Some((text, before)) = text else {
        let mut origin = Origin::path(file);
        if line > 0 {
            origin = origin.line(line);
        }
        if column > 0 {
            origin = origin.char_column(column);
        }
        return origin.into();
    };
    let byte = |column: usize| {
        let found = text.char_indices().nth(column);
        found.map_or(text.len(), |(at, _)| at)
    };
    let after = before.saturating_add(index(diagnostic.length.max(1)));
    let span = byte(before)..byte(after);
    let snippet = Snippet::source(text).line_start(line).path(file);
    snippet
        .annotation(AnnotationKind::Primary.span(span))
        .into()
}

/// Replaces characters that control a terminal, or change the direction of text.
fn visible(text: &str) -> String {
    let steers = |c: char| {
        (c.is_control() && c != '\t')
            || matches!(
                c,
                '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            )
            || matches!(c, '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
    };
    text.replace(steers, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown_key() -> Diagnostic {
        Diagnostic {
            severity: Severity::Error.into(),
            file: "hookd.yaml".to_owned(),
            line: 10,
            column: 2,
            length: 4,
            hook: "plan/home/hook/0".to_owned(),
            code: "unknown-key".to_owned(),
            message: "unknown key `hoks`".to_owned(),
            remedy: "did you mean `hooks`?".to_owned(),
        }
    }

    #[test]
    fn looks_like_a_compiler() {
        let source = format!("{}\thoks: [日\u{1b}]\r\n", "\n".repeat(9));
        insta::assert_snapshot!(
            render(&unknown_key(), Some(source.as_bytes()), false),
            @r"
        error[unknown-key]: unknown key `hoks`
          --> hookd.yaml:10:2
           |
        10 |     hoks: [日�]
           |     ^^^^
           |
           = hook: plan/home/hook/0
           = help: did you mean `hooks`?
        "
        );
        insta::assert_snapshot!(render(&unknown_key(), None, false), @r"
        error[unknown-key]: unknown key `hoks`
        --> hookd.yaml:10:2
         = hook: plan/home/hook/0
         = help: did you mean `hooks`?
        ");
    }

    #[test]
    fn carets_stay_within_the_line() {
        let diagnostic = Diagnostic {
            severity: Severity::Warning.into(),
            length: 99,
            line: 1,
            remedy: String::new(),
            hook: String::new(),
            ..unknown_key()
        };
        insta::assert_snapshot!(render(&diagnostic, Some("üx\n".as_bytes()), false), @r"
        warning[unknown-key]: unknown key `hoks`
         --> hookd.yaml:1:2
          |
        1 | üx
          |  ^
        ");
    }

    #[test]
    fn places_that_do_not_exist_are_bearable() {
        for (line, column, length) in [
            (0, 0, 0),
            (9, 9, 9),
            (1, 99, 99),
            (1, 1, 0),
            (1, 0, 0),
            (1, u32::MAX, u32::MAX),
        ] {
            let diagnostic = Diagnostic {
                file: "f".to_owned(),
                line,
                column,
                length,
                ..Diagnostic::default()
            };
            for source in [Some(&b"a\xffb"[..]), Some(b""), None] {
                let shown = render(&diagnostic, source, false);
                assert!(shown.contains("--> f"), "{shown}");
            }
        }
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let hostile = "a\u{1b}[2J\u{9b}2J\n\u{202e}";
        let diagnostic = Diagnostic {
            file: hostile.to_owned(),
            line: 1,
            column: 1,
            hook: hostile.to_owned(),
            code: hostile.to_owned(),
            message: hostile.to_owned(),
            remedy: hostile.to_owned(),
            ..Diagnostic::default()
        };
        for source in [Some(hostile.as_bytes()), None] {
            let shown = render(&diagnostic, source, false);
            assert!(
                !shown.contains(['\u{1b}', '\u{9b}', '\u{202e}']),
                "{shown:?}"
            );
        }
    }
}
