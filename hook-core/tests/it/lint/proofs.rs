//! Proof that each warning is justified: a hostile input runs a command of its own, and does not
//! when the advice is followed.

use std::path::Path;
use std::process::{Command, Stdio};

use hook_core::template::{Engine, Template};
use hook_core::vars::Vars;

use super::warnings;

/// The file that a hostile input creates.
const CANARY: &str = "canary";

/// A script with a warning, an input that exploits it, and a script without the fault. `@` in the
/// input stands for the command that must not run.
struct Proof {
    code: &'static str,
    interpreter: &'static str,
    script: &'static str,
    input: &'static str,
    fixed: &'static str,
}

const fn proof(
    code: &'static str,
    script: &'static str,
    input: &'static str,
    fixed: &'static str,
) -> Proof {
    Proof {
        code,
        interpreter: "sh",
        script,
        input,
        fixed,
    }
}

const fn with(interpreter: &'static str, proof: Proof) -> Proof {
    Proof {
        interpreter,
        ..proof
    }
}

const PROOFS: [Proof; 33] = [
    proof(
        "value-in-code",
        "ssh host sh <<'E'\necho {{ .JsonMarshal .Task }}\nE\n",
        "$(@)",
        "ssh host echo {{ .ShellEscape (.ShellEscape .Task) }}",
    ),
    with(
        "bash",
        proof(
            "value-in-backticks",
            "echo `echo {{ .ShellEscape .Task }}`",
            "`; @; `",
            "echo $(echo {{ .ShellEscape .Task }})",
        ),
    ),
    with(
        "bash",
        proof(
            "value-in-here-document",
            "cat <<E\n$(echo {{ .ShellEscape .Task }})\nE\n",
            "x\nE\n@\n",
            "cat <<E\n$HOOK_TASK\nE\n",
        ),
    ),
    proof(
        "value-without-quotes",
        "echo {{ .Task }}",
        "x; @",
        "echo \"$HOOK_TASK\"",
    ),
    proof(
        "value-without-quotes",
        "echo {{ .Task }}",
        "`@`",
        "echo {{ .ShellEscape .Task }}",
    ),
    proof(
        "value-without-quotes",
        "x={{ .Task }}",
        "x @",
        "x={{ .ShellEscape .Task }}",
    ),
    proof(
        "value-without-quotes",
        "echo > {{ .Task }}",
        "x\n@",
        "echo > \"$HOOK_TASK\"",
    ),
    proof(
        "value-without-quotes",
        "if [ {{ .Task }} = x ]; then :; fi",
        "x ]; @; [ x",
        "if [ \"$HOOK_TASK\" = x ]; then :; fi",
    ),
    proof(
        "value-in-quotes",
        "echo \"{{ .Task }}\"",
        "$(@)",
        "echo \"$HOOK_TASK\"",
    ),
    proof(
        "value-in-quotes",
        "echo \"{{ .Task }} failed\"",
        "\"; @; \"",
        "echo \"\"{{ .ShellEscape .Task }}\" failed\"",
    ),
    proof(
        "value-in-quotes",
        "echo \"${x:-{{ .Task }}}\"",
        "`@`",
        "echo \"${x:-$HOOK_TASK}\"",
    ),
    proof(
        "value-in-quotes",
        "echo '{{ .Task }}'",
        "'; @; '",
        "echo ''\"$HOOK_TASK\"''",
    ),
    proof(
        "value-in-quotes",
        "echo '[{{ .Task }}]'",
        "'$(@)'",
        "echo '['{{ .ShellEscape .Task }}']'",
    ),
    proof(
        "value-in-quotes",
        "echo '{\"t\": {{ .JsonMarshal .Task }}}'",
        "'; @; '",
        "cat <<'E'\n{\"t\": {{ .JsonMarshal .Task }}}\nE",
    ),
    with(
        "bash",
        proof(
            "value-in-quotes",
            "#!/bin/bash\necho $'{{ .Task }}'",
            "'; @; '",
            "#!/bin/bash\necho $'\\t'{{ .ShellEscape .Task }}",
        ),
    ),
    proof(
        "escape-in-quotes",
        "echo '{{ .ShellEscape .Task }}'",
        "a; @ #",
        "echo ''{{ .ShellEscape .Task }}''",
    ),
    proof(
        "escape-in-quotes",
        "echo \"{{ .ShellEscape .Task }}\"",
        "$(@)",
        "echo {{ .ShellEscape .Task }}",
    ),
    proof(
        "value-in-comment",
        "# {{ .Task }}\necho",
        "x\n@",
        "# the task\necho",
    ),
    proof(
        "value-in-comment",
        "# {{ .ShellEscape .Task }}\necho",
        "x\n@\n:",
        "echo # the task",
    ),
    proof(
        "value-in-here-document",
        "cat <<E\n{{ .Task }}\nE\n",
        "$(@)",
        "cat <<E\n$HOOK_TASK\nE\n",
    ),
    proof(
        "value-in-here-document",
        "cat <<'E'\n{{ .Task }}\nE\n",
        "x\nE\n@",
        "cat <<E\n$HOOK_TASK\nE\n",
    ),
    proof(
        "value-in-here-document",
        "cat <<-'E'\n\t{{ .Task }}\n\tE\n",
        "x\nE\n@",
        "printf '%s\\n' {{ .ShellEscape .Task }}",
    ),
    proof(
        "value-in-arithmetic",
        "echo $(( {{ .Task }} ))",
        "$(@)",
        "case $HOOK_TASK in *[!0-9]*) exit 1;; esac\necho $(( HOOK_TASK ))",
    ),
    with(
        "bash",
        proof(
            "value-in-arithmetic",
            "#!/bin/bash\n(( x = {{ .Task }} ))",
            "a[$(@)]",
            "#!/bin/bash\nexit 1",
        ),
    ),
    proof(
        "value-in-code",
        "eval echo {{ .ShellEscape .Task }}",
        "x; @",
        "echo {{ .ShellEscape .Task }}",
    ),
    proof(
        "value-in-code",
        "sh -c 'echo {{ .ShellEscape .Task }}'",
        "x; @",
        "sh -c 'echo \"$HOOK_TASK\"'",
    ),
    proof(
        "value-in-code",
        "sh -c \"echo '{{ .Task }}'\"",
        "'; @; '",
        "sh -c 'echo \"$1\"' sh {{ .ShellEscape .Task }}",
    ),
    proof(
        "value-in-code",
        "echo x | xargs sh -c {{ .ShellEscape .Task }}",
        "@",
        "echo x | xargs sh -c 'echo \"$HOOK_TASK\"'",
    ),
    proof(
        "value-in-code",
        "trap {{ .ShellEscape .Task }} EXIT",
        "@",
        "trap 'echo \"$HOOK_TASK\"' EXIT",
    ),
    proof(
        "value-in-code",
        "ssh host echo {{ .ShellEscape .Task }}",
        "x; @",
        "ssh host echo {{ .ShellEscape (.ShellEscape .Task) }}",
    ),
    proof(
        "value-in-code",
        "ssh -p 22 host \"echo '{{ .Task }}'\"",
        "'; @; '",
        "ssh -p 22 host echo {{ .ShellEscape (.ShellEscape .Task) }}",
    ),
    with(
        "python3",
        proof(
            "value-in-source",
            "#!/usr/bin/env python3\nprint(\"{{ .Task }}\")",
            "\"); import os; os.system(\"@\"); print(\"",
            "#!/usr/bin/env python3\nimport os\nprint(os.environ[\"HOOK_TASK\"], {{ .JsonMarshal .Task }})",
        ),
    ),
    with(
        "perl",
        proof(
            "value-in-source",
            "#!/usr/bin/perl\nprint {{ .JsonMarshal .Task }};",
            "@{[`%`]}",
            "#!/usr/bin/perl\nprint $ENV{HOOK_TASK};",
        ),
    ),
];

