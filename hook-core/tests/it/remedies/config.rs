//! Remedies for configs.

use super::{Remedy, all_work, diagnostics, remedy};

/// Returns a config of one hook with these lines.
fn only(lines: &str) -> String {
    let indented: Vec<String> = lines.lines().map(|line| format!("    {line}")).collect();
    format!("hooks:\n  - {}\n", indented.join("\n").trim_start())
}

/// Returns a config of one hook that is complete, and has these lines, too.
fn hook(lines: &str) -> String {
    only(&format!("{CONDITION}\n{COMMAND}\n{lines}"))
}

/// Returns a config of one hook with that command, as it stands in YAML.
fn command(command: &str) -> String {
    only(&format!(
        "{CONDITION}\nactionCommand: {{ command: {command} }}"
    ))
}

const CONDITION: &str = "conditions: [CONDITION_SNAPSHOT_START]";
const COMMAND: &str = "actionCommand: { command: 'true' }";

fn actions() -> Vec<Remedy> {
    let with = |action: &str| only(&format!("{CONDITION}\n{action}"));
    let two = format!(
        "hooks:\n  - {CONDITION}\n    {COMMAND}\n  - {CONDITION}\n    enabled: false\n    \
         actionSlack: {{}}\n"
    );
    vec![
        remedy(
            only(CONDITION),
            "add `actionCommand: { command: … }`",
            hook(""),
        ),
        remedy(
            with(&format!("{COMMAND}\nactionSlack: {{}}")),
            "make one hook each of",
            two,
        ),
        remedy(
            with("actionSlack: {}"),
            "use `actionCommand` with a script that calls curl",
            command("curl -fsS https://x.example"),
        ),
        remedy(
            with("actionSlack: {}"),
            "or keep the hook for later with `enabled: false`",
            with("enabled: false\nactionSlack: {}"),
        ),
        remedy(
            command("'{% if error %}false{% endif %}'"),
            "give the hook `templateEngine: TERA`",
            with(
                "actionCommand: { command: '{% if error %}false{% endif %}', templateEngine: TERA }",
            ),
        ),
        remedy(
            with("actionCommand: 'true'"),
            "write `actionCommand: { command: … }`",
            hook(""),
        ),
        remedy(with("actionCommand: {}"), "add `command`", hook("")),
        remedy(command("' '"), "write what to run", hook("")),
        remedy(command("' '"), "or remove the hook", "hooks: []"),
        remedy(
            hook("name: 5"),
            "put it in quotes: `\"5\"`",
            hook("name: \"5\""),
        ),
        remedy(
            only(&format!(
                "{CONDITION}\nactionCommand: {{ command: 'true', user: root }}"
            )),
            "it belongs to the hook, beside `actionCommand`",
            hook("user: root"),
        ),
        remedy(
            command("\"a\\0\""),
            "remove it: no interpreter reads past it",
            command("a"),
        ),
        remedy(
            hook("env: { A: \"x\\ud83d\" }"),
            "write the character itself",
            hook("env: { A: \"x😀\" }"),
        ),
        remedy(
            command("\"true\\r\\ntrue\\r\\n\""),
            "replace each `\\r\\n`",
            command("\"true\\ntrue\\n\""),
        ),
        remedy(
            command("\"#!/bin/sh 'x\\necho\""),
            "close it",
            command("\"#!/bin/sh 'x'\\necho\""),
        ),
        remedy(
            command("\"#!\\necho\""),
            "write one, such as `#!/bin/bash`",
            command("\"#!/bin/bash\\necho\""),
        ),
        remedy(
            command("\"#!\\necho\""),
            "or remove the line to use `sh`",
            command("\"echo\""),
        ),
        remedy(
            command("'#!/bin/bash'"),
            "write the script in a block: `command: |`, then one line each",
            only(&format!(
                "{CONDITION}\nactionCommand:\n  command: |\n    #!/bin/bash\n    echo"
            )),
        ),
        remedy(command("5"), "put it in quotes: `\"5\"`", command("\"5\"")),
    ]
}

