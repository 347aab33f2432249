//! Scripts without a warning cannot be exploited by any input.
//!
//! Scripts are assembled at random from pieces that open and close quotes. Those without a warning
//! are run with hostile inputs by real shells.

use std::path::Path;
use std::process::{Command, Stdio};

use hook_core::template::{Engine, Template};
use hook_core::vars::Vars;
use proptest::prelude::*;

use super::warnings;

const PIECES: [&str; 55] = [
    "$HOOK_TASK",
    "\"$HOOK_TASK\"",
    "$x",
    "| sh\n",
    "sh <<< ",
    "sh <<'E'\n",
    "eval ",
    "sh -c ",
    "trap ",
    "{{ .Task }}",
    "{{ .Task }}",
    "{{ .Task }}",
    "{{ .ShellEscape .Task }}",
    "{{ .ShellEscape .Task }}",
    "{{ .JsonMarshal .Task }}",
    "{{ html .Task }}",
    "{{ .Attempt }}",
    "'",
    "'",
    "\"",
    "\"",
    "$(echo ",
    ")",
    "`",
    "${x:-",
    "${x#",
    "}",
    "\\",
    "# ",
    " ",
    "\n",
    "\n",
    "<<E\n",
    "<<'E'\n",
    "<<-\"E\"\n",
    "\nE\n",
    "$((",
    "))",
    "((",
    "(",
    "echo ",
    ": ",
    "; ",
    " && ",
    "case x in ",
    "x) ",
    ";; ",
    "esac\n",
    "$",
    "x=",
    "if :; then ",
    "fi\n",
    "$'",
    "<<<",
    "a",
];

const INPUTS: [&str; 17] = [
    "`; @; `",
    "\\`; @; \\`",
    "\\",
    "@",
    "; @;",
    "$(@)",
    "`@`",
    "'; @; '",
    "\"; @; \"",
    "\n@\n",
    "x\nE\n@\n",
    "\\'; @; '",
    ") @; (",
    "}; @; {",
    "x; @ #",
    "a[$(@)]",
    "'\"; @; #",
];

/// Runs a script with an input; returns whether the input's command ran.
fn sings(shell: &str, script: &str, input: &str, folder: &Path) -> bool {
    let canary = folder.join("canary");
    // `>` creates a file only where it is read as code: words that result from a substitution
    // create none, even if they are run as a command.
    let task = input.replace('@', ":>canary");
    let vars = Vars {
        task: task.clone(),
        attempt: 1,
        ..Vars::default()
    };
    let Ok(rendered) = Template::parse(Engine::Go, script).unwrap().render(&vars) else {
        return false;
    };
    let file = folder.join("script");
    std::fs::write(&file, rendered).unwrap();
    let ran = Command::new("timeout")
        .args(["5", shell])
        .arg(&file)
        .current_dir(folder)
        .env("HOOK_TASK", task)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    ran.unwrap();
    let sings = canary.exists();
    let _ = std::fs::remove_file(canary);
    sings
}

fn cases() -> u32 {
    let asked = std::env::var("SOUNDNESS_CASES")
        .ok()
        .and_then(|n| n.parse().ok());
    asked.unwrap_or(12)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        max_global_rejects: 1_000_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn silence_means_safety(
        pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 2..14),
    ) {
        let script = format!("echo {}\n", pieces.concat());
        prop_assume!(script.to_lowercase().contains("task"));
        // The lints do not know whether a script has seen that a variable is a number.
        prop_assume!(!(script.contains("((") && (script.contains("$HOOK") || script.contains("$x"))));
        prop_assume!(warnings(&script).is_empty());
        let folder = tempfile::tempdir().unwrap();
        for shell in ["sh", "bash"] {
            for input in INPUTS {
                prop_assert!(
                    !sings(shell, &script, input, folder.path()),
                    "{shell} runs the input {input:?} in\n{script}"
                );
            }
        }
    }
}
