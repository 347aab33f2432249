//! `docs/cli.md`: the `--help` of the programs, verb by verb.

use std::env;

use anyhow::Result;
use conformance::repo;
use hookd_test_support::hookd_binary;
use xshell::{Shell, cmd};

const PROGRAMS: [&str; 2] = ["hookd", "hookctl"];

const HEAD: &str = "\
# Command line

<!-- Written by `cargo xtask docs` from `--help`; edit the programs instead. -->

The `--help` of every verb. A flag overrides its environment variable, and that the config
file.
";

pub(crate) fn page() -> Result<String> {
    let sh = repo::shell()?;
    // Tests are named as well so that cargo picks the features that it tests with, and
    // builds nothing a second time.
    cmd!(sh, "cargo build --quiet --workspace --bins --tests").run()?;
    // Help shows the values of variables and fits the terminal: here it must do neither.
    let names = env::vars_os().map(|(name, _)| name);
    for name in names.filter(|name| name.to_string_lossy().starts_with("HOOKD_")) {
        sh.set_var(name, "");
    }
    let _quiet = (sh.push_env("COLUMNS", "100"), sh.push_env("NO_COLOR", "1"));
    let mut page = HEAD.to_owned();
    for program in PROGRAMS {
        describe(&sh, &[program], &mut page)?;
    }
    Ok(page)
}

/// Adds the help of a program or of a verb of it, and of the verbs below that.
fn describe(sh: &Shell, words: &[&str], page: &mut String) -> Result<()> {
    let (program, verbs) = (hookd_binary().with_file_name(words[0]), &words[1..]);
    let help = cmd!(sh, "{program} {verbs...} --help").quiet().read()?;
    let lines: Vec<_> = help.lines().map(str::trim_end).collect();
    let help = lines.join("\n").trim_end().to_owned();
    let (level, title) = ("#".repeat(words.len().min(3) + 1), words.join(" "));
    page.push_str(&format!("\n{level} {title}\n\n```text\n{help}\n```\n"));
    for verb in verbs_of(&help) {
        describe(sh, &[words, &[verb]].concat(), page)?;
    }
    Ok(())
}

/// Returns the verbs that a help text lists, less `help` itself.
fn verbs_of(help: &str) -> impl Iterator<Item = &str> {
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
        assert_eq!(verbs_of(help).collect::<Vec<_>>(), ["run", "show"]);
        assert_eq!(verbs_of("Usage: x\n\nOptions:\n  -h").count(), 0);
    }
}