fn hooks() -> Vec<Remedy> {
    let conditions = |text: &str| only(&format!("conditions: {text}\n{COMMAND}"));
    let start = "[CONDITION_SNAPSHOT_START]";
    let named = |a: &str, b: &str| {
        let hook = |name| format!("  - name: {name}\n    {CONDITION}\n    {COMMAND}\n");
        format!("hooks:\n{}{}", hook(a), hook(b))
    };
    let many = format!(
        "hooks:\n{}",
        format!("  - {CONDITION}\n    {COMMAND}\n").repeat(501)
    );
    vec![
        remedy(
            named("a", "a"),
            "the first is in line 2: rename one",
            named("a", "b"),
        ),
        remedy(many, "have one script do what several hooks do", hook("")),
        remedy(
            only(COMMAND),
            "add `conditions`, such as `[CONDITION_SNAPSHOT_END]`",
            conditions("[CONDITION_SNAPSHOT_END]"),
        ),
        remedy(
            conditions("CONDITION_SNAPSHOT_END"),
            "write `[CONDITION_SNAPSHOT_END]`",
            conditions("[CONDITION_SNAPSHOT_END]"),
        ),
        remedy(
            conditions("[]"),
            "name at least one condition, such as",
            conditions(start),
        ),
        remedy(
            conditions("[0]"),
            "name what triggers the hook, such as",
            conditions(start),
        ),
        remedy(
            conditions("[CONDITION_SNAPSHOT_START, 2]"),
            "remove one: a hook runs once for an event",
            conditions(start),
        ),
        remedy(
            conditions("[SNAPSHOT_STRT]"),
            "did you mean `CONDITION_SNAPSHOT_START`?",
            conditions(start),
        ),
        remedy(hook("id: a"), "write `name`", hook("name: a")),
        remedy(
            hook("disabled: true"),
            "write `enabled: false`",
            hook("enabled: false"),
        ),
        remedy(
            only(&format!("{CONDITION}\n{COMMAND}\nscriptVia: FILE")),
            "it belongs into `actionCommand`",
            only(&format!(
                "{CONDITION}\nactionCommand: {{ command: 'true', scriptVia: FILE }}"
            )),
        ),
        remedy(
            only(&format!("when: {start}\n{COMMAND}")),
            "write `conditions`, a list such as `[CONDITION_SNAPSHOT_END]`",
            conditions("[CONDITION_SNAPSHOT_END]"),
        ),
        remedy(
            hook("timout: 1h"),
            "did you mean `timeout`?",
            hook("timeout: 1h"),
        ),
        remedy(
            hook("onError: STOP"),
            "it is one of",
            hook("onError: ON_ERROR_FATAL"),
        ),
    ]
}

fn settings() -> Vec<Remedy> {
    let env = |value: &str| hook(&format!("env: {value}"));
    vec![
        remedy(hook("enabled: yes"), "write `true`", hook("enabled: true")),
        remedy(hook("enabled: no"), "write `false`", hook("enabled: false")),
        remedy(hook("nice: 30"), "from -20 to 19", hook("nice: 19")),
        remedy(
            hook("umask: \"99\""),
            "write three octal digits in quotes",
            hook("umask: \"077\""),
        ),
        remedy(hook("ioNice: low"), "write `idle`", hook("ioNice: idle")),
        remedy(
            hook("timeout: 5"),
            "write `5s` for seconds",
            hook("timeout: 5s"),
        ),
        remedy(
            hook("timeout: soon"),
            "write numbers with units, as in `90s`",
            hook("timeout: 90s"),
        ),
        remedy(
            hook("maxOutput: 5x"),
            "write a whole number of bytes, or one with a unit",
            hook("maxOutput: 5MB"),
        ),
        remedy(
            hook("workingDirectory: ~/x"),
            "begin it with `/`; `~` is not resolved here",
            hook("workingDirectory: /tmp"),
        ),
        remedy(
            hook("exitCodes: { '300': WARN }"),
            "write a code from 0 to 255 or a range such as `20-29`",
            hook("exitCodes: { '20-29': WARN }"),
        ),
        remedy(
            hook("exitCodes: { '20-29': WARN, '25': OK }"),
            "let each code stand in one entry only",
            hook("exitCodes: { '20-24': WARN, '25': OK }"),
        ),
        remedy(
            hook("exitCodes: { '1': WARN, '1': WARN }"),
            "remove one",
            hook("exitCodes: { '1': WARN }"),
        ),
        remedy(env("[A=1, A=2]"), "remove one", env("[A=1]")),
        remedy(
            env("{ HOOK_ERROR: x }"),
            "give it another name",
            env("{ HOOK_URL: x }"),
        ),
        remedy(env("[A]"), "write `KEY=value`", env("[A=1]")),
        remedy(
            env("{ A: { fromEnv: B, fromFile: /x } }"),
            "write a text, `{ fromEnv: NAME }`",
            env("{ A: { fromEnv: PATH } }"),
        ),
        remedy(
            env("{ A: { fromFile: x } }"),
            "begin it with `/`",
            env("{ A: { fromFile: /x } }"),
        ),
        remedy(
            hook("onError: ON_ERROR_CANCEL").replace("_START", "_END"),
            "`ON_ERROR_FATAL` reports a failure at any time",
            hook("onError: ON_ERROR_FATAL").replace("_START", "_END"),
        ),
        remedy(
            hook("exitCodes: { '1': CANCEL }").replace("_START", "_END"),
            "`WARN` and `FATAL` work at any time",
            hook("exitCodes: { '1': WARN }").replace("_START", "_END"),
        ),
        remedy(
            hook("maxAttempts: 3"),
            "to run the same hook again, use `retries`",
            hook("retries: { times: 3 }"),
        ),
        remedy(
            hook("maxAttempts: 3"),
            "it bounds the `ON_ERROR_RETRY_…` policies",
            hook("onError: ON_ERROR_RETRY_1MINUTE\nmaxAttempts: 3"),
        ),
    ]
}

