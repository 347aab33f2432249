//! Faults that would show only at night are found by the check, and each remedy that a warning
//! names makes it go away.

use hook_core::diagnostic::{Diagnostic, Severity};
use hook_core::lint;
use hook_core::load::{Loaded, parse};

/// Returns a config of one hook of a plan with these keys, and this value of `command`.
fn with(condition: &str, keys: &str, command: &str) -> String {
    let keys: String = keys.lines().map(|key| format!("        {key}\n")).collect();
    format!(
        "repos: [{{id: nas, uri: 'sftp:nas:/backup'}}]\nplans:\n  - id: home\n    repo: nas\n    \
         paths: [/home]\n    hooks:\n      - conditions: [CONDITION_{condition}]\n{keys}        \
         actionCommand:\n          command: {command}\n"
    )
}

/// Returns a script as the value of `command`.
fn quoted(script: &str) -> String {
    serde_json::Value::from(script).to_string()
}

#[track_caller]
fn loaded(yaml: &str) -> Loaded {
    parse("f.yaml", yaml.as_bytes()).unwrap_or_else(|faults| panic!("{yaml}\n{faults:#?}"))
}

/// Returns what is said of a config with this code.
fn said(yaml: &str, code: &str) -> Vec<Diagnostic> {
    let all = match parse("f.yaml", yaml.as_bytes()) {
        Ok(loaded) => {
            let absent = lint::absent(&loaded.catalog);
            loaded.warnings.into_iter().chain(absent).collect()
        }
        Err(faults) => faults,
    };
    all.into_iter().filter(|found| found.code == code).collect()
}

/// Asserts that a script is warned of with this code, or not.
#[track_caller]
fn check(code: &str, condition: &str, script: &str, want: &[&str]) {
    let found = said(&with(condition, "", &quoted(script)), code);
    let messages: Vec<&str> = found.iter().map(|found| &*found.message).collect();
    assert_eq!(messages, want, "{script}");
}

fn remedy(found: &[Diagnostic]) -> &str {
    found
        .first()
        .and_then(|found| found.remedy.as_deref())
        .unwrap_or("")
}

#[test]
fn lines_that_end_with_a_carriage_return_are_refused() {
    let crlf = |script: &str, style: fn(&str) -> String| {
        said(&with("ANY_ERROR", "", &style(script)), "crlf")
    };
    let double = |script: &str| quoted(script);
    for script in [
        "echo a\r\necho b\r\n",
        "#!/bin/bash\r\necho a\r\n",
        "#!/bin/sh\nif true\r\nthen echo\nfi\n",
        "#!/usr/bin/awk -f\n{ print }\r\n",
        "{{ if .Error }}\r\necho\r\n{{ end }}",
    ] {
        let found = crlf(script, double);
        assert_eq!(found.len(), 1, "{script:?}");
        assert_eq!(found[0].severity, Severity::Error);
        assert!(remedy(&found).contains("replace each `\\r\\n`"));
        assert_eq!(
            crlf(&script.replace("\r\n", "\n"), double),
            [],
            "{script:?}"
        );
    }
    // In JSON, with the place of the first.
    let json = "{\"hooks\": [{\"conditions\": [1], \"actionCommand\": {\"command\": \"echo\\r\\ntrue\\r\\n\"}}]}";
    let found = said(json, "crlf");
    assert_eq!((found[0].line, found[0].column), (1, 66));
    assert_eq!(said(&json.replace("\\r\\n", "\\n"), "crlf"), []);
    // Interpreters that read such lines, and files that have them themselves.
    for script in [
        "#!/usr/bin/env pwsh\r\nWrite-Output a\r\n",
        "#!/usr/bin/python3\r\nprint(1)\r\n",
        "printf 'a\\r\\n'\n",
    ] {
        assert_eq!(crlf(script, double), [], "{script:?}");
    }
    let block = with("ANY_ERROR", "", "|\n            echo a\n            echo b");
    assert_eq!(said(&block.replace('\n', "\r\n"), "crlf"), []);
}

