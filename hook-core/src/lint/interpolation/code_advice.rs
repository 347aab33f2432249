//! Remedies for values in code for other programs: the value is handed over as data.

use super::handed::HandedValue;
use super::{CodeContext, CodeReader};

/// Returns the remedy for a value in code.
pub(crate) fn remedy(code: CodeContext, value: &HandedValue<'_>, is_variable: bool) -> String {
    let word = value.word();
    // The name in the program's environment, and the assignment that puts it there.
    let (name, assignment) = match value.exported() {
        Some(name) => (name, String::new()),
        None => ("VALUE", format!("VALUE={word} ")),
    };
    let clears = code.clears;
    match code.reader {
        CodeReader::Shell => match value.exported().filter(|_| !clears) {
            Some(name) => format!("put the code into single quotes and write `\"${name}\"` in it"),
            None => format!(
                "put the code into single quotes and give it the value as an argument: `sh -c \
                 '… \"$1\" …' sh {word}`"
            ),
        },
        CodeReader::Su => format!(
            "put the code into single quotes and give it the value as an argument: `su USER -c \
             '… \"$1\" …' -- sh {word}`"
        ),
        CodeReader::Eval => match value.variable() {
            Some(name) => format!("put the code into single quotes and write `\"${name}\"` in it"),
            None => format!(
                "put the value into a variable and the code into single quotes: `value={word}; \
                 eval '… \"$value\" …'`"
            ),
        },
        CodeReader::Remote if is_variable || !code.is_word || code.is_nested => format!(
            "hand the value over on standard input: `printf '%s' {word} | ssh HOST \
             'value=$(cat); … \"$value\" …'`"
        ),
        CodeReader::Remote => format!(
            "escape it once for each shell, without quotes around it: `{}`",
            value.escaped_twice()
        ),
        CodeReader::AppleScript => format!(
            "give it the value as an argument: `osascript -e 'on run argv' -e '… (item 1 of argv) \
             …' -e 'end run' -- {word}`"
        ),
        CodeReader::Python if clears => {
            argument(&format!("python3 -c 'import sys; … sys.argv[1] …' {word}"))
        }
        CodeReader::Python => environment(&format!(
            "{assignment}python3 -c 'import os; … os.environ[\"{name}\"] …'"
        )),
        CodeReader::Perl if clears => argument(&format!("perl -e '… $ARGV[0] …' -- {word}")),
        CodeReader::Perl => environment(&format!("{assignment}perl -e '… $ENV{{{name}}} …'")),
        CodeReader::Ruby if clears => argument(&format!("ruby -e '… ARGV[0] …' -- {word}")),
        CodeReader::Ruby => environment(&format!("{assignment}ruby -e '… ENV[\"{name}\"] …'")),
        CodeReader::JavaScript if clears => {
            argument(&format!("node -e '… process.argv[1] …' -- {word}"))
        }
        CodeReader::JavaScript => {
            environment(&format!("{assignment}node -e '… process.env.{name} …'"))
        }
        CodeReader::Php if clears => argument(&format!("php -r '… $argv[1] …' -- {word}")),
        CodeReader::Php => environment(&format!("{assignment}php -r '… getenv(\"{name}\") …'")),
        CodeReader::PowerShell => {
            environment(&format!("{assignment}pwsh -Command '… $env:{name} …'"))
        }
        CodeReader::Awk if clears => argument(&format!(
            "awk 'BEGIN {{ value = ARGV[1]; delete ARGV[1] }} … value …' {word}"
        )),
        CodeReader::Awk => environment(&format!("{assignment}awk '… ENVIRON[\"{name}\"] …'")),
        CodeReader::Jq => argument(&format!("jq --arg value {word} '… $value …'")),
        CodeReader::Sed => format!(
            "sed takes values as code only; perl takes them from the environment: \
             `{assignment}perl -pe 's/…/$ENV{{{name}}}/'`, and `\\Q$ENV{{{name}}}\\E` in a pattern"
        ),
        CodeReader::Psql => format!(
            "hand the statement over on standard input, where `:'value'` is a string: `psql -v \
             value={word} <<'SQL'`"
        ),
        CodeReader::MySql => format!(
            "write it in hexadecimal: `hex=$(printf %s {word} | od -An -v -tx1 | tr -d ' \\n')`, \
             and `CONVERT(x'$hex' USING utf8mb4)` in place of the string"
        ),
        CodeReader::Sqlite => format!(
            "write it in hexadecimal: `hex=$(printf %s {word} | od -An -v -tx1 | tr -d ' \\n')`, \
             and `CAST(x'$hex' AS TEXT)` in place of the string"
        ),
    }
}

fn environment(command: &str) -> String {
    format!("put the code into single quotes and read the value from the environment: `{command}`")
}

fn argument(command: &str) -> String {
    format!("put the code into single quotes and give it the value as an argument: `{command}`")
}
