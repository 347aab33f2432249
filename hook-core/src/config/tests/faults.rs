//! Each fault, with its place.

use super::{check, found, hook, hook_with, shown, valid};
use crate::load::parse;

#[test]
fn files_that_are_no_document() {
    check("", &["1:1 empty-file"]);
    check("# only a comment\n", &["1:1 empty-file"]);
    check("---\n...\n", &["1:1 empty-file"]);
    check("null\n", &["1:1 empty-file"]);
    check("hooks: []\n---\nhooks: []\n", &["2:1 several-documents"]);
    check("hooks:\n\t- a\n", &["2:1 tab"]);
    check("hooks: []\n\trepos: []\n", &["2:1 tab"]);
    check("a: b: c\n", &["1:5 syntax"]);
    check("a: [1, 2\n", &["2:1 syntax"]);
    check("hooks: &x [*x]\n", &["1:12 syntax"]);
    check("hooks: !!set []\n", &["1:8 syntax"]);
    check("hooks: *nowhere\n", &["1:8 syntax"]);
    check("- a\n", &["1:1 wrong-type"]);
    check("text\n", &["1:1 wrong-type"]);
    check("hooks: []\u{0}\n", &["1:10 nul"]);
    assert_eq!(parse("f", b"a: \xff").unwrap_err()[0].code, "not-utf8");
    valid("\u{feff}hooks: []\n");
}

#[test]
fn limits_hold() {
    let deep = format!("hooks: {}{}\n", "[".repeat(70), "]".repeat(70));
    assert_eq!(found(&deep), ["1:71 too-large"]);
    let deep = format!("{{\"hooks\": {}{}}}", "[".repeat(70), "]".repeat(70));
    assert_eq!(found(&deep), ["1:74 too-large"]);
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (name, of) in ["b", "c", "d", "e", "f", "g", "h", "i"]
        .iter()
        .zip("abcdefgh".chars())
    {
        let aliases = vec![format!("*{of}"); 10].join(",");
        bomb.push_str(&format!("{name}: &{name} [{aliases}]\n"));
    }
    assert_eq!(found(&bomb), ["6:8 too-large"]);
    let hook = "- {conditions: [CONDITION_PRUNE_ERROR], actionCommand: {command: x}}\n";
    let most = format!("hooks:\n{}", hook.repeat(500));
    assert_eq!(found(&most), Vec::<String>::new());
    assert_eq!(found(&(most + hook)), ["502:3 too-large"]);
}

#[test]
fn keys() {
    check("hoks: []\n", &["1:1 unknown-key"]);
    check("hooks: []\nhooks: []\n", &["2:1 duplicate-key"]);
    check(
        "repos:\n  - id: a\n    autoUnlock: true\n    auto_unlock: true\n",
        &["4:5 duplicate-key"],
    );
    check(&hook_with("tiemout: 10s"), &["4:5 unknown-key"]);
    check(&hook_with("<<: { timeout: 10s }"), &["4:5 unknown-key"]);
    check(&hook_with("? [a]\n: b"), &["4:7 wrong-type"]);
    check(
        &hook("conditions: [1]\nactionCommand:\n  command: 'true'\n  engine: GO"),
        &["5:7 unknown-key"],
    );
    assert!(shown("hoks: []\n").contains("help: did you mean `hooks`?"));
    assert!(shown(&hook_with("command: x")).contains("help: it belongs into `actionCommand`"));
    assert!(shown(&hook_with("id: x")).contains("help: write `name`"));
}

#[test]
fn types() {
    check(
        "hooks: 1\nrepos: {}\nplans: x\n",
        &["1:8 wrong-type", "2:8 wrong-type", "3:8 wrong-type"],
    );
    check("hooks: [a, [b]]\n", &["1:9 wrong-type", "1:12 wrong-type"]);
    check(
        "repos:\n  - id: 7\n    flags: x\n    shared: yes\n    env: { A: b }\n",
        &[
            "2:9 wrong-type",
            "3:12 wrong-type",
            "4:13 wrong-type",
            "5:10 wrong-type",
        ],
    );
    assert!(shown("repos:\n  - id: 7\n").contains("help: put it in quotes: `\"7\"`"));
    assert!(shown("repos: [{id: a, shared: yes}]\n").contains("help: write `true`"));
    check(
        &hook("conditions: CONDITION_SNAPSHOT_END\nactionCommand: ls"),
        &["2:17 wrong-type", "3:20 wrong-type"],
    );
    check(
        &hook_with("name: [x]\nenabled: 1\nenv: x\nexitCodes: []\nretries: 3"),
        &[
            "4:11 wrong-type",
            "5:14 wrong-type",
            "6:10 wrong-type",
            "7:16 wrong-type",
            "8:14 wrong-type",
        ],
    );
}

