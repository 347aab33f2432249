//! The remedy of each lint, word for word: after it the warning is gone, and the value is data.

mod json;
mod languages;
mod rare;
mod shells;
mod sources;
mod words;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use hook_core::template::{Engine, Template};
use hook_core::vars::{SnapshotStats, Vars};

use super::{stand_ins, warnings_of};

/// A script with a warning, its remedy, and the script after the remedy, which prints the value.
struct Row {
    engine: &'static str,
    warning: &'static str,
    /// The programs without which the scripts cannot be run.
    needs: &'static str,
    script: &'static str,
    /// A value that runs the command in place of `@`; none if the language runs no commands.
    attack: &'static str,
    remedy: &'static str,
    mended: &'static str,
}

const fn row(
    warning: &'static str,
    needs: &'static str,
    script: &'static str,
    attack: &'static str,
    remedy: &'static str,
    mended: &'static str,
) -> Row {
    Row {
        engine: "GO",
        warning,
        needs,
        script,
        attack,
        remedy,
        mended,
    }
}

/// A row with a value in code for another program.
const fn code(
    needs: &'static str,
    script: &'static str,
    attack: &'static str,
    remedy: &'static str,
    mended: &'static str,
) -> Row {
    row("value-in-code", needs, script, attack, remedy, mended)
}

const fn tera(row: Row) -> Row {
    Row {
        engine: "TERA",
        ..row
    }
}

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
    let shebang = script
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("#!"));
    let program = shebang.and_then(|line| line.rsplit(['/', ' ']).next());
    let out = Command::new(program.unwrap_or("sh"))
        .arg(&file)
        .current_dir(folder.path())
        .env("HOOK_TASK", value)
        .env("HOOK_ERROR", value)
        .env("PYTHONIOENCODING", "utf-8")
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
            .any(|folder| Path::new(folder).join(name).exists())
    };
    let missing = row.needs.split(' ').find(|name| !is_there(name));
    if let Some(name) = missing {
        crate::skips::skip(&format!("lint-remedy-{name}: {name} is not installed"));
    }
    if row.needs == "su" && user() != Some(0) {
        crate::skips::skip("lint-remedy-su: su without a password needs root");
        return false;
    }
    missing.is_none()
}

/// Returns the user of this process: the owner of a file that it makes.
fn user() -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let folder = tempfile::tempdir().ok()?;
    Some(folder.path().metadata().ok()?.uid())
}

fn check(rows: &[Row]) {
    for row in rows {
        let found = warnings_of(row.script, row.engine);
        let shown: Vec<_> = found
            .iter()
            .map(|w| (w.code, w.remedy.as_deref()))
            .collect();
        assert_eq!(shown, [(row.warning, Some(row.remedy))], "{}", row.script);
        let left = warnings_of(row.mended, row.engine);
        assert!(left.is_empty(), "{}\n{left:#?}", row.mended);
        if !can_run(row) {
            continue;
        }
        let engine = match row.engine {
            "GO" => Engine::Go,
            _ => Engine::Tera,
        };
        if !row.attack.is_empty() {
            let attack = row.attack.replace('@', COMMAND);
            let (_, ran) = run(row.script, engine, &attack);
            assert!(ran, "nothing happens: {}", row.script);
        }
        for value in HOSTILE.iter().chain([&row.attack]) {
            let value = value.replace('@', COMMAND);
            let (out, ran) = run(row.mended, engine, &value);
            assert!(!ran, "not mended: {} with {value:?}", row.mended);
            assert_eq!(out.trim_end_matches('\n'), value, "{}", row.mended);
        }
    }
}

#[test]
fn values_in_words() {
    check(&words::ROWS);
}

#[test]
fn values_in_code_for_another_shell() {
    check(&shells::ROWS);
}

#[test]
fn values_in_code_for_other_programs() {
    check(&languages::ROWS);
}

#[test]
fn values_in_sources_of_other_languages() {
    check(&sources::ROWS);
}

/// In arithmetic, a value is refused unless it is a number.
#[test]
fn values_in_arithmetic() {
    for (script, remedy, mended) in [
        (
            "echo $(( {{ .Task }} ))",
            "see that it is a number before you write `$HOOK_TASK` in its place: `case $HOOK_TASK \
             in ''|*[!0-9]*) exit 1;; esac`",
            "case $HOOK_TASK in ''|*[!0-9]*) exit 1;; esac\necho $(( $HOOK_TASK ))",
        ),
        (
            "echo $(( {{ .SnapshotStats.Message }} ))",
            "see that it is a number before you write `$value` in its place: `value={{ \
             .ShellEscape .SnapshotStats.Message }}; case $value in ''|*[!0-9]*) exit 1;; esac`",
            "value={{ .ShellEscape .SnapshotStats.Message }}; case $value in ''|*[!0-9]*) exit 1;; \
             esac\necho $(( $value ))",
        ),
    ] {
        let found = warnings_of(script, "GO");
        assert_eq!(found[0].remedy.as_deref(), Some(remedy));
        assert!(warnings_of(mended, "GO").is_empty(), "{mended}");
        for value in HOSTILE.iter().chain(&["a[$(@)]", ""]) {
            let value = value.replace('@', COMMAND);
            assert_eq!(run(mended, Engine::Go, &value), (String::new(), false));
        }
        assert_eq!(run(mended, Engine::Go, "7"), ("7\n".to_owned(), false));
    }
}

/// A value of the config that splits into words is quoted.
#[test]
fn values_that_split() {
    let config = |script| super::config(script).replace("[/home]", "['/my documents']");
    let codes = |script| {
        let loaded = hook_core::load::parse("f", config(script).as_bytes()).unwrap();
        let found = loaded.warnings.into_iter();
        found
            .map(|w| (w.code, w.remedy.unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    let remedy = "write `{{ .ShellEscape (index .Plan.Paths 0) }}`".to_owned();
    assert_eq!(
        codes("ls {{ index .Plan.Paths 0 }}"),
        [("value-splits", remedy)]
    );
    assert!(codes("ls {{ .ShellEscape (index .Plan.Paths 0) }}").is_empty());
}

/// The documented notification is warned of, and works as it stands.
#[test]
fn the_documented_notification_works_and_has_a_better_form() {
    let script = include_str!("../../../../testdata/documented/notification.sh");
    let found = warnings_of(script, "GO");
    let codes: Vec<&str> = found.iter().map(|w| w.code).collect();
    assert_eq!(codes, ["value-in-code"; 2]);
    if can_run(&languages::ROWS[0]) {
        let (out, _) = run(script, Engine::Go, "photos");
        // The stand-in prints both strings.
        assert_eq!(out, "photos failedBackrest");
    }
    let better = "osascript -e 'on run argv' -e 'display notification ((item 1 of argv) & \" \
                  failed\") with title \"Backrest\"' -e 'end run' -- \"$HOOK_TASK\"\n";
    assert!(warnings_of(better, "GO").is_empty());
    if can_run(&languages::ROWS[0]) {
        let attack = format!("a\" & (do shell script \"{COMMAND}\") & \"b");
        let (out, ran) = run(better, Engine::Go, &attack);
        assert_eq!((out, ran), (format!("{attack} failedBackrest"), false));
    }
}
