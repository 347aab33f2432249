//! Commands, each run to its end or to a limit on its time.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Write as _, stdin, stdout};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::ending::{self, Victim};

/// Runs a command that shows its output, and fails if it fails or outlives the limit.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<()> {
    let child = start(command)?;
    judge(command, end(child, limit)?)
}

/// Like [`run`], and hands every line of its standard output to `see` while it passes.
pub(crate) fn run_seeing(
    command: &mut Command,
    limit: Duration,
    mut see: impl FnMut(&str) + Send,
) -> Result<()> {
    command.stdout(Stdio::piped());
    let mut child = start(command)?;
    let output = child.stdout.take().context("the output is not piped")?;
    let status = thread::scope(|scope| {
        scope.spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                // A closed terminal must not fail what is being run.
                let _ = stdout().write_all(&[&line[..], b"\n"].concat());
                see(&String::from_utf8_lossy(&line));
            }
        });
        end(child, limit)
    })?;
    judge(command, status)
}

/// Starts a command. Nothing that runs here reads standard input.
fn start(command: &mut Command) -> Result<Child> {
    command.stdin(Stdio::null());
    if !stdin().is_terminal() {
        // Then a limit can end all that the command started. At a terminal it has to stay
        // in the terminal's group, where Ctrl-C reaches it.
        ending::apart(command);
    }
    command
        .spawn()
        .with_context(|| format!("cannot start {}", shown(command)))
}

/// Waits for the end, and ends what outlives the limit.
fn end(mut child: Child, limit: Duration) -> Result<ExitStatus> {
    let victim = Victim::of(&child);
    let (ended, end) = mpsc::sync_channel(1);
    thread::spawn(move || ended.send(child.wait()));
    match end.recv_timeout(limit) {
        Ok(status) => status.context("cannot wait for the command"),
        Err(_) => {
            victim.kill(!stdin().is_terminal());
            bail!("not done after {} s, so it was ended", limit.as_secs());
        }
    }
}

fn judge(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("{} failed ({status})", shown(command));
    }
    Ok(())
}

/// The command as one would type it, with the program's name instead of its path.
pub(crate) fn shown(command: &Command) -> String {
    let program = command.get_program();
    let name = std::path::Path::new(program).file_name().unwrap_or(program);
    let words: Vec<_> = std::iter::once(name)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn lines_are_seen_and_a_failure_is_told() {
        let mut lines = Vec::new();
        let result = run_seeing(
            Command::new("sh").args(["-c", "echo one; printf two; exit 3"]),
            Duration::from_secs(10),
            |line| lines.push(line.to_owned()),
        );
        assert_eq!(lines, ["one", "two"]);
        assert!(format!("{:#}", result.unwrap_err()).contains("exit status: 3"));
    }

    #[test]
    fn what_outlives_its_limit_is_ended() {
        let start = Instant::now();
        let error = run(Command::new("sleep").arg("30"), Duration::from_millis(50)).unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(10));
        assert!(error.to_string().contains("it was ended"), "{error}");
    }
}
