//! Go, as a program that executes templates.

use std::env;
use std::fmt;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

use crate::skips::skip;
use crate::templates::Case;

/// The oldest minor version of Go with this language.
const FIRST: u32 = 26;

/// The number of templates in flight.
const QUEUE: usize = 1000;

/// The result of a template.
#[derive(Debug)]
pub(crate) enum Answer {
    Output(Vec<u8>),
    Failed {
        phase: String,
        line: u32,
        message: String,
    },
}

impl Answer {
    pub(crate) fn failed(phase: &str, line: u32, message: &str) -> Answer {
        let (phase, message) = (phase.to_owned(), message.to_owned());
        Answer::Failed {
            phase,
            line,
            message,
        }
    }

    fn read(line: &str) -> Option<Answer> {
        #[derive(serde::Deserialize)]
        struct Written {
            output: String,
            phase: String,
            line: u32,
            error: String,
        }
        let written: Written = serde_json::from_str(line).ok()?;
        if !written.phase.is_empty() {
            return Some(Answer::failed(&written.phase, written.line, &written.error));
        }
        let digits = written.output.as_bytes().chunks(2);
        let bytes = digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
        bytes.collect::<Option<_>>().map(Answer::Output)
    }
}

/// Ignores the wording of an error.
impl PartialEq for Answer {
    fn eq(&self, other: &Answer) -> bool {
        match (self, other) {
            (Answer::Output(a), Answer::Output(b)) => a == b,
            (
                Answer::Failed { phase, line, .. },
                Answer::Failed {
                    phase: p, line: l, ..
                },
            ) => (phase, line) == (p, l),
            _ => false,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Output(bytes) => write!(f, "gives {:?}", String::from_utf8_lossy(bytes)),
            Answer::Failed {
                phase,
                line,
                message,
            } => {
                write!(f, "fails to {phase} line {line} {message}")
            }
        }
    }
}

/// The built program.
pub(crate) struct Oracle(PathBuf);

impl Oracle {
    /// Builds the program. `None`, and a skipped test, without a suitable Go.
    pub(crate) fn build() -> Option<Oracle> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/oracle");
        let go = |arguments: &[&str]| {
            let mut go = Command::new("go");
            go.args(arguments).current_dir(&source);
            go.env("GOFLAGS", "-mod=mod -buildvcs=false");
            go.envs([
                ("GOTOOLCHAIN", "local"),
                ("GOPROXY", "off"),
                ("GOWORK", "off"),
            ]);
            go.output()
        };
        let version = match go(&["env", "GOVERSION"]) {
            Ok(output) => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                skip("go: the templates were not compared with real Go");
                return None;
            }
            Err(e) => panic!("go does not start: {e}"),
        };
        if minor(&version).is_some_and(|minor| minor < FIRST) {
            skip(&format!(
                "go: the templates were not compared with real Go, as {version} is too old"
            ));
            return None;
        }
        let program = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("oracle{}", env::consts::EXE_SUFFIX));
        let built = go(&["build", "-o", &program.to_string_lossy(), "."])
            .unwrap_or_else(|e| panic!("go does not start: {e}"));
        assert!(
            built.status.success(),
            "the oracle does not build:\n{}",
            String::from_utf8_lossy(&built.stderr)
        );
        Some(Oracle(program))
    }

    /// Executes every case over one pipe and passes each with its answer to `compare`.
    pub(crate) fn ask(
        &self,
        cases: impl Iterator<Item = Case> + Send,
        mut compare: impl FnMut(Case, Answer),
    ) {
        let mut go = Command::new(&self.0)
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("the oracle does not start: {e}"));
        let (stdin, stdout) = (go.stdin.take(), go.stdout.take());
        let (asked, waiting) = mpsc::sync_channel(QUEUE);
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut stdin = stdin.map(BufWriter::new)?;
                for case in cases {
                    let mut line = serde_json::to_vec(&case).ok()?;
                    line.push(b'\n');
                    // The reader reports errors.
                    asked.send(case).ok()?;
                    stdin.write_all(&line).ok()?;
                }
                stdin.flush().ok()
            });
            let mut lines = BufReader::new(stdout.unwrap_or_else(|| panic!("no pipe"))).lines();
            for case in waiting {
                let line = lines.next().and_then(Result::ok);
                match line.as_deref().and_then(Answer::read) {
                    Some(answer) => compare(case, answer),
                    None => panic!("the oracle has no answer to {case:?}"),
                }
            }
        });
        let ended = go.wait();
        assert!(
            ended.as_ref().is_ok_and(std::process::ExitStatus::success),
            "the oracle failed: {ended:?}"
        );
    }
}

/// The second number of a version such as `go1.26.8`. `None` for a development version.
fn minor(version: &str) -> Option<u32> {
    let numbers = version.strip_prefix("go1.")?;
    let end = numbers.find(|c: char| !c.is_ascii_digit());
    numbers[..end.unwrap_or(numbers.len())].parse().ok()
}