#[test]
fn ids_and_references() {
    check(
        "repos:\n  - uri: x\nplans:\n  - paths: []\n",
        &["2:5 missing-key", "4:5 missing-key"],
    );
    check("repos:\n  - id: a\n  - id: a\n", &["3:9 duplicate-id"]);
    check(
        "repos: [{id: a}]\nplans:\n  - {id: p, repo: a}\n  - {id: p, repo: a}\n",
        &["4:10 duplicate-id"],
    );
    check(
        "repos: [{id: nas}]\nplans: [{id: p, repo: nsa}]\n",
        &["2:23 unknown-repo"],
    );
    check("plans: [{id: p, repo: nas}]\n", &["1:23 unknown-repo"]);
    // The plan may refer to the repo without an id.
    check(
        "repos: [{uri: x}]\nplans: [{id: p, repo: nas}]\n",
        &["1:9 missing-key"],
    );
    check(
        "repos: [{id: ''}, {id: ' a'}, {id: \"a\\n\"}]\n",
        &["1:14 bad-value", "1:24 bad-value", "1:36 bad-value"],
    );
    assert!(
        shown("repos: [{id: nas}]\nplans: [{id: p, repo: nsa}]\n").contains("did you mean `nas`?")
    );
}

#[test]
fn hook_names() {
    let hook =
        |name: &str| format!("  - {name}conditions: [1]\n    actionCommand: {{command: 'true'}}\n");
    let two = |a: &str, b: &str| format!("hooks:\n{}{}", hook(a), hook(b));
    check(
        &two("name: a\n    ", "name: a\n    "),
        &["5:11 duplicate-name"],
    );
    check(&two("", "name: hook/0\n    "), &["4:11 duplicate-name"]);
    check(&two("name: ''\n    ", ""), &["2:11 bad-value"]);
}

#[test]
fn conditions() {
    let with = |conditions: &str| {
        hook(&format!(
            "conditions: {conditions}\nactionCommand: {{ command: 'true' }}"
        ))
    };
    check(
        &hook("actionCommand: { command: 'true' }"),
        &["2:5 no-condition"],
    );
    check(&with("null"), &["2:5 no-condition"]);
    check(&with("[]"), &["2:17 no-condition"]);
    check(
        &with("[CONDITION_SNAPSHOT_STRT]"),
        &["2:18 unknown-condition"],
    );
    check(
        &with("[SNAPSHOT_START, 8]"),
        &["2:18 unknown-condition", "2:34 unknown-condition"],
    );
    check(
        &with("[CONDITION_UNKNOWN, 0]"),
        &["2:18 unknown-condition", "2:37 unknown-condition"],
    );
    check(
        &with("[CONDITION_SNAPSHOT_END, 3]"),
        &["2:42 duplicate-condition"],
    );
    check(
        &with("[true, [x]]"),
        &["2:18 wrong-type", "2:24 wrong-type"],
    );
    assert!(shown(&with("[SNAPSHOT_STRAT]")).contains("did you mean `CONDITION_SNAPSHOT_START`?"));
    assert!(shown(&with("CONDITION_ANY_ERROR")).contains("write `[CONDITION_ANY_ERROR]`"));
}

#[test]
fn policies_and_exit_codes() {
    check(&hook_with("onError: CANCEL"), &["4:14 unknown-policy"]);
    check(&hook_with("onError: 3"), &["4:14 unknown-policy"]);
    check(&hook_with("onError: true"), &["4:14 wrong-type"]);
    assert!(shown(&hook_with("onError: CANCEL")).contains("did you mean `ON_ERROR_CANCEL`?"));
    let codes = "exitCodes:\n  256: OK\n  a: OK\n  '30-20': OK\n  1: NO\n  '2-4': OK\n  4: WARN\n  2: 5\n  2: OK";
    check(
        &hook_with(codes),
        &[
            "5:7 bad-value",
            "6:7 bad-value",
            "7:7 bad-value",
            "8:10 unknown-policy",
            "10:7 overlapping-exit-codes",
            "11:7 overlapping-exit-codes",
            "11:10 wrong-type",
            "12:7 duplicate-key",
        ],
    );
}

#[test]
fn amounts() {
    check(
        &hook_with("timeout: 300\ngrace: 2h\nmaxOutput: 16M\nkillLeaked: 1"),
        &[
            "4:14 bad-duration",
            "5:12 out-of-range",
            "6:16 bad-size",
            "7:17 wrong-type",
        ],
    );
    check(
        &hook_with("timeout: 0s\nmaxAttempts: 0"),
        &["4:14 out-of-range", "5:18 out-of-range"],
    );
    check(
        &hook_with("retries: { delay: 1m, maxDelay: 10s, factor: 0.5 }"),
        &["4:14 missing-key", "4:37 out-of-range", "4:50 out-of-range"],
    );
    check(
        "defaults: { timeout: 99999h, maxOutput: 2GiB, foo: 1 }\n",
        &["1:22 out-of-range", "1:41 out-of-range", "1:47 unknown-key"],
    );
    assert!(shown(&hook_with("timeout: 300")).contains("write `300s` for seconds"));
    assert!(shown(&hook_with("grace: 2h")).contains("help: from 0s to 1h"));
}

