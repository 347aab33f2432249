//! Values in words, quotes, comments and here-documents of the script's own shell.

use super::{Row, row, tera};

pub(super) const ROWS: [Row; 20] = [
    row(
        "value-without-quotes",
        "sh",
        "printf %s {{ .Task }}",
        "; @",
        "write `\"$HOOK_TASK\"` in its place",
        "printf %s \"$HOOK_TASK\"",
    ),
    row(
        "value-without-quotes",
        "sh",
        "printf %s {{ .SnapshotStats.Message }}",
        "; @",
        "write `{{ .ShellEscape .SnapshotStats.Message }}`",
        "printf %s {{ .ShellEscape .SnapshotStats.Message }}",
    ),
    tera(row(
        "value-without-quotes",
        "sh",
        "printf %s {{ snapshot_stats.message | raw }}",
        "; @",
        "write `{{ snapshot_stats.message | shell_escape }}`",
        "printf %s {{ snapshot_stats.message | shell_escape }}",
    )),
    row(
        "value-in-quotes",
        "sh",
        "printf %s '{{ .Task }}'",
        "'; @; '",
        "end the quotes before it and begin them again behind it: `'\"$HOOK_TASK\"'`",
        "printf %s ''\"$HOOK_TASK\"''",
    ),
    row(
        "value-in-quotes",
        "bash",
        "#!/bin/bash\nprintf %s $'{{ .Task }}'",
        "'; @; '",
        "end the quotes before it and begin them again behind it: `'\"$HOOK_TASK\"'`",
        "#!/bin/bash\nprintf %s $''\"$HOOK_TASK\"''",
    ),
    row(
        "value-in-quotes",
        "sh",
        "printf %s '{{ .SnapshotStats.Message }}'",
        "'; @; '",
        "end the quotes before it and begin them again behind it: `'{{ .ShellEscape \
         .SnapshotStats.Message }}'`",
        "printf %s ''{{ .ShellEscape .SnapshotStats.Message }}''",
    ),
    row(
        "value-in-quotes",
        "sh",
        "printf %s \"{{ .SnapshotStats.Message }}\"",
        "$(@)",
        "end the quotes before it and begin them again behind it: `\"{{ .ShellEscape \
         .SnapshotStats.Message }}\"`",
        "printf %s \"\"{{ .ShellEscape .SnapshotStats.Message }}\"\"",
    ),
    row(
        "value-in-quotes",
        "sh",
        "printf %s \"{{ .Task }}\"",
        "$(@)",
        "write `$HOOK_TASK` in its place",
        "printf %s \"$HOOK_TASK\"",
    ),
    row(
        "escape-in-quotes",
        "sh",
        "printf %s \"{{ .ShellEscape .Task }}\"",
        "$(@)",
        "write `$HOOK_TASK` in its place",
        "printf %s \"$HOOK_TASK\"",
    ),
    tera(row(
        "escape-in-quotes",
        "sh",
        "printf %s \"{{ snapshot_stats.message }}\"",
        "$(@)",
        "end the quotes before it and begin them again behind it: `\"{{ snapshot_stats.message | \
         shell_escape }}\"`",
        "printf %s \"\"{{ snapshot_stats.message | shell_escape }}\"\"",
    )),
    row(
        "escape-in-quotes",
        "sh",
        "printf %s \\{{ .ShellEscape .Task }}",
        "x; @ #",
        "take away the `\\`, `$` or `<<` before it",
        "printf %s {{ .ShellEscape .Task }}",
    ),
    row(
        "value-in-backticks",
        "bash",
        "#!/bin/bash\nprintf %s `printf %s {{ .ShellEscape .Task }}`",
        "`; @; `",
        "write `$(…)` instead of the backticks",
        "#!/bin/bash\nprintf %s \"$(printf %s {{ .ShellEscape .Task }})\"",
    ),
    row(
        "value-in-comment",
        "sh",
        "# {{ .Task }}\nprintf %s x",
        "x\n@",
        "take it out of the comment",
        "# The task:\nprintf %s \"$HOOK_TASK\"",
    ),
    row(
        "value-in-here-document",
        "sh",
        "cat <<E\n{{ .Task }}\nE\n",
        "$(@)",
        "write `$HOOK_TASK` in its place",
        "cat <<E\n$HOOK_TASK\nE\n",
    ),
    row(
        "value-in-here-document",
        "sh",
        "cat <<'E'\n{{ .Task }}\nE\n",
        "x\nE\n@",
        "take the quotes off the delimiter and write `$HOOK_TASK` in its place",
        "cat <<E\n$HOOK_TASK\nE\n",
    ),
    row(
        "value-in-here-document",
        "sh",
        "cat <<E\n{{ .SnapshotStats.Message }}\nE\n",
        "$(@)",
        "end the here-document before this line, print the line outside of it, by a command of \
         its own, `printf '%s\\n' {{ .ShellEscape .SnapshotStats.Message }}`, and go on in a \
         second here-document",
        "printf '%s\\n' {{ .ShellEscape .SnapshotStats.Message }}",
    ),
    row(
        "value-in-here-document",
        "sh",
        "cat <<'E'\nIt costs $5, `x` or \\\\.\n{{ .Task }}\nE\n",
        "x\nE\n@",
        "end the here-document before this line, print the line outside of it, by a command of \
         its own, `printf '%s\\n' \"$HOOK_TASK\"`, and go on in a second here-document",
        "cat <<'E' >/dev/null\nIt costs $5, `x` or \\\\.\nE\nprintf '%s\\n' \"$HOOK_TASK\"\ncat \
         <<'E' >/dev/null\n$(id)\nE\n",
    ),
    row(
        "value-in-here-document",
        "sh",
        "cat <<'E'\n{{ .SnapshotStats.Message }}\nE\n",
        "x\nE\n@",
        "end the here-document before this line, print the line outside of it, by a command of \
         its own, `printf '%s\\n' {{ .ShellEscape .SnapshotStats.Message }}`, and go on in a \
         second here-document",
        "printf '%s\\n' {{ .ShellEscape .SnapshotStats.Message }}\ncat <<'E' >/dev/null\n`x`\nE\n",
    ),
    tera(row(
        "value-in-here-document",
        "sh",
        "cat <<'E'\n$5\n{{ task | raw }}\nE\n",
        "x\nE\n@",
        "end the here-document before this line, print the line outside of it, by a command of \
         its own, `printf '%s\\n' \"$HOOK_TASK\"`, and go on in a second here-document",
        "cat <<'E' >/dev/null\n$5\nE\nprintf '%s\\n' \"$HOOK_TASK\"\n",
    )),
    tera(row(
        "value-in-code",
        "sh",
        "ssh host \"printf %s '{{ task | raw }}'\"",
        "'; @; '",
        "escape it once for each shell, without quotes around it: `{{ task | shell_escape | \
         shell_escape }}`",
        "ssh host printf %s {{ task | shell_escape | shell_escape }}",
    )),
];
