//! Values in code for other programs: each warning has the remedy that fits the program, and
//! after it the program gets the value as it is and runs none of it.

use std::process::{Command, Stdio};
use std::sync::Arc;

use hook_core::template::{Engine, Template};
use hook_core::vars::{SnapshotStats, Vars};

use super::{stand_ins, warnings, warnings_of};

/// A script whose value is code, its remedy, and the script after the remedy, which prints the
/// value.
struct Row {
    /// The programs without which the scripts cannot be run.
    needs: &'static str,
    script: &'static str,
    /// A value that runs the command in place of `@`; none if the language runs no commands.
    attack: &'static str,
    remedy: &'static str,
    mended: &'static str,
}

const fn row(
    needs: &'static str,
    script: &'static str,
    attack: &'static str,
    remedy: &'static str,
    mended: &'static str,
) -> Row {
    Row {
        needs,
        script,
        attack,
        remedy,
        mended,
    }
}

const ROWS: [Row; 34] = [
    row(
        "sh",
        "sh -c \"printf %s '{{ .Task }}'\"",
        "'; @; '",
        "put the code into single quotes and write `\"$HOOK_TASK\"` in it",
        "sh -c 'printf %s \"$HOOK_TASK\"'",
    ),
    row(
        "sh",
        "sh -c \"printf %s '$HOOK_TASK'\"",
        "'; @; '",
        "put the code into single quotes and write `\"$HOOK_TASK\"` in it",
        "sh -c 'printf %s \"$HOOK_TASK\"'",
    ),
    row(
        "bash",
        "t=\"x $HOOK_TASK\"\nbash -c \"printf %s '$t'\"",
        "'; @; '",
        "put the code into single quotes and give it the value as an argument: `sh -c '… \"$1\" …' \
         sh \"$t\"`",
        "t=$HOOK_TASK\nbash -c 'printf %s \"$1\"' sh \"$t\"",
    ),
    row(
        "sh",
        "sh -c \"printf %s '{{ .SnapshotStats.Message }}'\"",
        "'; @; '",
        "put the code into single quotes and give it the value as an argument: `sh -c '… \"$1\" …' \
         sh {{ .ShellEscape .SnapshotStats.Message }}`",
        "sh -c 'printf %s \"$1\"' sh {{ .ShellEscape .SnapshotStats.Message }}",
    ),
    row(
        "sh",
        "sudo sh -c \"printf %s '$HOOK_TASK'\"",
        "'; @; '",
        "put the code into single quotes and give it the value as an argument: `sh -c '… \"$1\" …' \
         sh \"$HOOK_TASK\"`",
        "sudo sh -c 'printf %s \"$1\"' sh \"$HOOK_TASK\"",
    ),
    row(
        "sh",
        "echo x | xargs sh -c \"printf %s '$HOOK_TASK'\"",
        "'; @; '",
        "put the code into single quotes and write `\"$HOOK_TASK\"` in it",
        "echo x | xargs sh -c 'printf %s \"$HOOK_TASK\"'",
    ),
    row(
        "sh",
        "find . -maxdepth 0 -exec sh -c \"printf %s '$HOOK_TASK'\" \\;",
        "'; @; '",
        "put the code into single quotes and write `\"$HOOK_TASK\"` in it",
        "find . -maxdepth 0 -exec sh -c 'printf %s \"$HOOK_TASK\"' \\;",
    ),
    row(
        "su",
        "su root -c \"printf %s '$HOOK_TASK'\"",
        "'; @; '",
        "put the code into single quotes and give it the value as an argument: `su USER -c '… \
         \"$1\" …' -- sh \"$HOOK_TASK\"`",
        "su root -c 'printf %s \"$1\"' -- sh \"$HOOK_TASK\"",
    ),
    row(
        "sh",
        "eval \"printf %s '$HOOK_ERROR'\"",
        "'; @; '",
        "put the code into single quotes and write `\"$HOOK_ERROR\"` in it",
        "eval 'printf %s \"$HOOK_ERROR\"'",
    ),
    row(
        "sh",
        "eval \"printf %s '{{ .SnapshotStats.Message }}'\"",
        "'; @; '",
        "put the value into a variable and the code into single quotes: `value={{ .ShellEscape \
         .SnapshotStats.Message }}; eval '… \"$value\" …'`",
        "value={{ .ShellEscape .SnapshotStats.Message }}; eval 'printf %s \"$value\"'",
    ),
    row(
        "sh",
        "ssh host \"printf %s '{{ .Task }}'\"",
        "'; @; '",
        "escape it once for each shell, without quotes around it: `{{ .ShellEscape (.ShellEscape \
         .Task) }}`",
        "ssh host printf %s {{ .ShellEscape (.ShellEscape .Task) }}",
    ),
    row(
        "sh",
        "ssh host \"printf %s '$HOOK_TASK'\"",
        "'; @; '",
        "hand the value over on standard input: `printf '%s' \"$HOOK_TASK\" | ssh HOST \
         'value=$(cat); … \"$value\" …'`",
        "printf '%s' \"$HOOK_TASK\" | ssh host 'value=$(cat); printf %s \"$value\"'",
    ),
    row(
        "sh",
        "ssh host sh -c {{ .ShellEscape (.ShellEscape .Task) }}",
        "@",
        "hand the value over on standard input: `printf '%s' \"$HOOK_TASK\" | ssh HOST \
         'value=$(cat); … \"$value\" …'`",
        "printf '%s' \"$HOOK_TASK\" | ssh host 'value=$(cat); printf %s \"$value\"'",
    ),
    row(
        "bash",
        "#!/bin/bash\nssh host \"printf %s $(printf %q \"$HOOK_TASK\")\"",
        "x\n'; @; #",
        "hand the value over on standard input: `printf '%s' \"$HOOK_TASK\" | ssh HOST \
         'value=$(cat); … \"$value\" …'`",
        "#!/bin/bash\nprintf '%s' \"$HOOK_TASK\" | ssh host 'value=$(cat); printf %s \"$value\"'",
    ),
    row(
        "sh",
        "ssh host sh <<E\nprintf %s '$HOOK_TASK'\nE\n",
        "'; @; '",
        "hand the value over on standard input: `printf '%s' \"$HOOK_TASK\" | ssh HOST \
         'value=$(cat); … \"$value\" …'`",
        "printf '%s' \"$HOOK_TASK\" | ssh host 'value=$(cat); printf %s \"$value\"'",
    ),
    row(
        "sh",
        "echo \"printf %s '$HOOK_TASK'\" | sh",
        "'; @; '",
        "put the code into single quotes and write `\"$HOOK_TASK\"` in it",
        "echo 'printf %s \"$HOOK_TASK\"' | sh",
    ),
    row(
        "python3",
        "osascript -e 'display notification \"{{ .ShellEscape .Task }}\"'",
        "a; @ #",
        "give it the value as an argument: `osascript -e 'on run argv' -e '… (item 1 of argv) …' -e \
         'end run' -- \"$HOOK_TASK\"`",
        "osascript -e 'on run argv' -e 'display notification (item 1 of argv)' -e 'end run' -- \
         \"$HOOK_TASK\"",
    ),
    // The advice that was given before: it satisfies the shell alone.
    row(
        "python3",
        "osascript -e 'display notification \"'\"$HOOK_TASK\"'\"'",
        "a\" & (do shell script \"@\") & \"b",
        "give it the value as an argument: `osascript -e 'on run argv' -e '… (item 1 of argv) …' -e \
         'end run' -- \"$HOOK_TASK\"`",
        "osascript -e 'on run argv' -e 'display notification (item 1 of argv)' -e 'end run' -- \
         \"$HOOK_TASK\"",
    ),
    row(
        "python3",
        "python3 -c 'print(\"'\"$HOOK_TASK\"'\")'",
        "\"); import os; os.system(\"@\"); print(\"",
        "put the code into single quotes and read the value from the environment: `python3 -c \
         'import os; … os.environ[\"HOOK_TASK\"] …'`",
        "python3 -c 'import os; print(os.environ[\"HOOK_TASK\"])'",
    ),
    row(
        "python3",
        "sudo python3 -c \"print('$HOOK_TASK')\"",
        "'); import os; os.system('@'); print('",
        "put the code into single quotes and give it the value as an argument: `python3 -c 'import \
         sys; … sys.argv[1] …' \"$HOOK_TASK\"`",
        "sudo python3 -c 'import sys; print(sys.argv[1])' \"$HOOK_TASK\"",
    ),
    row(
        "python3",
        "python3 -c \"print('{{ .SnapshotStats.Message }}')\"",
        "'); import os; os.system('@'); print('",
        "put the code into single quotes and read the value from the environment: `VALUE={{ \
         .ShellEscape .SnapshotStats.Message }} python3 -c 'import os; … os.environ[\"VALUE\"] …'`",
        "VALUE={{ .ShellEscape .SnapshotStats.Message }} python3 -c 'import os; \
         print(os.environ[\"VALUE\"])'",
    ),
    row(
        "perl",
        "perl -e \"print '$HOOK_TASK'\"",
        "'; system('@'); '",
        "put the code into single quotes and read the value from the environment: `perl -e '… \
         $ENV{HOOK_TASK} …'`",
        "perl -e 'print $ENV{HOOK_TASK}'",
    ),
    row(
        "perl",
        "sudo perl -e \"print '$HOOK_TASK'\"",
        "'; system('@'); '",
        "put the code into single quotes and give it the value as an argument: `perl -e '… $ARGV[0] \
         …' -- \"$HOOK_TASK\"`",
        "sudo perl -e 'print $ARGV[0]' -- \"$HOOK_TASK\"",
    ),
    row(
        "node",
        "node -e \"console.log('$HOOK_TASK')\"",
        "'); require('child_process').execSync('@'); ('",
        "put the code into single quotes and read the value from the environment: `node -e '… \
         process.env.HOOK_TASK …'`",
        "node -e 'console.log(process.env.HOOK_TASK)'",
    ),
    row(
        "node",
        "sudo node -e \"console.log('$HOOK_TASK')\"",
        "'); require('child_process').execSync('@'); ('",
        "put the code into single quotes and give it the value as an argument: `node -e '… \
         process.argv[1] …' -- \"$HOOK_TASK\"`",
        "sudo node -e 'console.log(process.argv[1])' -- \"$HOOK_TASK\"",
    ),
    row(
        "awk",
        "awk \"BEGIN { print \\\"$HOOK_TASK\\\" }\"",
        "\"; system(\"@\"); print \"",
        "put the code into single quotes and read the value from the environment: `awk '… \
         ENVIRON[\"HOOK_TASK\"] …'`",
        "awk 'BEGIN { print ENVIRON[\"HOOK_TASK\"] }'",
    ),
    row(
        "awk",
        "sudo awk \"BEGIN { print \\\"$HOOK_TASK\\\" }\"",
        "\"; system(\"@\"); print \"",
        "put the code into single quotes and give it the value as an argument: `awk 'BEGIN { value \
         = ARGV[1]; delete ARGV[1] } … value …' \"$HOOK_TASK\"`",
        "sudo awk 'BEGIN { value = ARGV[1]; delete ARGV[1] } BEGIN { print value }' \"$HOOK_TASK\"",
    ),
    row(
        "jq",
        "jq -nr '\"{{ .Task }}\"'",
        "",
        "put the code into single quotes and give it the value as an argument: `jq --arg value \
         \"$HOOK_TASK\" '… $value …'`",
        "jq -nr --arg value \"$HOOK_TASK\" '$value'",
    ),
    row(
        "sed perl",
        "echo x | sed \"s/x/$HOOK_TASK/\"",
        "@/e; s/z/",
        "sed takes values as code only; perl takes them from the environment: `perl -pe \
         's/…/$ENV{HOOK_TASK}/'`, and `\\Q$ENV{HOOK_TASK}\\E` in a pattern",
        "echo x | perl -pe 's/x/$ENV{HOOK_TASK}/'",
    ),
    row(
        "sed perl",
        "sed -n \"/$HOOK_TASK/p\" /dev/null",
        "",
        "sed takes values as code only; perl takes them from the environment: `perl -pe \
         's/…/$ENV{HOOK_TASK}/'`, and `\\Q$ENV{HOOK_TASK}\\E` in a pattern",
        "printf '%s' \"$HOOK_TASK\" | perl -0777 -ne 'print if /^\\Q$ENV{HOOK_TASK}\\E$/'",
    ),
    row(
        "python3 sqlite3",
        "psql -At -c \"SELECT '$HOOK_TASK'\"",
        "'; ATTACH 'canary' AS c; CREATE TABLE c.t (x); --",
        "hand the statement over on standard input, where `:'value'` is a string: `psql -v \
         value=\"$HOOK_TASK\" <<'SQL'`",
        "psql -At -v value=\"$HOOK_TASK\" <<'SQL'\nSELECT :'value';\nSQL\n",
    ),
    row(
        "python3 sqlite3",
        "mysql -e \"SELECT '$HOOK_TASK'\"",
        "'; ATTACH 'canary' AS c; CREATE TABLE c.t (x); --",
        "write it in hexadecimal: `hex=$(printf %s \"$HOOK_TASK\" | od -An -v -tx1 | tr -d ' \
         \\n')`, and `CONVERT(x'$hex' USING utf8mb4)` in place of the string",
        "hex=$(printf %s \"$HOOK_TASK\" | od -An -v -tx1 | tr -d ' \\n')\nmysql -e \"SELECT \
         CONVERT(x'$hex' USING utf8mb4)\"",
    ),
    row(
        "sqlite3",
        "sqlite3 :memory: \"SELECT '{{ .Task }}'\"",
        "'; ATTACH 'canary' AS c; CREATE TABLE c.t (x); --",
        "write it in hexadecimal: `hex=$(printf %s \"$HOOK_TASK\" | od -An -v -tx1 | tr -d ' \
         \\n')`, and `CAST(x'$hex' AS TEXT)` in place of the string",
        "hex=$(printf %s \"$HOOK_TASK\" | od -An -v -tx1 | tr -d ' \\n')\nsqlite3 :memory: \"SELECT \
         CAST(x'$hex' AS TEXT)\"",
    ),
    row(
        "sqlite3",
        "sqlite3 :memory: <<E\nSELECT '$HOOK_TASK';\nE\n",
        "'; ATTACH 'canary' AS c; CREATE TABLE c.t (x); --",
        "write it in hexadecimal: `hex=$(printf %s \"$HOOK_TASK\" | od -An -v -tx1 | tr -d ' \
         \\n')`, and `CAST(x'$hex' AS TEXT)` in place of the string",
        "hex=$(printf %s \"$HOOK_TASK\" | od -An -v -tx1 | tr -d ' \\n')\nsqlite3 :memory: \
         <<E\nSELECT CAST(x'$hex' AS TEXT);\nE\n",
    ),
];