#[test]
fn lines_that_yaml_joins_are_warned_of() {
    let lines = ["if true; then", "  echo {{ .Task }}", "fi # done", "exit 3"];
    let indented = lines.map(|line| format!("            {line}")).join("\n");
    let found = |style: &str| said(&with("ANY_ERROR", "", style), "folded-command");
    for style in [
        format!(">\n{}", indented.replace("  echo", "echo")),
        format!(">-\n{indented}"),
        format!("'{}'", indented.trim_start()),
        format!("\"{}\"", indented.trim_start()),
        "echo a\n            echo b".to_owned(),
        "&a >\n            echo a\n\n            echo b\n            echo c".to_owned(),
    ] {
        let found = found(&style);
        assert_eq!(found.len(), 1, "{style}");
        assert!(remedy(&found).contains("`command: |`"));
    }
    let place = &found(">\n            echo a\n            echo bc")[0];
    assert_eq!((place.line, place.column, place.length), (11, 13, 7));
    for style in [
        format!("|\n{indented}"),
        // The remedy for one long command.
        "|\n            curl -fsS \\\n              --retry 3 https://x".to_owned(),
        format!("|-\n{indented}\n\n"),
        "echo a".to_owned(),
        "'echo a'".to_owned(),
        quoted("if true; then\necho\nfi\n"),
        "\"#!/bin/sh\\n\\\n            echo a\\n\\\n            echo b\\n\"".to_owned(),
        "'echo a\n\n            echo b'".to_owned(),
        ">\n            echo a".to_owned(),
        ">\n            echo a\n\n            echo b".to_owned(),
    ] {
        assert_eq!(found(&style), [], "{style}");
    }
    let block = |style: &str, lines: &[&str]| {
        let lines = lines.iter().map(|line| format!("            {line}"));
        format!("{style}\n{}", Vec::from_iter(lines).join("\n"))
    };
    let good: [&[&str]; 10] = [
        &["curl -fsS", "--retry 3", "-d \"a b\"", "https://x"],
        &["cd /srv &&", "echo a ||", "exit 1"],
        &["cd /srv", "&& echo a", "|| exit 1;", "echo b |", "grep b"],
        &["if true; then", "echo a;", "fi"],
        &["for a in b; do", "echo a;", "done"],
        &["sudo -u backup", "restic backup", "/home"],
        &["A=b", "restic backup"],
        &["logger 'it is", "echo' \"and", "done\""],
        &["docker exec {{ .Task }}", "bash -c true"],
        &["{{ if .Error }}", "echo a", "{{ end }}"],
    ];
    for lines in good {
        for style in [">", ">-"] {
            assert_eq!(found(&block(style, lines)), [], "{lines:?}");
        }
    }
    // The remedy keeps the meaning of a command that goes on, too.
    let lost: [(&[&str], &[&str]); 6] = [
        (&["cd /srv", "echo a"], &["cd /srv", "echo a"]),
        (&["echo a # b", "--c"], &["echo a # b", "--c"]),
        (&["curl -s", "# why", "x"], &["curl -s \\", "x"]),
        (&["curl -s \\", "--retry 3"], &["curl -s \\", "--retry 3"]),
        (
            &["if true", "then echo a", "fi"],
            &["if true", "then echo a", "fi"],
        ),
        (
            &["#!/usr/bin/python3", "a = 1", "b = 2"],
            &["#!/usr/bin/python3", "a = 1", "b = 2"],
        ),
    ];
    for (lines, mended) in lost {
        let found_lost = found(&block(">", lines));
        assert_eq!(found_lost.len(), 1, "{lines:?}");
        assert!(remedy(&found_lost).contains("`\\` at the end of each line that goes on"));
        assert_eq!(found(&block("|", mended)), [], "{mended:?}");
    }
}

