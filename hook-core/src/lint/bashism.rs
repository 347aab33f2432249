//! Scripts in the language of bash that another shell runs.

use std::path::Path;

use process_supervisor::Script;

use super::shell_outline::{begins_command, first_word, last_command, outline};
use super::warning;
use crate::diagnostic::Diagnostic;
use crate::hook::{CommandAction, Hook};
use crate::samples::Sample;

pub(crate) const CODE: &str = "bash-in-sh";

/// Remedy for a script of bash that `sh` gets.
pub const REMEDY: &str = "this is bash: begin it with `#!/bin/bash`";

/// Commands of bash that `dash` lacks.
const COMMANDS: [&str; 5] = ["[[", "declare", "mapfile", "shopt", "source"];

/// Warns of a script with commands of bash that `dash` runs, which finds no fault in its syntax.
pub(crate) fn check(
    hook: &Hook,
    command: &CommandAction,
    samples: &[Sample],
) -> Option<Diagnostic> {
    let source = command.template.source();
    // A script that looks for bash itself.
    if source.contains("BASH_VERSION") || !samples.iter().any(|s| is_for_dash(command, s)) {
        return None;
    }
    let outline = outline(source);
    // The text of a here-document is no script.
    let here = outline.windows(2).position(|pair| pair == ['<', '<']);
    let script = &outline[..here.unwrap_or(outline.len())];
    let (at, word) = (0..script.len()).find_map(|at| {
        let (before, rest) = script.split_at(at);
        if before.last().is_some_and(|letter| letter.is_alphanumeric()) {
            return None;
        }
        let is_of_bash = match rest.first()? {
            '[' | 'd' | 'm' | 's' => {
                COMMANDS.contains(&&*first_word(rest)) && begins_command(before)
            }
            'p' => first_word(rest) == "pipefail" && is_set(before),
            _ => false,
        };
        is_of_bash.then(|| (at, first_word(rest)))
    })?;
    let lines = outline[..at].split(|letter| *letter == '\n');
    let (line, column) = (1..)
        .zip(lines)
        .last()
        .map(|(n, line)| (n, line.len() + 1))?;
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let length = count(word.chars().count());
    let range = command.text_map.range(line, count(column), length);
    let message = format!("`sh` has no `{word}`, and runs this script");
    Some(warning(hook, Some(range), CODE, message, REMEDY.to_owned()))
}

fn is_set(before: &[char]) -> bool {
    last_command(before)
        .first()
        .is_some_and(|word| word == "set")
}

/// Returns whether `dash` runs a script, perhaps by the name `sh`.
fn is_for_dash(command: &CommandAction, sample: &Sample) -> bool {
    let script = sample.script.as_ref().ok();
    let script = script.and_then(|text| Script::parse(text, command.via).ok());
    let programs = script.map(|script| script.programs()).unwrap_or_default();
    let shell = programs
        .last()
        .and_then(|program| program.rsplit('/').next());
    match shell {
        Some("dash") => true,
        Some("sh") => Path::new("/bin/sh")
            .canonicalize()
            .is_ok_and(|shell| shell.ends_with("dash")),
        _ => false,
    }
}
