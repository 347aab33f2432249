//! Asking shells for faults in the syntax of scripts, which they read and do not run.

use std::process::Stdio;
use std::time::Duration;

use hook_core::diagnostic::Diagnostic;
use hook_core::lint::{BASH_REMEDY, ShellScript};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::time::{Instant, timeout_at};

/// Time for all scripts of a config.
const LIMIT: Duration = Duration::from_secs(20);
/// Most bytes of a shell's messages that are read.
const MAX_SAID: u64 = 64 << 10;

/// Returns a warning for each script with a fault in its syntax.
///
/// A shell that is not on this machine is not asked. A warning says how many scripts had no turn
/// within [`LIMIT`].
pub(crate) async fn check(scripts: &[ShellScript]) -> Vec<Diagnostic> {
    check_within(scripts, LIMIT).await
}

async fn check_within(scripts: &[ShellScript], limit: Duration) -> Vec<Diagnostic> {
    let deadline = Instant::now() + limit;
    let mut warnings: Vec<Diagnostic> = Vec::new();
    for (number, script) in scripts.iter().enumerate() {
        let Ok(warning) = timeout_at(deadline, warning(script)).await else {
            warnings.push(script.unread(scripts.len() - number, limit));
            break;
        };
        // The same line is at fault in every branch that has it.
        let is_known = |new: &Diagnostic| {
            let place = |d: &Diagnostic| (d.hook.clone(), d.line, d.column);
            warnings.iter().any(|known| place(known) == place(new))
        };
        warnings.extend(warning.filter(|warning| !is_known(warning)));
    }
    warnings
}

/// Returns the warning about a script; `None` if its shell finds no fault, or could not be asked.
async fn warning(script: &ShellScript) -> Option<Diagnostic> {
    let mut warning = script.warning(&said(script).await?)?;
    if let Some(script) = script.for_bash()
        && said(&script)
            .await
            .is_some_and(|said| said.trim().is_empty())
    {
        warning.remedy = Some(BASH_REMEDY.to_owned());
    }
    Some(warning)
}

/// Returns the messages of the shell about a script; `None` if it could not be asked.
async fn said(script: &ShellScript) -> Option<String> {
    let (shell, arguments) = script.command.split_first()?;
    let mut child = Command::new(shell)
        .args(arguments)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    let (mut stdin, stderr) = (child.stdin.take()?, child.stderr.take()?);
    let mut said = Vec::new();
    let write = async move {
        // A shell that has found a fault may read no further.
        let _ = stdin.write_all(&script.text).await;
    };
    let mut stderr = stderr.take(MAX_SAID);
    let (_, read) = tokio::join!(write, stderr.read_to_end(&mut said));
    read.ok()?;
    child.wait().await.ok()?;
    Some(String::from_utf8_lossy(&said).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hook_core::{lint, load};

    #[tokio::test]
    async fn scripts_for_which_there_was_no_time_are_told() {
        let hook = "{ conditions: [1], actionCommand: { command: 'true' } }";
        let yaml = format!("hooks: [{hook}, {hook}]");
        let loaded = load::parse("f", yaml.as_bytes()).expect("valid");
        let scripts = lint::shell_scripts(&loaded.catalog);
        assert_eq!(check(&scripts).await, []);
        let told = check_within(&scripts, Duration::ZERO).await;
        assert_eq!((told.len(), told[0].code), (1, "not-checked"));
        assert!(told[0].message.ends_with("this script and 1 after it"));
    }
}
