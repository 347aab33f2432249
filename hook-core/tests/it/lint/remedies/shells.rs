//! Values in code for another shell.

use super::{Row, code};

pub(super) const ROWS: [Row; 16] = [
    code(
        "sh",
        "sh -c \"printf %s '{{ .Task }}'\"",
        "'; @; '",
        "put the code into single quotes and write `\"$HOOK_TASK\"` in it",
        "sh -c 'printf %s \"$HOOK_TASK\"'",
    ),
    code(
        "sh",
        "sh -c \"printf %s '$HOOK_TASK'\"",
        "'; @; '",
        "put the code into single quotes and write `\"$HOOK_TASK\"` in it",
        "sh -c 'printf %s \"$HOOK_TASK\"'",
    ),
    code(
        "bash",
        "t=\"x $HOOK_TASK\"\nbash -c \"printf %s '$t'\"",
        "'; @; '",
        "put the code into single quotes and give it the value as an argument: `sh -c '… \"$1\" …' \
         sh \"$t\"`",
        "t=$HOOK_TASK\nbash -c 'printf %s \"$1\"' sh \"$t\"",
    ),
    code(
        "sh",
        "sh -c \"printf %s '{{ .SnapshotStats.Message }}'\"",
        "'; @; '",
        "put the code into single quotes and give it the value as an argument: `sh -c '… \"$1\" …' \
         sh {{ .ShellEscape .SnapshotStats.Message }}`",
        "sh -c 'printf %s \"$1\"' sh {{ .ShellEscape .SnapshotStats.Message }}",
    ),
    code(
        "sh",
        "sudo sh -c \"printf %s '$HOOK_TASK'\"",
        "'; @; '",
        "put the code into single quotes and give it the value as an argument: `sh -c '… \"$1\" …' \
         sh \"$HOOK_TASK\"`",
        "sudo sh -c 'printf %s \"$1\"' sh \"$HOOK_TASK\"",
    ),
    code(
        "sh",
        "echo x | xargs sh -c \"printf %s '$HOOK_TASK'\"",
        "'; @; '",
        "put the code into single quotes and write `\"$HOOK_TASK\"` in it",
        "echo x | xargs sh -c 'printf %s \"$HOOK_TASK\"'",
    ),
    code(
        "sh",
        "find . -maxdepth 0 -exec sh -c \"printf %s '$HOOK_TASK'\" \\;",
        "'; @; '",
        "put the code into single quotes and write `\"$HOOK_TASK\"` in it",
        "find . -maxdepth 0 -exec sh -c 'printf %s \"$HOOK_TASK\"' \\;",
    ),
    code(
        "su",
        "su root -c \"printf %s '$HOOK_TASK'\"",
        "'; @; '",
        "put the code into single quotes and give it the value as an argument: `su USER -c '… \
         \"$1\" …' -- sh \"$HOOK_TASK\"`",
        "su root -c 'printf %s \"$1\"' -- sh \"$HOOK_TASK\"",
    ),
    code(
        "sh",
        "eval \"printf %s '$HOOK_ERROR'\"",
        "'; @; '",
        "put the code into single quotes and write `\"$HOOK_ERROR\"` in it",
        "eval 'printf %s \"$HOOK_ERROR\"'",
    ),
    code(
        "sh",
        "eval \"printf %s '{{ .SnapshotStats.Message }}'\"",
        "'; @; '",
        "put the value into a variable and the code into single quotes: `value={{ .ShellEscape \
         .SnapshotStats.Message }}; eval '… \"$value\" …'`",
        "value={{ .ShellEscape .SnapshotStats.Message }}; eval 'printf %s \"$value\"'",
    ),
    code(
        "sh",
        "ssh host \"printf %s '{{ .Task }}'\"",
        "'; @; '",
        "escape it once for each shell, without quotes around it: `{{ .ShellEscape (.ShellEscape \
         .Task) }}`",
        "ssh host printf %s {{ .ShellEscape (.ShellEscape .Task) }}",
    ),
    code(
        "sh",
        "ssh host \"printf %s '$HOOK_TASK'\"",
        "'; @; '",
        "hand the value over on standard input: `printf '%s' \"$HOOK_TASK\" | ssh HOST \
         'value=$(cat); … \"$value\" …'`",
        "printf '%s' \"$HOOK_TASK\" | ssh host 'value=$(cat); printf %s \"$value\"'",
    ),
    code(
        "sh",
        "ssh host sh -c {{ .ShellEscape (.ShellEscape .Task) }}",
        "@",
        "hand the value over on standard input: `printf '%s' \"$HOOK_TASK\" | ssh HOST \
         'value=$(cat); … \"$value\" …'`",
        "printf '%s' \"$HOOK_TASK\" | ssh host 'value=$(cat); printf %s \"$value\"'",
    ),
    code(
        "bash",
        "#!/bin/bash\nssh host \"printf %s $(printf %q \"$HOOK_TASK\")\"",
        "x\n'; @; #",
        "hand the value over on standard input: `printf '%s' \"$HOOK_TASK\" | ssh HOST \
         'value=$(cat); … \"$value\" …'`",
        "#!/bin/bash\nprintf '%s' \"$HOOK_TASK\" | ssh host 'value=$(cat); printf %s \"$value\"'",
    ),
    code(
        "sh",
        "ssh host sh <<E\nprintf %s '$HOOK_TASK'\nE\n",
        "'; @; '",
        "hand the value over on standard input: `printf '%s' \"$HOOK_TASK\" | ssh HOST \
         'value=$(cat); … \"$value\" …'`",
        "printf '%s' \"$HOOK_TASK\" | ssh host 'value=$(cat); printf %s \"$value\"'",
    ),
    code(
        "sh",
        "echo \"printf %s '$HOOK_TASK'\" | sh",
        "'; @; '",
        "put the code into single quotes and write `\"$HOOK_TASK\"` in it",
        "echo 'printf %s \"$HOOK_TASK\"' | sh",
    ),
];
