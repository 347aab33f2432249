//! `hookctl check` finds what would fail at night, and so does the daemon.

use std::fs;

use hookd_test_support::{config, hook};
use serde_json::Value;

use crate::hookctl::{Answer, hookctl};

/// Returns the diagnostics of a config with this code.
fn said(yaml: &str, code: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hookd.yaml");
    fs::write(&file, yaml).unwrap();
    let mut check = hookctl(["-o", "json", "check", "--no-history"]);
    let answer = Answer::from(check.arg(&file).output().unwrap());
    let found = answer.json()["diagnostics"].clone();
    let found: Vec<Value> = serde_json::from_value(found).unwrap_or_default();
    found
        .into_iter()
        .filter(|found| found["code"] == code)
        .collect()
}

fn check(script: &str) -> Vec<Value> {
    said(
        &config(&hook("h", "SNAPSHOT_END", "", script)),
        "shell-syntax",
    )
}

#[test]
fn each_script_of_a_template_is_read_by_its_shell() {
    for (script, shell, line, mended) in [
        (
            "if true; then\n  echo",
            "sh",
            None,
            "if true; then\n  echo\nfi",
        ),
        ("echo 'a\necho b", "sh", None, "echo 'a'\necho b"),
        (
            "#!/bin/bash\necho a\nfi # unique\n",
            "bash",
            Some(16),
            "#!/bin/bash\necho a\n# unique\n",
        ),
        (
            "#!/usr/bin/env -S nice bash\necho )\n",
            "bash",
            Some(15),
            "#!/usr/bin/env -S nice bash\necho ')'\n",
        ),
        (
            "echo {{ .Task }}\necho {{ .Error }} )\n",
            "sh",
            Some(15),
            "echo {{ .Task }}\necho {{ .Error }}\n",
        ),
        // One branch alone.
        (
            "{{ if .Error }}if true; then{{ end }}\ntrue",
            "sh",
            None,
            "{{ if .Error }}if true; then{{ end }}\ntrue\n{{ if .Error }}fi{{ end }}",
        ),
        (
            "#!/bin/{{ if .SnapshotId }}bash{{ else }}sh{{ end }}\na=(1)\n",
            "sh",
            Some(15),
            "#!/bin/{{ if .SnapshotId }}bash{{ else }}sh{{ end }}\na=1\n",
        ),
        // bash says so and goes on.
        (
            "#!/bin/bash\ncat <<E\na\n  E\n",
            "bash",
            None,
            "#!/bin/bash\ncat <<E\na\nE\n",
        ),
    ] {
        let found = check(script);
        assert_eq!(found.len(), 1, "{script}: {found:#?}");
        let message = found[0]["message"].as_str().unwrap();
        assert!(
            message.starts_with(&format!("`{shell} -n` refuses")),
            "{message}"
        );
        assert_eq!(found[0]["hook"], "h");
        if let Some(line) = line {
            assert_eq!(found[0]["line"], line, "{script}: {found:?}");
        }
        assert_eq!(check(mended), Vec::<Value>::new(), "{mended}");
    }
}

#[test]
fn bash_that_sh_runs_is_told_to_name_bash() {
    for (script, code, word) in [
        ("a=(1 2)\necho \"${a[0]}\"\n", "shell-syntax", "refuses"),
        ("#!/bin/sh\ncat <(true)\n", "shell-syntax", "refuses"),
        ("if [[ -n a ]]; then true; fi\n", "bash-in-sh", "`[[`"),
        ("#!/bin/sh\nset -euo pipefail\n", "bash-in-sh", "`pipefail`"),
        ("true && source /etc/profile\n", "bash-in-sh", "`source`"),
    ] {
        let of = |script: &str| said(&config(&hook("h", "SNAPSHOT_END", "", script)), code);
        let found = of(script);
        let is_dash = fs::canonicalize("/bin/sh").is_ok_and(|shell| shell.ends_with("dash"));
        if !is_dash {
            eprintln!("SKIPPED bash-in-sh: /bin/sh is not dash");
            return;
        }
        assert_eq!(found.len(), 1, "{script}: {found:?}");
        assert!(
            found[0]["message"].as_str().unwrap().contains(word),
            "{found:?}"
        );
        let remedy = found[0]["remedy"].as_str().unwrap();
        assert_eq!(remedy, "this is bash: begin it with `#!/bin/bash`");
        let line = remedy.split('`').nth(1).unwrap();
        let mended = format!("{line}\n{}", script.trim_start_matches("#!/bin/sh\n"));
        assert_eq!(of(&mended), Vec::<Value>::new(), "{mended}");
    }
    for fine in [
        "bash -c 'set -o pipefail; [[ a ]]'\n",
        "echo source; echo pipefail # [[ a ]]\n",
        "cat <<E\n[[ a ]]\nE\n",
        ". /etc/profile\n[ -n a ]\n",
        "ls [[:alpha:]]*\n",
        "#!/usr/bin/env bash\nset -o pipefail\n",
    ] {
        let yaml = config(&hook("h", "SNAPSHOT_END", "", fine));
        assert_eq!(said(&yaml, "bash-in-sh"), Vec::<Value>::new(), "{fine}");
    }
}