/// Values that break out of one language or another; `@` stands for a command.
const HOSTILE: [&str; 6] = [
    "a\" & (do shell script \"@\") & \"b",
    "'; @; '",
    "$(@)`@`",
    "x\nE\n@\nSQL\n@\ny",
    "-e @ \\",
    "it's \u{fc}\u{2028} \t \"q\" @{[`@`]} %s $1 & \\1 /; @ #",
];

const COMMAND: &str = "touch canary";

/// Runs a script with a value; returns its output and whether the value's command ran.
fn run(script: &str, engine: Engine, value: &str) -> (String, bool) {
    let folder = tempfile::tempdir().unwrap();
    stand_ins::install(folder.path());
    let vars = Vars {
        task: value.to_owned(),
        error: value.to_owned(),
        snapshot_stats: Some(Arc::new(SnapshotStats {
            message: value.to_owned(),
            ..SnapshotStats::default()
        })),
        ..Vars::default()
    };
    let template = Template::parse(engine, script).unwrap();
    let file = folder.path().join("script");
    std::fs::write(&file, template.render(&vars).unwrap()).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let is_bash = script.starts_with("#!/bin/bash");
    let out = Command::new(if is_bash { "bash" } else { "sh" })
        .arg(&file)
        .current_dir(folder.path())
        .env("HOOK_TASK", value)
        .env("HOOK_ERROR", value)
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    (text, folder.path().join("canary").exists())
}