#[test]
fn a_variable_that_nobody_sets_is_warned_of() {
    let code = "unset-variable";
    let none: &[&str] = &[];
    for (script, remedy_is) in [
        ("echo $HOOK_PLAN", "did you mean `HOOK_PLAN_ID`?"),
        ("echo \"${HOOK_REPO}\"", "did you mean `HOOK_REPO_ID`?"),
        (
            "echo ${HOOK_SNAPSHOT:-x}",
            "did you mean `HOOK_SNAPSHOT_ID`?",
        ),
        ("echo $HOOK_ERORR", "did you mean `HOOK_ERROR`?"),
        (
            "echo $HOOK_DURATION",
            "did you mean `HOOK_DURATION_SECONDS`?",
        ),
        (
            "#!/usr/bin/python3\nimport os\nprint(os.environ['HOOK_TASKS'])",
            "did you mean `HOOK_TASK`?",
        ),
        (
            "#!/usr/bin/env node\nconsole.log(process.env.HOOK_PLANID)",
            "did you mean `HOOK_PLAN_ID`?",
        ),
    ] {
        let found = said(&with("ANY_ERROR", "", &quoted(script)), code);
        assert_eq!(found.len(), 1, "{script}");
        assert_eq!(remedy(&found), remedy_is);
        let (wrong, right) = (
            found[0].message.split('`').nth(1).unwrap(),
            remedy_is.split('`').nth(1).unwrap(),
        );
        check(code, "ANY_ERROR", &script.replace(wrong, right), none);
    }
    let custom = "curl $HOOK_WEBHOOK";
    let found = said(&with("ANY_ERROR", "", &quoted(custom)), code);
    assert!(remedy(&found).starts_with("set it in the hook's `env: { HOOK_WEBHOOK: … }`"));
    let mended = with("ANY_ERROR", "env: { HOOK_WEBHOOK: x }", &quoted(custom));
    assert_eq!(said(&mended, code), []);
    for script in [
        "echo $HOOK_LABEL_HOST $HOOK_TRUNCATED $HOOK_EVENT_FILE $HOOKED",
        "HOOK_URL=x; curl $HOOK_URL",
        "export HOOK_URL; curl $HOOK_URL",
        "read -r HOOK_LINE; echo $HOOK_LINE",
        "ssh host 'echo '\\$HOOK_REMOTE",
        "# $HOOKD_ADDR",
        "curl ${HOOK_WEBHOOK:-https://x}",
        "curl ${HOOK_WEBHOOK-https://x}",
        ": ${HOOK_WEBHOOK:=https://x}; curl $HOOK_WEBHOOK",
        "if [ -n \"${HOOK_WEBHOOK+x}\" ]; then curl $HOOK_WEBHOOK; fi",
        ". /etc/hooks.env\ncurl $HOOK_WEBHOOK",
        "true && source /etc/hooks.env; curl $HOOK_WEBHOOK",
    ] {
        check(code, "ANY_ERROR", script, none);
    }
    for unset in [
        "curl $HOOK_WEBHOOK; . /etc/hooks.env",
        "curl ${HOOK_WEBHOOK:?}",
        "echo . source; curl $HOOK_WEBHOOK",
    ] {
        let message = "hookd sets no variable `HOOK_WEBHOOK`";
        check(code, "ANY_ERROR", unset, &[message]);
    }
    let twice = "echo $HOOK_PLAN $HOOK_PLAN";
    check(
        code,
        "ANY_ERROR",
        twice,
        &["hookd sets no variable `HOOK_PLAN`"],
    );
}

#[test]
fn a_script_that_is_lost_on_stdin_is_warned_of() {
    let code = "script-on-stdin";
    let line = |line: &str| with("ANY_ERROR", "", &quoted(&format!("#!{line}\ntrue\n")));
    let found = said(&line("proxychains bash"), code);
    assert_eq!(
        (found[0].line, found[0].column, found[0].length),
        (9, 21, 18)
    );
    for via in ["FILE", "STDIN"] {
        assert!(remedy(&found).contains(&format!("`scriptVia: {via}`")));
        let mended = line("proxychains bash") + &format!("          scriptVia: {via}\n");
        assert_eq!(said(&mended, code), []);
    }
    let found = said(&line("sudo -u backup bash"), code);
    assert!(remedy(&found).contains("instead of `sudo` set the hook's `user`"));
    let mended = with("ANY_ERROR", "user: root", &quoted("#!/bin/bash\ntrue\n"));
    assert_eq!(said(&mended, code), []);
    for program in ["awk", "sed -n", "jq", "make", "env jq -n"] {
        let found = said(&line(program), code);
        assert_eq!(found.len(), 1, "{program}");
        assert!(remedy(&found).contains("`-f` at the end"), "{found:?}");
        assert_eq!(said(&line(&format!("{program} -f")), code), [], "{program}");
    }
    for fine in [
        "env -S nice bash",
        "timeout 10 bash",
        "ssh host bash",
        "cat",
        "docker exec -i a sh",
    ] {
        assert_eq!(said(&line(fine), code), [], "{fine}");
    }
    // A line that the template writes.
    let written = "#!{{ if .Error }}strace bash{{ else }}bash{{ end }}\ntrue\n";
    assert_eq!(
        said(&with("ANY_ERROR", "", &quoted(written)), code).len(),
        1
    );
}