#[test]
fn scripts_that_are_fine_or_for_another_program_are_not_spoken_of() {
    for script in [
        "#!/bin/bash\na=(1 2)\n[[ -n \"$a\" ]] && echo <(true)\n",
        "#!/bin/bash\nshopt -s extglob\nls !(a|b)\n",
        "#!/usr/bin/python3\nif True:\n    print('fi')\n",
        "#!ssh host bash\nfi\n",
        "#!/bin/bash -c cat\nfi\n",
        "#!/nonexistent/no-shell\nfi\n",
    ] {
        assert_eq!(check(script), Vec::<Value>::new(), "{script}");
    }
}

#[test]
fn nothing_of_a_script_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let (canary, shell) = (folder.path().join("canary"), folder.path().join("bash"));
    let touch = format!("touch {}", canary.display());
    fs::write(&shell, format!("#!/bin/sh\n{touch}\n")).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&shell, executable).unwrap();
    for script in [
        touch.clone(),
        format!("#!/bin/bash\n$({touch})\na=$(({touch}))\n"),
        format!("#!{}\nfi\n", shell.display()),
    ] {
        check(&script);
        assert!(!canary.exists(), "{script}");
    }
}

#[test]
fn no_message_shows_a_secret() {
    let script = "#!/bin/bash\n( true ) T0KEN-secret {{ .Repo.Password }}\n";
    let env = "env: { TOKEN: T0KEN-secret }";
    let yaml = config(&hook("h", "SNAPSHOT_END", env, script));
    let found = said(&yaml, "shell-syntax");
    assert_eq!(found.len(), 1, "{found:?}");
    let shown = found[0].to_string();
    assert!(
        !shown.contains("T0KEN") && !shown.contains("correct-horse"),
        "{shown}"
    );
}

#[test]
fn the_command_of_a_remedy_shows_the_script() {
    let script = "{{ if .Error }}if true; then{{ end }}\ntrue";
    let yaml = config(&hook("a b", "SNAPSHOT_END", "", script));
    let found = said(&yaml, "shell-syntax");
    let remedy = found[0]["remedy"].as_str().unwrap();
    let command = remedy.split('`').nth(1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hookd.yaml");
    fs::write(&file, &yaml).unwrap();
    let path = std::path::Path::new(env!("CARGO_BIN_EXE_hookctl"))
        .parent()
        .unwrap();
    let embedded = format!(
        "PATH={}:$PATH; hookctl() {{ command hookctl --embedded --config {} \"$@\"; }}; {command}",
        path.display(),
        file.display()
    );
    let ran = std::process::Command::new("sh")
        .args(["-c", &embedded])
        .output();
    let shown = Answer::from(ran.unwrap());
    assert!(shown.out.contains("| if true; then"), "{shown:?}");
}

#[test]
fn the_examples_are_found_faultless() {
    for name in ["hooks.yaml", "hooks-tera.yaml"] {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/");
        let text = fs::read_to_string(format!("{path}{name}")).unwrap();
        for code in [
            "shell-syntax",
            "may-fail",
            "folded-command",
            "unset-variable",
        ] {
            assert_eq!(said(&text, code), Vec::<Value>::new(), "{name}");
        }
    }
}

#[test]
fn a_plan_without_its_schedule_is_run_by_the_command_of_the_remedy() {
    let yaml = config(&hook("h", "SNAPSHOT_START", "", "true"));
    let scheduled = yaml.replace(
        "    paths:",
        "    schedule: { cron: '0 3 * * *' }\n    paths:",
    );
    let found = said(&scheduled, "schedule");
    let remedy = found[0]["remedy"].as_str().unwrap();
    let command = remedy.split('`').nth(1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hookd.yaml");
    fs::write(&file, &yaml).unwrap();
    let options = ["--embedded", "--config"].map(std::ffi::OsString::from);
    let run = command.split(' ').skip(1).map(std::ffi::OsString::from);
    let plan = ["--plan", "home"].map(std::ffi::OsString::from);
    let args = options
        .into_iter()
        .chain([file.into()])
        .chain(run)
        .chain(plan);
    let answer = Answer::from(hookctl(args).output().unwrap());
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert_eq!(said(&yaml, "schedule"), Vec::<Value>::new());
}