/// Returns whether all programs of a list are installed; reports a skip if not.
fn can_run(row: &Row) -> bool {
    let path = std::env::var("PATH").unwrap_or_default();
    let is_there = |name: &str| {
        path.split(':')
            .any(|p| std::path::Path::new(p).join(name).exists())
    };
    let missing = row.needs.split(' ').find(|name| !is_there(name));
    if let Some(name) = missing {
        crate::skips::skip(&format!("lint-handed-over: {name} is not installed"));
    }
    let is_root = folder_owner() == Some(0);
    if row.needs == "su" && !is_root {
        crate::skips::skip("lint-handed-over: su without a password needs root");
        return false;
    }
    missing.is_none()
}

/// Returns the user of this process: the owner of a file that it makes.
fn folder_owner() -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let folder = tempfile::tempdir().ok()?;
    Some(folder.path().metadata().ok()?.uid())
}

#[test]
fn code_for_other_programs_gets_values_as_data() {
    for row in &ROWS {
        let found = warnings(row.script);
        let shown: Vec<_> = found
            .iter()
            .map(|w| (w.code, w.remedy.as_deref()))
            .collect();
        assert_eq!(
            shown,
            [("value-in-code", Some(row.remedy))],
            "{}",
            row.script
        );
        let left = warnings(row.mended);
        assert!(left.is_empty(), "{}\n{left:#?}", row.mended);
        if !can_run(row) {
            continue;
        }
        if !row.attack.is_empty() {
            let attack = row.attack.replace('@', COMMAND);
            let (_, ran) = run(row.script, Engine::Go, &attack);
            assert!(ran, "nothing happens: {}", row.script);
        }
        for value in HOSTILE.iter().chain([&row.attack]) {
            let value = value.replace('@', COMMAND);
            let (out, ran) = run(row.mended, Engine::Go, &value);
            assert!(!ran, "not mended: {} with {value:?}", row.mended);
            assert_eq!(out.trim_end_matches('\n'), value, "{}", row.mended);
        }
    }
}