/// Renders a script for a hostile task and runs it in a folder of its own. `ssh` there is a program
/// that passes its arguments to a shell, as the real one does. Returns whether the input's command
/// ran.
fn sings(proof: &Proof, script: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let command = format!("touch {CANARY}");
    let task = match proof.interpreter {
        "perl" => proof.input.replace('%', &command),
        _ => proof.input.replace('@', &command),
    };
    let vars = Vars {
        task: task.clone(),
        ..Vars::default()
    };
    let rendered = Template::parse(Engine::Go, script)
        .unwrap()
        .render(&vars)
        .unwrap();
    let file = path.join("script");
    std::fs::write(&file, rendered).unwrap();
    fake_ssh(path);
    let search = format!(
        "{}:{}",
        path.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    Command::new(proof.interpreter)
        .arg(&file)
        .current_dir(path)
        .env("HOOK_TASK", task)
        .env("PATH", search)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    path.join(CANARY).exists()
}

fn fake_ssh(folder: &Path) {
    let program = "#!/bin/sh\nwhile [ \"$1\" = -p ]; do shift 2; done\nshift\nexec sh -c \"$*\"\n";
    let path = folder.join("ssh");
    std::fs::write(&path, program).unwrap();
    let made = Command::new("chmod").arg("+x").arg(&path).status();
    assert!(made.unwrap().success());
}

fn is_installed(interpreter: &str) -> bool {
    let version = Command::new(interpreter)
        .args(["-c", "exit"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok()
}

#[test]
fn every_kind_of_warning_has_a_proof() {
    let hazards = include_str!("../../../src/lint/interpolation/hazard.rs");
    let codes = hazards.split('"').filter(|text| {
        let is_code = text.starts_with("value-") || text.starts_with("escape-");
        // Proved by tests of their own.
        is_code && !["value-splits", "value-in-json"].contains(text)
    });
    for code in codes {
        assert!(PROOFS.iter().any(|proof| proof.code == code), "{code}");
    }
}

#[test]
fn every_warning_is_true_and_every_remedy_works() {
    for proof in &PROOFS {
        let found: Vec<&str> = warnings(proof.script).iter().map(|w| w.code).collect();
        assert_eq!(found, [proof.code], "{}", proof.script);
        let fixed = warnings(proof.fixed);
        assert!(fixed.is_empty(), "{}\n{fixed:#?}", proof.fixed);
        if !is_installed(proof.interpreter) {
            let interpreter = proof.interpreter;
            crate::skips::skip(&format!(
                "lint-proof-{interpreter}: {interpreter} is not installed"
            ));
            continue;
        }
        assert!(
            sings(proof, proof.script),
            "nothing happens: {}",
            proof.script
        );
        assert!(!sings(proof, proof.fixed), "not fixed: {}", proof.fixed);
    }
}

#[test]
fn a_value_that_splits_is_two_words() {
    let print = |script: &str| {
        let out = Command::new("sh").arg("-c").arg(script).output().unwrap();
        String::from_utf8(out.stdout).unwrap()
    };
    let split = print("for x in /my documents; do echo \"$x\"; done");
    let whole = print("for x in '/my documents'; do echo \"$x\"; done");
    assert_eq!((split.lines().count(), whole.lines().count()), (2, 1));
}