#[test]
fn a_template_that_fails_if_something_is_missing_is_warned_of() {
    let code = "may-fail";
    for (condition, script, message, mended) in [
        (
            "SNAPSHOT_END",
            "echo {{ slice .SnapshotId 0 8 }}",
            "fails on `CONDITION_SNAPSHOT_END` without `.SnapshotId`: ",
            "echo {{ if .SnapshotId }}{{ slice .SnapshotId 0 8 }}{{ end }}",
        ),
        (
            "SNAPSHOT_START",
            "echo {{ slice .SnapshotId 0 8 }}",
            "fails on `CONDITION_SNAPSHOT_START` without `.SnapshotId`: ",
            "echo {{ if .SnapshotId }}{{ slice .SnapshotId 0 8 }}{{ end }}",
        ),
        (
            "SNAPSHOT_END",
            "echo {{ if not .Task }}{{ slice .Error 0 5 }}{{ end }}",
            "fails on `CONDITION_SNAPSHOT_END` without `.Error` and `.Task`: ",
            "echo {{ if and .Error .Task }}{{ if not .Task }}{{ slice .Error 0 5 }}{{ end }}{{ end }}",
        ),
        (
            "ANY_ERROR",
            "echo {{ slice .OperationId 0 4 }}",
            "fails on `CONDITION_ANY_ERROR` without `.OperationId`: ",
            "echo {{ if .OperationId }}{{ slice .OperationId 0 4 }}{{ end }}",
        ),
    ] {
        let found = said(&with(condition, "", &quoted(script)), code);
        assert_eq!(found.len(), 1, "{script}: {found:#?}");
        assert!(
            found[0].message.starts_with(message),
            "{}",
            found[0].message
        );
        let ask = remedy(&found).split('`').nth(1).unwrap();
        let ask = ask.split('…').next().unwrap();
        assert!(mended.contains(ask), "{ask}");
        check(code, condition, mended, &[]);
    }
    for fine in [
        "echo {{ .SnapshotId }} {{ .Repo.Id }} {{ index .Plan.Paths 0 }}",
        "echo {{ with .SnapshotStats }}{{ .DataAdded }}{{ end }}",
        "echo {{ if .Labels.host }}{{ slice .Labels.host 0 1 }}{{ end }}",
    ] {
        check(code, "ANY_ERROR", fine, &[]);
    }
}

#[test]
fn what_only_events_of_a_plan_have_is_missing_elsewhere() {
    let global = |script: &str| {
        let hook = format!(
            "hooks:\n  - conditions: [CONDITION_ANY_ERROR]\n    actionCommand: {{ command: {} }}\n",
            quoted(script)
        );
        said(&(hook + &with("ANY_ERROR", "", "'true'")), "may-fail")
    };
    let found = global("echo {{ .Repo.Id }}");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].message.contains("without `.Repo`"), "{found:?}");
    assert_eq!(global("echo {{ if .Repo }}{{ .Repo.Id }}{{ end }}"), []);
    let found = global("ls {{ index .Plan.Paths 0 }}");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].message.contains("without `.Plan`"), "{found:?}");
    assert_eq!(global("ls {{ range .Plan.Paths }}{{ . }}{{ end }}"), []);
    let alone = |script: &str| {
        let plan = with("ANY_ERROR", "", &quoted(script)).replace("    repo: nas\n", "");
        said(&plan, "may-fail")
    };
    let found = alone("echo {{ .Repo.Id }}");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].message.contains("without `.Repo`"), "{found:?}");
    assert_eq!(remedy(&found), "ask first: `{{ if .Repo }}…{{ end }}`");
    assert_eq!(alone("echo {{ if .Repo }}{{ .Repo.Id }}{{ end }}"), []);
}

#[test]
fn a_fault_that_the_template_check_finds_is_said_once() {
    let yaml = with(
        "SNAPSHOT_END",
        "",
        &quoted("echo {{ .SnapshotStats.DataAdded }}"),
    );
    let codes: Vec<&str> = loaded(&yaml).warnings.iter().map(|w| w.code).collect();
    assert_eq!(codes, ["may-be-nil"]);
}

#[test]
fn tera_templates_are_rendered_too() {
    let of = |script: &str| {
        let yaml = with("SNAPSHOT_END", "", &quoted(script)) + "          templateEngine: TERA\n";
        said(&yaml, "may-fail")
    };
    let found = of("echo {% if not snapshot_id %}{{ throw(message='none') }}{% endif %}");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(of("echo {{ snapshot_id }}"), []);
}

