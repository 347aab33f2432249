//! The language that a script is in.

use super::piece::Piece;

/// The kind of language that a script is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// A POSIX-like shell.
    Shell,
    /// A language in which JSON is a literal of the same value, such as Python.
    JsonLike(&'static str),
    /// A language that runs code inside strings in double quotes, such as Ruby.
    Expanding(&'static str),
    /// An unknown language, or one that depends on the template's variables.
    Unknown,
}

/// The language of scripts without a `#!` line.
const WITHOUT_SHEBANG: Language = if cfg!(windows) {
    Language::Expanding("PowerShell")
} else {
    Language::Shell
};

/// Returns the language of a script by its first line that is not blank.
pub(crate) fn language(pieces: &[Piece]) -> Language {
    match first_line(pieces) {
        Some(Line::Whole(line)) => match line.strip_prefix("#!") {
            Some(shebang) => of_shebang(shebang),
            None => WITHOUT_SHEBANG,
        },
        // The rest of the line is known only when it is rendered.
        Some(Line::Beginning(line)) if line.starts_with("#!") => Language::Unknown,
        Some(Line::Beginning(_)) | None => WITHOUT_SHEBANG,
    }
}

enum Line<'p> {
    Whole(&'p str),
    Beginning(&'p str),
}

fn first_line(pieces: &[Piece]) -> Option<Line<'_>> {
    pieces.iter().find_map(|piece| match piece {
        Piece::Text { text, .. } => {
            let text = text.trim_start();
            match text.split_once('\n') {
                _ if text.is_empty() => None,
                Some((line, _)) => Some(Line::Whole(line)),
                None => Some(Line::Beginning(text)),
            }
        }
        Piece::Hole(_) => Some(Line::Beginning("")),
        Piece::Fork(arms) => arms.iter().find_map(|arm| first_line(arm)),
        Piece::Loop(body) => first_line(body),
    })
}

/// Returns the language of the interpreter that a `#!` line names: directly, behind `env`,
/// or as the last word for another program to start, as in `ssh host bash`.
fn of_shebang(shebang: &str) -> Language {
    let Some(words) = shlex::split(shebang) else {
        return Language::Unknown;
    };
    let names = words
        .iter()
        .filter(|word| !word.starts_with('-') && !word.contains('='));
    let mut names = names.map(|word| word.rsplit('/').next().unwrap_or_default());
    let Some(first) = names.next() else {
        return Language::Unknown;
    };
    let name = if first == "env" {
        names.next()
    } else {
        Some(first)
    };
    match name.map(known) {
        Some(Language::Unknown) | None => match words.last().map(|word| known(word)) {
            Some(Language::Shell) => Language::Shell,
            _ => Language::Unknown,
        },
        Some(language) => language,
    }
}

fn known(name: &str) -> Language {
    let base = name.rsplit('/').next().unwrap_or_default();
    let base = base.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    match base {
        "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "mksh" | "busybox" => Language::Shell,
        "python" => Language::JsonLike("Python"),
        "node" | "nodejs" | "deno" | "bun" => Language::JsonLike("JavaScript"),
        "osascript" => Language::JsonLike("AppleScript"),
        "perl" => Language::Expanding("Perl"),
        "ruby" => Language::Expanding("Ruby"),
        "php" => Language::Expanding("PHP"),
        "pwsh" | "powershell" => Language::Expanding("PowerShell"),
        _ => Language::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_says_what_reads_a_script() {
        for (script, want) in [
            ("echo\n", Language::Shell),
            ("#!/bin/bash -e\n", Language::Shell),
            ("\n  \n#!/usr/bin/env -S bash -e\n", Language::Shell),
            (
                "#!/usr/bin/env A=b python3.11\n",
                Language::JsonLike("Python"),
            ),
            (
                "#!/usr/bin/pwsh -NoProfile\n",
                Language::Expanding("PowerShell"),
            ),
            ("#!ssh host bash\n", Language::Shell),
            ("#!docker exec -i db sh\n", Language::Shell),
            ("#!/usr/bin/awk -f\n", Language::Unknown),
            ("#!\n", Language::Unknown),
            ("#!/bin/sh", Language::Unknown),
            ("", Language::Shell),
        ] {
            let text = script.to_owned();
            let pieces = [Piece::Text { start: 0, text }];
            assert_eq!(language(&pieces), want, "{script:?}");
        }
    }
}
