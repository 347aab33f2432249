//! Scripts: which program runs a rendered script, and how that program gets it.
//!
//! A rendered template is parsed once into a [`Script`]; nothing later looks at the
//! `#!` line again.

mod interpreter;

use crate::hook::ScriptVia;

/// The longest `#!` line, in bytes. Linux itself reads at most 256 of them.
pub const MAX_SHEBANG: usize = 4096;

/// A rendered script, ready to be handed to its interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The program and its arguments; never empty. With [`HandOver::File`] the path of
    /// the script follows as the last argument.
    pub interpreter: Vec<String>,
    /// The bytes that the interpreter reads.
    ///
    /// On stdin, what stands behind the `#!` line. In a file, the whole script, so that
    /// line numbers in the interpreter's messages are those of the rendered text.
    pub body: Vec<u8>,
    /// How the interpreter gets the body.
    pub hand_over: HandOver,
}

/// How an interpreter gets its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandOver {
    /// As the path of a private file, with an empty stdin.
    File,
    /// On stdin.
    Stdin,
}

/// A `#!` line that names no program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// The script ends within its `#!` line.
    #[error("no newline after the `#!` line: no script follows it")]
    NoNewline,
    /// The line names no program.
    #[error("no interpreter behind `#!`: name one, or remove the line to have `sh` run it")]
    NoInterpreter,
    /// A quote is opened and not closed, or a backslash ends the line.
    #[error("unbalanced quotes in the `#!` line")]
    UnbalancedQuotes,
    /// The line holds a NUL byte, which no program's name or argument can.
    #[error("NUL byte in the `#!` line")]
    Nul,
    /// The line is not UTF-8.
    #[error("the `#!` line is not UTF-8")]
    NotUtf8,
    /// The line is longer than [`MAX_SHEBANG`].
    #[error(
        "the `#!` line is {length} bytes long, more than {MAX_SHEBANG}: move its arguments into the script"
    )]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
}

impl Script {
    /// Reads the first line that is not blank as `#!` line, if it is one.
    ///
    /// The line may be indented: templates leave such spaces, and nobody means a comment
    /// by it. Its words are split as a POSIX shell splits them.
    ///
    /// # Errors
    /// If the script starts with `#!` but names no program there.
    pub fn parse(rendered: &[u8], via: ScriptVia) -> Result<Script, ScriptError> {
        let rendered = rendered.strip_prefix(BYTE_ORDER_MARK).unwrap_or(rendered);
        let Some(shebang) = Shebang::find(rendered) else {
            let file = match via {
                ScriptVia::Auto => !cfg!(windows),
                ScriptVia::File => true,
                ScriptVia::Stdin => false,
            };
            return Ok(Script {
                interpreter: interpreter::default(file),
                body: rendered.to_vec(),
                hand_over: if file {
                    HandOver::File
                } else {
                    HandOver::Stdin
                },
            });
        };
        let interpreter = words(shebang.line)?;
        let hand_over = match via {
            ScriptVia::File => HandOver::File,
            ScriptVia::Stdin => HandOver::Stdin,
            ScriptVia::Auto if interpreter::takes_a_path(&interpreter) => HandOver::File,
            ScriptVia::Auto => HandOver::Stdin,
        };
        let body = match hand_over {
            HandOver::Stdin => shebang.after.to_vec(),
            HandOver::File => shebang.moved_to_the_top(),
        };
        Ok(Script {
            interpreter,
            body,
            hand_over,
        })
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A script that starts with a `#!` line, in its three parts.
struct Shebang<'a> {
    /// The blank lines before it.
    before: &'a [u8],
    /// The line from `#!` on, with its newline unless the script ends in it.
    line: &'a [u8],
    /// All that follows.
    after: &'a [u8],
}

impl<'a> Shebang<'a> {
    fn find(rendered: &'a [u8]) -> Option<Shebang<'a>> {
        let start = rendered.iter().position(|b| !b.is_ascii_whitespace())?;
        let (before, rest) = rendered.split_at(start);
        if !rest.starts_with(b"#!") {
            return None;
        }
        let end = rest.iter().position(|b| *b == b'\n');
        let (line, after) = rest.split_at(end.map_or(rest.len(), |at| at + 1));
        Some(Shebang {
            before,
            line,
            after,
        })
    }

    /// The script with the `#!` line first and the blank lines behind it: as many lines
    /// as before. Node, PHP and Lua accept a `#!` line nowhere else.
    fn moved_to_the_top(&self) -> Vec<u8> {
        let blank = self.before.iter().filter(|b| **b == b'\n').count();
        let mut body = Vec::with_capacity(self.line.len() + blank + self.after.len());
        body.extend_from_slice(self.line);
        body.resize(body.len() + blank, b'\n');
        body.extend_from_slice(self.after);
        body
    }
}

fn words(line: &[u8]) -> Result<Vec<String>, ScriptError> {
    if line.len() > MAX_SHEBANG {
        return Err(ScriptError::TooLong { length: line.len() });
    }
    let line = line.strip_suffix(b"\n").ok_or(ScriptError::NoNewline)?;
    if line.contains(&0) {
        return Err(ScriptError::Nul);
    }
    let line = std::str::from_utf8(&line[2..]).map_err(|_| ScriptError::NotUtf8)?;
    let words = shlex::split(line.trim()).ok_or(ScriptError::UnbalancedQuotes)?;
    match words.first() {
        None => Err(ScriptError::NoInterpreter),
        Some(program) if program.is_empty() => Err(ScriptError::NoInterpreter),
        Some(_) => Ok(words),
    }
}

#[cfg(test)]
mod tests;
