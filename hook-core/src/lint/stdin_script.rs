//! Scripts on the stdin of a program that does not read them as their author means.

use process_supervisor::{HandOver, Script, StdinDoubt};

use super::{shebang_range, warning};
use crate::diagnostic::Diagnostic;
use crate::hook::{CommandAction, Hook};
use crate::samples::Sample;

pub(crate) const CODE: &str = "script-on-stdin";

/// Warns of a `#!` line by which an interpreter gets the script on stdin, though nobody asked for
/// that.
pub(crate) fn check(
    hook: &Hook,
    command: &CommandAction,
    samples: &[Sample],
) -> Option<Diagnostic> {
    if command.via.is_some() {
        return None;
    }
    let doubts = samples.iter().filter_map(|sample| {
        let script = Script::parse(sample.script.as_ref().ok()?, None).ok()?;
        match script.hand_over {
            HandOver::Stdin => script.stdin_doubt(),
            HandOver::File => None,
        }
    });
    let doubt = doubts.into_iter().next()?;
    let eaten = |interpreter| {
        format!(
            "`{interpreter}` gets this script on stdin, where a command in it can take the rest of it"
        )
    };
    let (message, remedy) = match doubt {
        StdinDoubt::Eaten { interpreter } => (
            eaten(interpreter),
            "if a file's path may follow the line, write `scriptVia: FILE` beside `command`; \
             `scriptVia: STDIN` keeps it as it is"
                .to_owned(),
        ),
        StdinDoubt::OtherUser {
            interpreter,
            program,
        } => (
            eaten(interpreter.clone()),
            format!("name `{interpreter}` alone, and instead of `{program}` set the hook's `user`"),
        ),
        StdinDoubt::NeedsOption { program, option } => (
            format!("`{program}` reads no script from stdin"),
            format!("write `{option}` at the end of the line"),
        ),
    };
    Some(warning(hook, shebang_range(command), CODE, message, remedy))
}