#[test]
fn an_interpreter_and_a_directory_that_are_not_there_are_warned_of() {
    let found = |keys: &str, line: &str, code: &str| {
        said(
            &with("ANY_ERROR", keys, &quoted(&format!("{line}\ntrue\n"))),
            code,
        )
    };
    let code = "no-interpreter";
    for line in [
        "#!/nonexistent/bash",
        "#!no-such-shell",
        "#!/usr/bin/env no-such-shell",
        "#!/usr/bin/env -S nice no-such-shell -e",
        "#!no-such-wrapper bash",
        "#!/etc/passwd",
        "#!/bin/{{ if .Error }}no-such-shell{{ else }}sh{{ end }}",
    ] {
        let found = found("", line, code);
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert_eq!(found[0].severity, Severity::Warning);
        assert!(found[0].remedy.is_some());
        assert_eq!((found[0].line, found[0].column), (9, 21), "{line}");
    }
    for line in ["#!/bin/sh", "#!sh", "#!/usr/bin/env -S nice sh -e", "true"] {
        assert_eq!(found("", line, code), [], "{line}");
    }
    assert_eq!(found("enabled: false", "#!/nonexistent/bash", code), []);
    // The PATH is the hook's own.
    let folder = tempfile::tempdir().unwrap();
    let env = format!("env: {{ PATH: {} }}", folder.path().display());
    assert_eq!(found(&env, "#!sh", code).len(), 1);
    let code = "no-working-directory";
    let path = folder.path().join("a b");
    let key = format!("workingDirectory: {}", path.display());
    let missing = found(&key, "true", code);
    let wanted = format!("create it: `mkdir -p '{}'`", path.display());
    assert_eq!(remedy(&missing), wanted);
    let command = wanted.split('`').nth(1).unwrap();
    let made = std::process::Command::new("sh")
        .args(["-c", command])
        .status();
    assert!(made.unwrap().success());
    assert_eq!(found(&key, "true", code), []);
    let file = path.join("file");
    std::fs::write(&file, "").unwrap();
    let key = format!("workingDirectory: {}", file.display());
    assert_eq!(found(&key, "true", code).len(), 1);
}

#[test]
fn a_file_without_a_value_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let found = |path: &std::path::Path| {
        let env = format!("env: {{ A: {{ fromFile: '{}' }} }}", path.display());
        said(&with("ANY_ERROR", &env, "'true'"), "no-value")
    };
    let path = folder.path().join("a b");
    for state in ["does not exist", "is empty", "is empty"] {
        let missing = found(&path);
        assert_eq!(missing.len(), 1, "{state}");
        assert!(missing[0].message.ends_with(state), "{missing:?}");
        let command = remedy(&missing).split('`').nth(1).unwrap();
        let run = format!("echo s3cret | {command}");
        let wrote = std::process::Command::new("sh").args(["-c", &run]).status();
        assert!(wrote.unwrap().success());
        assert_eq!(found(&path), []);
        std::fs::write(&path, "\n").unwrap();
    }
    let of_folder = found(folder.path());
    assert!(
        of_folder[0].message.ends_with("is a directory"),
        "{of_folder:?}"
    );
    let env = "env: { A: { fromFile: /nonexistent } }\nenabled: false";
    assert_eq!(said(&with("ANY_ERROR", env, "'true'"), "no-value"), []);
    // The environment of a check is not the daemon's.
    let env = "env: { A: { fromEnv: HOOKD_NO_SUCH } }";
    assert_eq!(said(&with("ANY_ERROR", env, "'true'"), "no-value"), []);
}

#[test]
fn a_schedule_is_warned_of() {
    let plan = with("ANY_ERROR", "", "'true'");
    let with_schedule = |schedule: &str| {
        plan.replace(
            "    paths:",
            &format!("    schedule: {schedule}\n    paths:"),
        )
    };
    for schedule in [
        "{ cron: '0 3 * * *' }",
        "'0 3 * * *'",
        "{ maxFrequencyHours: 1 }",
    ] {
        let found = said(&with_schedule(schedule), "schedule");
        assert_eq!(found.len(), 1, "{schedule}");
        assert_eq!((found[0].line, found[0].column), (5, 5));
        assert!(remedy(&found).contains("cron or a systemd timer"));
        assert!(remedy(&found).contains("`hookctl run SNAPSHOT_START`"));
    }
    assert_eq!(said(&with_schedule("{ disabled: true }"), "schedule"), []);
    assert_eq!(said(&plan, "schedule"), []);
    let policies = "repos: [{id: nas, uri: x, prunePolicy: {schedule: {cron: x}}, \
                    checkPolicy: {schedule: {cron: x}, structureOnly: true}}]\n";
    let found = said(policies, "schedule");
    assert_eq!(found.len(), 2, "{found:?}");
    let off = policies.replace("cron: x", "disabled: true");
    assert_eq!(said(&off, "schedule"), []);
}