fn files() -> Vec<Remedy> {
    let repo = |env: &str| format!("repos: [{{ id: nas, uri: /x, env: {env} }}]\n");
    let plan = |repo: &str| {
        format!(
            "repos: [{{ id: nas, uri: /x }}]\nplans: [{{ id: home, repo: {repo}, paths: [/home] \
             }}]\n"
        )
    };
    vec![
        remedy(
            command("\"true\\r\\ntrue\\r\\n\""),
            "replace each `\\r\\n`",
            command("\"true\\ntrue\\n\""),
        ),
        remedy(
            hook("env: { TOKEN: abc }"),
            "use a longer one",
            hook("env: { TOKEN: abcdef }"),
        ),
        remedy(
            "repos: [{ id: nas, uri: /x }]\nplans: [{ id: home, repo: nas, paths: [/home], schedule: \
             daily }]\n",
            "remove it, and start the operation by cron or a systemd timer",
            plan("nas"),
        ),
        remedy("", "a config without hooks is `hooks: []`", "hooks: []"),
        remedy("hooks: []\n---\nhooks: []", "remove the `---`", "hooks: []"),
        remedy(
            hook("name: !x a"),
            "remove it; write text in quotes",
            hook("name: \"a\""),
        ),
        remedy("hooks:\n\t- name: a", "use spaces", hook("name: a")),
        remedy(
            hook("name: a: b"),
            "put a value that holds `: ` in quotes",
            hook("name: 'a: b'"),
        ),
        remedy(
            format!("x: &a {{ name: b }}\n{}", hook("<<: *a")),
            "write the keys out, or set them for all hooks under `defaults`",
            hook("name: b"),
        ),
        remedy(
            hook("name: a\nname: b"),
            "remove one; the first is in line 4",
            hook("name: a"),
        ),
        remedy(
            "modno: 5\nhooks: []",
            "remove `modno`: hookd has no use for it",
            "hooks: []",
        ),
        remedy(
            repo("{ A: b }"),
            "as in `[\"KEY=value\"]`",
            repo("[\"A=b\"]"),
        ),
        remedy(plan("nass"), "did you mean `nas`?", plan("nas")),
        remedy(
            "plans: [{ id: home, repo: nas, paths: [/home] }]\n",
            "define it under `repos`",
            plan("nas"),
        ),
    ]
}

#[test]
fn the_remedies_of_the_config_work() {
    let rows = [actions(), hooks(), settings(), files()].concat();
    let told = all_work(&rows);
    // No remedy of the source is without a row.
    let missing: Vec<String> = remedies_of_source()
        .into_iter()
        .filter(|text| !told.iter().any(|told| told.contains(text.as_str())))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Returns the beginning of each remedy in the source of the config reader, up to what is filled
/// in.
fn remedies_of_source() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/config");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(source) = std::fs::read_to_string(&path) else {
            continue;
        };
        for call in [".help(", ".with("] {
            for rest in source.split(call).skip(1) {
                let rest = rest
                    .trim_start()
                    .trim_start_matches("format!(")
                    .trim_start();
                let Some(literal) = rest.strip_prefix('"') else {
                    continue;
                };
                let text = literal.replace("\\\"", "\u{0}");
                let text = text.split(['"', '{']).next().unwrap_or_default();
                let lines = text.split("\\\n").map(str::trim_start);
                let text = lines
                    .collect::<String>()
                    .replace("\\\\", "\\")
                    .replace('\u{0}', "\"");
                found.push(text);
            }
        }
    }
    assert!(found.len() > 25, "{found:?}");
    found
}

/// Faults of the bytes of a file.
#[test]
fn the_remedies_of_the_file_work() {
    let check = |bytes: &[u8], remedy: &str| {
        let faults = hook_core::load::parse("f.yaml", bytes).unwrap_err();
        assert_eq!(faults[0].remedy.as_deref(), Some(remedy));
    };
    let text = hook("name: größe");
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(text.bytes().flat_map(|b| [b, 0]))
        .collect();
    check(&utf16, "save it as UTF-8");
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    check(&latin, "save the file as UTF-8");
    check(
        b"hooks: []\0",
        "remove it: no script or setting can hold one",
    );
    let large = format!("{text}# {}", "x".repeat(4 << 20));
    check(
        large.as_bytes(),
        "keep long scripts in files of their own and call them",
    );
    assert!(diagnostics(&text).is_empty());
}
