//! Commands of several lines that YAML joins to one.

use super::shell_outline::{COMMENT, begins_command, first_word, last_command, outline};
use super::warning;
use crate::diagnostic::Diagnostic;
use crate::hook::{CommandAction, Hook};

pub(crate) const CODE: &str = "folded-command";

/// Words of the shell that go on with no command.
const KEYWORDS: [&str; 14] = [
    "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "}",
    "[[",
];

/// Commands that seldom are an argument of another.
const COMMANDS: [&str; 58] = [
    ".",
    "[",
    "awk",
    "bash",
    "borg",
    "btrfs",
    "cat",
    "cd",
    "chmod",
    "chown",
    "cp",
    "curl",
    "docker",
    "echo",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "find",
    "gzip",
    "grep",
    "jq",
    "kill",
    "local",
    "logger",
    "ls",
    "mkdir",
    "mount",
    "mv",
    "mysqldump",
    "notify-send",
    "pg_dump",
    "podman",
    "printf",
    "python3",
    "rclone",
    "read",
    "restic",
    "return",
    "rm",
    "rmdir",
    "rsync",
    "sed",
    "set",
    "sh",
    "shift",
    "sleep",
    "ssh",
    "sudo",
    "systemctl",
    "trap",
    "true",
    "umount",
    "unset",
    "wait",
    "wget",
    "zfs",
];

/// Commands that run the command in their arguments, and assignments before a command.
const WRAPPERS: [&str; 25] = [
    "chroot",
    "chrt",
    "command",
    "docker",
    "env",
    "exec",
    "find",
    "flock",
    "ionice",
    "kubectl",
    "nice",
    "nohup",
    "nsenter",
    "podman",
    "runuser",
    "setpriv",
    "ssh",
    "stdbuf",
    "su",
    "sudo",
    "systemd-run",
    "time",
    "timeout",
    "unshare",
    "xargs",
];

/// Warns of a command whose lines in the file are joined by spaces, as in a block with `>` or in
/// plain and quoted text, if that changes its meaning: a comment swallows all that follows, and
/// a command becomes an argument of the one before.
pub(crate) fn check(hook: &Hook, command: &CommandAction) -> Option<Diagnostic> {
    let source = command.template.source();
    let mut folds = command.text_map.folds().peekable();
    folds.peek()?;
    let outline = outline(source);
    let is_for_shell = source.lines().next().is_none_or(|line| {
        !line.starts_with("#!") || line.trim_end().ends_with("sh") || line.contains("sh ")
    });
    let (_, fold) = folds.find(|(at, _)| {
        !is_for_shell
            || outline
                .split_at_checked(*at)
                .is_some_and(|(a, b)| is_lost(a, b))
    })?;
    let message = "this line is joined to the one before: they are one line of the script";
    let remedy = "write the command as a block, `command: |`, with `\\` at the end of each line \
                  that goes on";
    Some(warning(
        hook,
        Some(fold),
        CODE,
        message.to_owned(),
        remedy.to_owned(),
    ))
}

/// Returns whether a line means something else because it is joined to the text before it; both
/// as their [`outline`].
fn is_lost(before: &[char], line: &[char]) -> bool {
    let is_space = |letter: &char| matches!(letter, ' ' | '\t');
    if line.first() == Some(&COMMENT) {
        return true;
    }
    if !before.last().is_some_and(is_space) {
        return false;
    }
    let text = before.iter().rposition(|letter| !is_space(letter));
    // A backslash keeps the space that joins the lines.
    if text.is_some_and(|text| before[text] == '\\') {
        return true;
    }
    let word = first_word(line);
    if begins_command(before) {
        return false;
    }
    let is_assignment = |word: &String| word.contains('=') && !word.starts_with(['-', '=']);
    let words = last_command(before);
    let program = words.iter().find(|word| !is_assignment(word));
    let runs_another = program.is_none_or(|program| {
        let name = program.rsplit('/').next();
        name.is_some_and(|name| WRAPPERS.contains(&name))
    });
    let is_option = words.last().is_some_and(|last| last.starts_with('-'));
    KEYWORDS.contains(&&*word) || COMMANDS.contains(&&*word) && !runs_another && !is_option
}