/// The programs that are in few places: their remedies by the shape alone.
#[test]
fn remedies_of_programs_that_are_rarely_installed() {
    for (script, remedy, mended) in [
        (
            "ruby -e \"puts '$HOOK_TASK'\"",
            "`ruby -e '… ENV[\"HOOK_TASK\"] …'`",
            "ruby -e 'puts ENV[\"HOOK_TASK\"]'",
        ),
        (
            "docker exec -i db ruby -e \"puts '$HOOK_TASK'\"",
            "`ruby -e '… ARGV[0] …' -- \"$HOOK_TASK\"`",
            "docker exec -i db ruby -e 'puts ARGV[0]' -- \"$HOOK_TASK\"",
        ),
        (
            "php -r \"echo '$HOOK_TASK';\"",
            "`php -r '… getenv(\"HOOK_TASK\") …'`",
            "php -r 'echo getenv(\"HOOK_TASK\");'",
        ),
        (
            "docker exec web php -r \"echo '$HOOK_TASK';\"",
            "`php -r '… $argv[1] …' -- \"$HOOK_TASK\"`",
            "docker exec web php -r 'echo $argv[1];' -- \"$HOOK_TASK\"",
        ),
        (
            "pwsh -Command \"Write-Host '$HOOK_TASK'\"",
            "`pwsh -Command '… $env:HOOK_TASK …'`",
            "pwsh -Command 'Write-Host $env:HOOK_TASK'",
        ),
        (
            "docker exec db sh -c \"psql -c 'SELECT {{ .Task }}'\"",
            "`sh -c '… \"$1\" …' sh \"$HOOK_TASK\"`",
            "docker exec db sh -c 'echo \"$1\"' sh \"$HOOK_TASK\"",
        ),
    ] {
        let found = warnings(script);
        let is_told = found.iter().any(|w| {
            w.code == "value-in-code" && w.remedy.as_ref().is_some_and(|r| r.contains(remedy))
        });
        assert!(is_told, "{script}\n{found:#?}");
        let left = warnings(mended);
        assert!(left.is_empty(), "{mended}\n{left:#?}");
    }
}

