//! hookd's log of hooks that failed: a line for each, with the last line of its output.

use std::sync::{Mutex, PoisonError};

use hook_core::run::decision::Effect;
use hook_core::run::journal::Fact;
use tracing::warn;

/// The number of bytes of a hook's last line that are logged.
const MAX_LINE: usize = 400;

/// Logs the failed hooks of one run. The hooks of a run execute one after another.
#[derive(Debug, Default)]
pub(super) struct FailedHookLog {
    /// The end of the output of the present hook, secrets masked.
    tail: Mutex<Vec<u8>>,
}

impl FailedHookLog {
    /// Takes note of the next fact of the run.
    pub(super) fn note(&self, fact: &Fact) {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        match fact {
            Fact::HookStarted { .. } => tail.clear(),
            Fact::HookOutput { chunk, .. } => {
                // Twice the length of a line, so that blank lines at the end are no loss.
                let kept = chunk.data.len().min(2 * MAX_LINE);
                tail.extend_from_slice(&chunk.data[chunk.data.len() - kept..]);
                let surplus = tail.len().saturating_sub(2 * MAX_LINE);
                tail.drain(..surplus);
            }
            Fact::HookFinished {
                hook,
                outcome,
                effect,
                attempt,
                ..
            } => {
                let output = std::mem::take(&mut *tail);
                if !matches!(effect, Effect::None | Effect::Warning) {
                    let last_line = last_line(&output);
                    warn!(hook, attempt, %outcome, %effect, last_line, "hook failed");
                }
            }
            _ => {}
        }
    }
}

/// Returns the last line that is not blank, cut at its beginning if it is long.
fn last_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let mut lines = text.lines().rev().map(str::trim);
    let line = lines.find(|line| !line.is_empty()).unwrap_or_default();
    let from = line.ceil_char_boundary(line.len().saturating_sub(MAX_LINE));
    line[from..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_says_something() {
        let long = "é".repeat(MAX_LINE);
        for (output, line) in [
            ("one\ntwo", "two"),
            ("one\n  two \n\n \n", "two"),
            ("", ""),
            (&*long, &long[MAX_LINE..]),
        ] {
            assert_eq!(last_line(output.as_bytes()), line);
        }
        assert_eq!(last_line(b"\xff!\n"), "\u{fffd}!");
    }
}
