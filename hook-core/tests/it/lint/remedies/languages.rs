//! Values in code for programs that are no shells.

use super::{Row, code};

pub(super) const ROWS: [Row; 18] = [
    code(
        "python3",
        "osascript -e 'display notification \"{{ .ShellEscape .Task }}\"'",
        "a; @ #",
        "give it the value as an argument: `osascript -e 'on run argv' -e '… (item 1 of argv) …' -e \
         'end run' -- \"$HOOK_TASK\"`",
        "osascript -e 'on run argv' -e 'display notification (item 1 of argv)' -e 'end run' -- \
         \"$HOOK_TASK\"",
    ),
    // The advice that was given before: it satisfies the shell alone.
    code(
        "python3",
        "osascript -e 'display notification \"'\"$HOOK_TASK\"'\"'",
        "a\" & (do shell script \"@\") & \"b",
        "give it the value as an argument: `osascript -e 'on run argv' -e '… (item 1 of argv) …' -e \
         'end run' -- \"$HOOK_TASK\"`",
        "osascript -e 'on run argv' -e 'display notification (item 1 of argv)' -e 'end run' -- \
         \"$HOOK_TASK\"",
    ),
    code(
        "python3",
        "python3 -c 'print(\"'\"$HOOK_TASK\"'\")'",
        "\"); import os; os.system(\"@\"); print(\"",
        "put the code into single quotes and read the value from the environment: `python3 -c \
         'import os; … os.environ[\"HOOK_TASK\"] …'`",
        "python3 -c 'import os; print(os.environ[\"HOOK_TASK\"])'",
    ),
    code(
        "python3",
        "sudo python3 -c \"print('$HOOK_TASK')\"",
        "'); import os; os.system('@'); print('",
        "put the code into single quotes and give it the value as an argument: `python3 -c 'import \
         sys; … sys.argv[1] …' \"$HOOK_TASK\"`",
        "sudo python3 -c 'import sys; print(sys.argv[1])' \"$HOOK_TASK\"",
    ),
    code(
        "python3",
        "python3 -c \"print('{{ .SnapshotStats.Message }}')\"",
        "'); import os; os.system('@'); print('",
        "put the code into single quotes and read the value from the environment: `VALUE={{ \
         .ShellEscape .SnapshotStats.Message }} python3 -c 'import os; … os.environ[\"VALUE\"] …'`",
        "VALUE={{ .ShellEscape .SnapshotStats.Message }} python3 -c 'import os; \
         print(os.environ[\"VALUE\"])'",
    ),
    code(
        "perl",
        "perl -e \"print '$HOOK_TASK'\"",
        "'; system('@'); '",
        "put the code into single quotes and read the value from the environment: `perl -e '… \
         $ENV{HOOK_TASK} …'`",
        "perl -e 'print $ENV{HOOK_TASK}'",
    ),
    code(
        "perl",
        "sudo perl -e \"print '$HOOK_TASK'\"",
        "'; system('@'); '",
        "put the code into single quotes and give it the value as an argument: `perl -e '… $ARGV[0] \
         …' -- \"$HOOK_TASK\"`",
        "sudo perl -e 'print $ARGV[0]' -- \"$HOOK_TASK\"",
    ),
    code(
        "node",
        "node -e \"console.log('$HOOK_TASK')\"",
        "'); require('child_process').execSync('@'); ('",
        "put the code into single quotes and read the value from the environment: `node -e '… \
         process.env.HOOK_TASK …'`",
        "node -e 'console.log(process.env.HOOK_TASK)'",
    ),
    code(
        "node",
        "sudo node -e \"console.log('$HOOK_TASK')\"",
        "'); require('child_process').execSync('@'); ('",
        "put the code into single quotes and give it the value as an argument: `node -e '… \
         process.argv[1] …' -- \"$HOOK_TASK\"`",
        "sudo node -e 'console.log(process.argv[1])' -- \"$HOOK_TASK\"",
    ),
    code(
        "awk",
        "awk \"BEGIN { print \\\"$HOOK_TASK\\\" }\"",
        "\"; system(\"@\"); print \"",
        "put the code into single quotes and read the value from the environment: `awk '… \
         ENVIRON[\"HOOK_TASK\"] …'`",
        "awk 'BEGIN { print ENVIRON[\"HOOK_TASK\"] }'",
    ),
    code(
        "awk",
        "sudo awk \"BEGIN { print \\\"$HOOK_TASK\\\" }\"",
        "\"; system(\"@\"); print \"",
        "put the code into single quotes and give it the value as an argument: `awk 'BEGIN { value \
         = ARGV[1]; delete ARGV[1] } … value …' \"$HOOK_TASK\"`",
        "sudo awk 'BEGIN { value = ARGV[1]; delete ARGV[1] } BEGIN { print value }' \"$HOOK_TASK\"",
    ),
    code(
        "jq",
        "jq -nr '\"{{ .Task }}\"'",
        "",
        "put the code into single quotes and give it the value as an argument: `jq --arg value \
         \"$HOOK_TASK\" '… $value …'`",
        "jq -nr --arg value \"$HOOK_TASK\" '$value'",
    ),
    code(
        "sed perl",
        "echo x | sed \"s/x/$HOOK_TASK/\"",
        "@/e; s/z/",
        "sed takes values as code only; perl takes them from the environment: `perl -pe \
         's/…/$ENV{HOOK_TASK}/'`, and `\\Q$ENV{HOOK_TASK}\\E` in a pattern",
        "echo x | perl -pe 's/x/$ENV{HOOK_TASK}/'",
    ),
    code(
        "sed perl",
        "sed -n \"/$HOOK_TASK/p\" /dev/null",
        "",
        "sed takes values as code only; perl takes them from the environment: `perl -pe \
         's/…/$ENV{HOOK_TASK}/'`, and `\\Q$ENV{HOOK_TASK}\\E` in a pattern",
        "printf '%s' \"$HOOK_TASK\" | perl -0777 -ne 'print if /^\\Q$ENV{HOOK_TASK}\\E$/'",
    ),
    code(
        "python3 sqlite3",
        "psql -At -c \"SELECT '$HOOK_TASK'\"",
        "'; ATTACH 'canary' AS c; CREATE TABLE c.t (x); --",
        "hand the statement over on standard input, where `:'value'` is a string: `psql -v \
         value=\"$HOOK_TASK\" <<'SQL'`",
        "psql -At -v value=\"$HOOK_TASK\" <<'SQL'\nSELECT :'value';\nSQL\n",
    ),
    code(
        "python3 sqlite3",
        "mysql -e \"SELECT '$HOOK_TASK'\"",
        "'; ATTACH 'canary' AS c; CREATE TABLE c.t (x); --",
        "write it in hexadecimal: `hex=$(printf %s \"$HOOK_TASK\" | od -An -v -tx1 | tr -d ' \
         \\n')`, and `CONVERT(x'$hex' USING utf8mb4)` in place of the string",
        "hex=$(printf %s \"$HOOK_TASK\" | od -An -v -tx1 | tr -d ' \\n')\nmysql -e \"SELECT \
         CONVERT(x'$hex' USING utf8mb4)\"",
    ),
    code(
        "sqlite3",
        "sqlite3 :memory: \"SELECT '{{ .Task }}'\"",
        "'; ATTACH 'canary' AS c; CREATE TABLE c.t (x); --",
        "write it in hexadecimal: `hex=$(printf %s \"$HOOK_TASK\" | od -An -v -tx1 | tr -d ' \
         \\n')`, and `CAST(x'$hex' AS TEXT)` in place of the string",
        "hex=$(printf %s \"$HOOK_TASK\" | od -An -v -tx1 | tr -d ' \\n')\nsqlite3 :memory: \"SELECT \
         CAST(x'$hex' AS TEXT)\"",
    ),
    code(
        "sqlite3",
        "sqlite3 :memory: <<E\nSELECT '$HOOK_TASK';\nE\n",
        "'; ATTACH 'canary' AS c; CREATE TABLE c.t (x); --",
        "write it in hexadecimal: `hex=$(printf %s \"$HOOK_TASK\" | od -An -v -tx1 | tr -d ' \
         \\n')`, and `CAST(x'$hex' AS TEXT)` in place of the string",
        "hex=$(printf %s \"$HOOK_TASK\" | od -An -v -tx1 | tr -d ' \\n')\nsqlite3 :memory: \
         <<E\nSELECT CAST(x'$hex' AS TEXT);\nE\n",
    ),
];