/// JSON is valid after the remedy, and its text is the value.
#[test]
fn json_holds_values_as_they_are() {
    let beside = "; text beside the value joins it by `(printf \"%s …\" .Task)`";
    let go =
        |text: &str| format!("write the whole JSON string, with its quotes, as {text}{beside}");
    let rows = [
        (
            "GO",
            "value-in-quotes",
            "printf %s '{\"text\": \"{{ .Task }}\"}'",
            go("`'{{ .ShellEscape (.JsonMarshal .Task) }}'`"),
            "printf %s '{\"text\": '{{ .ShellEscape (.JsonMarshal .Task) }}'}'",
        ),
        (
            "GO",
            "value-in-quotes",
            "printf %s '{\"text\": \"{{ .Task }} failed\"}'",
            go("`'{{ .ShellEscape (.JsonMarshal .Task) }}'`"),
            "printf %s '{\"text\": '{{ .ShellEscape (.JsonMarshal (printf \"%s failed\" .Task)) \
             }}'}'",
        ),
        (
            "GO",
            "value-in-quotes",
            "printf %s '{\"text\": {{ .JsonMarshal .Task }}}'",
            "`'{{ .ShellEscape (.JsonMarshal .Task) }}'`".to_owned(),
            "printf %s '{\"text\": '{{ .ShellEscape (.JsonMarshal .Task) }}'}'",
        ),
        (
            "GO",
            "value-in-quotes",
            "printf %s \"{\\\"text\\\": \\\"{{ .Task }}\\\"}\"",
            go("`\"{{ .ShellEscape (.JsonMarshal .Task) }}\"`"),
            "printf %s \"{\\\"text\\\": \"{{ .ShellEscape (.JsonMarshal .Task) }}\"}\"",
        ),
        (
            "GO",
            "value-in-json",
            "printf %s '{\"text\": \"'{{ .ShellEscape .Task }}'\"}'",
            go("`'{{ .ShellEscape (.JsonMarshal .Task) }}'`"),
            "printf %s '{\"text\": '{{ .ShellEscape (.JsonMarshal .Task) }}'}'",
        ),
        (
            "GO",
            "value-in-here-document",
            "cat <<E\n{\"text\": \"{{ .Task }}\"}\nE\n",
            format!(
                "put quotes around the delimiter, as in `<<'E'`, and write the whole JSON string, \
                 with its quotes, as `{{{{ .JsonMarshal .Task }}}}`{beside}"
            ),
            "cat <<'E'\n{\"text\": {{ .JsonMarshal .Task }}}\nE\n",
        ),
        (
            "GO",
            "value-in-json",
            "printf %s \"{\\\"text\\\": \\\"$HOOK_TASK\\\"}\"",
            "let jq write the JSON: `jq -n --arg value \"$HOOK_TASK\" '{\"text\": $value}'`"
                .to_owned(),
            "jq -n --arg value \"$HOOK_TASK\" '{\"text\": $value}'",
        ),
        (
            "TERA",
            "escape-in-quotes",
            "printf %s '{\"text\": \"{{ task }}\"}'",
            "write the whole JSON string, with its quotes, as `'{{ task | json_marshal }}'`; text \
             beside the value joins it by `(task ~ \" …\")`"
                .to_owned(),
            "printf %s '{\"text\": '{{ task | json_marshal }}'}'",
        ),
        (
            "TERA",
            "escape-in-quotes",
            "printf %s '{\"text\": \"{{ task }} failed\"}'",
            "`(task ~ \" …\")`".to_owned(),
            "printf %s '{\"text\": '{{ (task ~ \" failed\") | json_marshal }}'}'",
        ),
        (
            "TERA",
            "value-in-here-document",
            "cat <<'E'\n{\"text\": \"{{ task | raw }}\"}\nE\n",
            "as `{{ task | json_marshal | raw }}`".to_owned(),
            "cat <<'E'\n{\"text\": {{ task | json_marshal | raw }}}\nE\n",
        ),
    ];
    for (engine, code, script, remedy, mended) in rows {
        let found = warnings_of(script, engine);
        let is_told = |w: &hook_core::diagnostic::Diagnostic| {
            w.code == code && w.remedy.as_ref().is_some_and(|r| r.contains(&*remedy))
        };
        assert!(found.iter().any(is_told), "{script}\n{remedy}\n{found:#?}");
        let left = warnings_of(mended, engine);
        assert!(left.is_empty(), "{mended}\n{left:#?}");
        let engine = match engine {
            "GO" => Engine::Go,
            _ => Engine::Tera,
        };
        for value in HOSTILE {
            let value = value.replace('@', COMMAND);
            let (out, ran) = run(mended, engine, &value);
            assert!(!ran, "{mended} with {value:?}");
            let json: serde_json::Value = serde_json::from_str(&out).unwrap();
            let text = json["text"].as_str().unwrap();
            assert_eq!(text.trim_end_matches(" failed"), value, "{mended}");
        }
    }
    // An hour's statistics and ids are no danger to JSON.
    let safe = "printf %s '{\"id\": \"{{ .SnapshotId }}\", \"n\": {{ .Attempt }}}'";
    assert!(warnings(safe).is_empty());
}
