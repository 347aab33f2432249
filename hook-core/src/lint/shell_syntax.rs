//! Syntax of scripts for a shell, in each form in which a template renders them.
//!
//! The shell itself is asked (`sh -n`), and by somebody else: nothing is executed here.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use process_supervisor::{HandOver, Script};

use super::{NOT_CHECKED, render_command, warning};
use crate::catalog::Catalog;
use crate::condition::Condition;
use crate::diagnostic::Diagnostic;
use crate::hook::{Action, CommandAction, Hook};
use crate::samples::{self, samples};

pub(crate) const CODE: &str = "shell-syntax";

/// Most bytes of all scripts together.
const MAX_BYTES: usize = 64 << 20;

/// Shells that parse a script without running it if they get `-n`.
const SHELLS: [&str; 7] = ["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"];

/// Script for a shell, as a sample event renders it.
#[derive(Clone, Debug)]
pub struct ShellScript {
    hook: Arc<Hook>,
    condition: Condition,
    /// The name of the shell and the arguments with which it reads a script from stdin and reports
    /// faults of its syntax, without running any of it.
    ///
    /// The shell that a `#!` line names by a path is not asked: nothing that a config names is run.
    pub command: Vec<String>,
    /// The script.
    pub text: Vec<u8>,
}

/// Returns the different scripts of all hooks that a shell reads, of at most 64 MiB.
#[must_use]
pub fn shell_scripts(catalog: &Catalog) -> Vec<ShellScript> {
    let deadline = Instant::now() + samples::LIMIT;
    let mut scripts = Vec::new();
    let mut bytes = 0;
    for hook in catalog.all_hooks() {
        let Action::Command(command) = &hook.action else {
            continue;
        };
        let mut seen = BTreeSet::new();
        for sample in samples(catalog, hook, command, deadline) {
            let Ok(text) = sample.script else { continue };
            if seen.contains(&text) || bytes + text.len() > MAX_BYTES {
                continue;
            }
            if let Some(command) = shell_command(&text) {
                seen.insert(text.clone());
                bytes += text.len();
                scripts.push(ShellScript {
                    hook: Arc::clone(hook),
                    condition: sample.condition,
                    command,
                    text,
                });
            }
        }
    }
    scripts
}

/// Returns the command that checks a script; `None` if no known shell runs it.
fn shell_command(text: &[u8]) -> Option<Vec<String>> {
    let script = Script::parse(text, None).ok()?;
    if script.hand_over != HandOver::File {
        return None;
    }
    let programs = script.programs();
    let shell = programs.last()?.rsplit('/').next()?;
    let shell = SHELLS.into_iter().find(|known| *known == shell)?;
    let mut command = vec![shell.to_owned(), "-n".to_owned()];
    // Options that the script sets itself are not set, as nothing is run.
    let sets_extglob = text.windows(7).any(|word| word == b"extglob");
    if shell == "bash" && sets_extglob {
        command.extend(["-O".to_owned(), "extglob".to_owned()]);
    }
    Some(command)
}

impl ShellScript {
    /// Returns the warning for what the shell said of the script; `None` if it said nothing.
    #[must_use]
    pub fn warning(&self, said: &str) -> Option<Diagnostic> {
        let said = said.lines().find(|line| !line.trim().is_empty())?;
        let shell = self.command.first().map_or("sh", String::as_str);
        let said = said.strip_prefix(shell).unwrap_or(said);
        let said = said.trim_start_matches([':', ' ']);
        let line = line_number(said);
        let Action::Command(command) = &self.hook.action else {
            return None;
        };
        let range = line.and_then(|line| self.source_line(command, line));
        let range = range.map(|line| command.text_map.range(line, 1, u32::MAX));
        let message = format!(
            "`{shell} -n` refuses the script for `{}`: {said}",
            self.condition
        );
        let shows = render_command(&self.hook);
        let remedy = format!("mend the script; `{shows}` shows it as the shell reads it");
        Some(warning(&self.hook, range, CODE, message, remedy))
    }

    /// Returns the script for bash instead of a plain shell; `None` if it is for neither.
    #[must_use]
    pub fn for_bash(&self) -> Option<ShellScript> {
        let shell = self.command.first()?;
        ["sh", "dash", "ash"]
            .contains(&&**shell)
            .then(|| ShellScript {
                command: ["bash", "-n"].map(str::to_owned).to_vec(),
                ..self.clone()
            })
    }

    /// Returns the warning that no shell has read this script and those after it, `count` together.
    #[must_use]
    pub fn unread(&self, count: usize, limit: Duration) -> Diagnostic {
        let message = format!("no shell has read this script and {} after it", count - 1);
        let remedy = format!("there was no time for them in {limit:?}: check the config in parts");
        warning(&self.hook, None, NOT_CHECKED, message, remedy)
    }

    /// Returns the line of the template that became this line of the script; `None` if that is
    /// not certain.
    fn source_line(&self, command: &CommandAction, line: u32) -> Option<u32> {
        let text = String::from_utf8_lossy(&self.text);
        let source = command.template.source();
        if text.lines().count() == source.lines().count() {
            return Some(line);
        }
        let wanted = text.lines().nth(line.checked_sub(1)? as usize)?;
        let mut same = (1..)
            .zip(source.lines())
            .filter(|(_, line)| *line == wanted);
        let (number, _) = same.next()?;
        same.next().is_none().then_some(number)
    }
}

/// Returns the line that a shell names, as in `line 3: …`, `3: …` or `… at line 3`.
fn line_number(said: &str) -> Option<u32> {
    let after = said
        .find("line ")
        .map_or(said, |at| &said[at + "line ".len()..]);
    let digits = after
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(after.len());
    after[..digits].parse().ok()
}