#[test]
fn environment_and_folder() {
    check(
        &hook_with("env: { '': x, A=B: y, P: 8080, Q: null }\nworkingDirectory: data"),
        &[
            "4:12 bad-value",
            "4:19 bad-value",
            "4:30 wrong-type",
            "4:39 wrong-type",
            "5:23 bad-value",
        ],
    );
    check(
        &hook_with("env: [A, A=1, A=2, \"B=\\0\"]"),
        &["4:11 bad-value", "4:19 duplicate-key", "4:24 nul"],
    );
}

#[test]
fn backrest_settings_are_named_and_not_read() {
    check(
        "{\"modno\": 5, \"version\": 6, \"instance\": \"x\", \"auth\": {\"users\": []}}",
        &["1:2 backrest-setting"],
    );
}

#[test]
fn no_effect() {
    let end = "conditions: [CONDITION_SNAPSHOT_END]\nactionCommand: { command: 'true' }\n";
    check(
        &hook(&format!("{end}onError: ON_ERROR_CANCEL")),
        &["4:5 no-effect"],
    );
    check(
        &hook(&format!("{end}onError: 103\nmaxAttempts: 3")),
        &["4:5 no-effect"],
    );
    check(
        &hook(&format!("{end}onError: ON_ERROR_FATAL\nmaxAttempts: 3")),
        &["5:5 no-effect"],
    );
    check(
        &hook(&format!("{end}exitCodes: {{ 75: CANCEL, 1: WARN }}")),
        &["4:5 no-effect"],
    );
    check(
        &hook(&format!("{end}exitCodes: {{ 75: FATAL, 1: WARN }}")),
        &[],
    );
    check(
        &hook_with("onError: ON_ERROR_CANCEL\nexitCodes: { 75: CANCEL }"),
        &[],
    );
}

#[test]
fn everything_is_reported_at_once() {
    let yaml = include_str!("all_at_once.yaml");
    let shown = shown(yaml);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/config/tests/all_at_once.txt"
        );
        std::fs::write(path, &shown).unwrap();
    }
    assert_eq!(shown, include_str!("all_at_once.txt"));
}

#[test]
fn the_name_of_a_lock_serves_plans_or_hooks() {
    let yaml = |plan: &str, of_hook: &str| {
        format!(
            "repos: [{{id: r, uri: /r}}]\nplans:\n- id: p\n  repo: r\n  lock: {plan}\n\
             hooks:\n- conditions: [CONDITION_PRUNE_ERROR]\n  lock: {of_hook}\n  \
             actionCommand: {{command: x}}\n"
        )
    };
    let mixed = yaml("disk", "disk");
    assert_eq!(found(&mixed), ["5:9 lock-of-both"]);
    let errors = parse("f", mixed.as_bytes()).unwrap_err();
    let remedy = errors[0].remedy.as_deref();
    assert_eq!(
        remedy,
        Some("a hook has it in line 8: give this lock another name")
    );
    valid(&yaml("disk-of-plan", "disk"));
}

#[test]
fn half_a_character_is_named_where_it_stands() {
    for (file, text) in [
        (
            "f.json",
            r#"{"a": "\ud83d\ude00", "b": "x\\\ud83d \ude00"}"#,
        ),
        ("f.yaml", "a: 1\nb: \"x\\ud83d\"\n"),
    ] {
        let notes = parse(file, text.as_bytes()).unwrap_err();
        let [note] = &notes[..] else {
            panic!("{notes:?}");
        };
        assert_eq!(note.message, r"`\ud83d` is half of a character");
        assert_eq!(note.remedy.as_deref(), Some("write the character itself"));
        let line = text.lines().nth(note.line as usize - 1).expect("the line");
        assert!(
            line[note.column as usize - 1..].starts_with(r"\ud83d"),
            "{note:?}"
        );
        let mended = [r"\ud83d\ude00", r"\ud83d", r"\ude00"]
            .iter()
            .fold(text.to_owned(), |text, escape| text.replace(escape, "😀"));
        let notes = parse(file, mended.as_bytes()).unwrap_err();
        assert!(
            notes.iter().all(|note| note.code == "unknown-key"),
            "{notes:?}"
        );
    }
}

#[test]
fn variables_that_hookd_sets_are_not_set_otherwise() {
    for name in ["HOOK_ERROR", "HOOK_LABEL_HOST"] {
        let yaml = hook_with(&format!("env: {{ {name}: x }}"));
        check(&yaml, &["4:12 bad-value"]);
        valid(&yaml.replace(name, "HOOK_URL"));
    }
}
