//! Commands of several lines that YAML joins to one.

use super::warning;
use crate::diagnostic::Diagnostic;
use crate::hook::{CommandAction, Hook};

pub(crate) const CODE: &str = "folded-command";

/// Warns of a command whose lines in the file are joined by spaces, as in a block with `>` or in
/// plain and quoted text: a comment or an `if` then swallows all that follows.
pub(crate) fn check(hook: &Hook, command: &CommandAction) -> Option<Diagnostic> {
    let fold = command.text_map.first_fold()?;
    let message = "this line is joined to the one before: they are one line of the script";
    let remedy = "write the command as a block, `command: |` and then one line each; \
                  a `\\` at the end of a line continues it";
    Some(warning(
        hook,
        Some(fold),
        CODE,
        message.to_owned(),
        remedy.to_owned(),
    ))
}
