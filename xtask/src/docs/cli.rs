//! `docs/cli.md`: what the programs say of themselves with `--help`, verb by verb.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::{command, repo};

const PROGRAMS: [&str; 2] = ["hookd", "hookctl"];

const HEAD: &str = "\
# Command line

<!-- Written by `cargo xtask docs` from `--help`; edit the programs instead. -->

What every verb says with `--help`. A flag wins over its environment variable, and that
over the config file.
";

/// The page.
pub(crate) fn page() -> Result<String> {
    // Tests are named as well so that cargo picks the features that it tests with, and
    // builds nothing a second time.
    let mut build = repo::cargo(["build", "--quiet", "--workspace", "--bins", "--tests"]);
    command::run(&mut build, Duration::from_secs(1800))?;

    let folder = repo::binaries()?;
    let mut page = HEAD.to_owned();
    for program in PROGRAMS {
        describe(&folder, &[program], &mut page)?;
    }
    Ok(page)
}

/// Adds the help of a program or of a verb of it, and of the verbs below that.
fn describe(folder: &Path, words: &[&str], page: &mut String) -> Result<()> {
    let help = help(folder, words)?;
    let level = "#".repeat(words.len().min(3) + 1);
    let title = words.join(" ");
    page.push_str(&format!("\n{level} {title}\n\n```text\n{help}\n```\n"));
    for verb in verbs(&help) {
        let words: Vec<_> = words.iter().copied().chain([verb]).collect();
        describe(folder, &words, page)?;
    }
    Ok(())
}

/// What `--help` prints.
fn help(folder: &Path, words: &[&str]) -> Result<String> {
    let (program, verbs) = words.split_first().context("no program is named")?;
    let mut command = Command::new(folder.join(program));
    // Help shows the values of variables and fits the terminal: here it must do neither.
    let ours = env::vars_os().map(|(name, _)| name);
    for name in ours.filter(|name| name.to_string_lossy().starts_with("HOOKD_")) {
        command.env_remove(name);
    }
    let output = command
        .args(verbs)
        .arg("--help")
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", command::shown(&command)))?;
    ensure!(
        output.status.success(),
        "{} failed: {}",
        command::shown(&command),
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).context("the help is not UTF-8")?;
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    Ok(lines.join("\n").trim_end().to_owned())
}

/// The verbs that a help text lists, less `help` itself.
fn verbs(help: &str) -> impl Iterator<Item = &str> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // A description that goes on in the next line is indented deeper.
        .filter_map(|line| {
            line.strip_prefix("  ")
                .filter(|rest| !rest.starts_with(' '))
        })
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_found_in_a_help_text() {
        let help = "Does things\n\nUsage: x <COMMAND>\n\nCommands:\n  run   Runs a\n        long way\n  show  Shows\n  help  Print this\n\nOptions:\n  -h, --help  Print help";
        assert_eq!(verbs(help).collect::<Vec<_>>(), ["run", "show"]);
        assert_eq!(verbs("Usage: x\n\nOptions:\n  -h").count(), 0);
    }
}
