//! Reading the `#!` line of a script.

/// Longest `#!` line, in bytes. Linux itself reads at most 256 bytes.
pub const MAX_SHEBANG: usize = 4096;

/// `#!` line that names no program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShebangError {
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

/// Script that starts with a `#!` line, split into three parts.
pub(crate) struct Shebang<'a> {
    /// The blank lines before it.
    before: &'a [u8],
    /// The line from `#!` on, with its newline unless the script ends in it.
    line: &'a [u8],
    /// The rest of the script.
    pub(crate) after: &'a [u8],
}

impl<'a> Shebang<'a> {
    /// Splits a script at its `#!` line; `None` if its first line that is not blank is no such
    /// line.
    pub(crate) fn find(text: &'a [u8]) -> Option<Shebang<'a>> {
        let start = text.iter().position(|b| !b.is_ascii_whitespace())?;
        let (before, rest) = text.split_at(start);
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

    /// Returns the program and its arguments.
    ///
    /// # Errors
    /// Fails if the line names no program.
    pub(crate) fn words(&self) -> Result<Vec<String>, ShebangError> {
        let length = self.line.len();
        if length > MAX_SHEBANG {
            return Err(ShebangError::TooLong { length });
        }
        let line = self.line.strip_suffix(b"\n");
        let line = line.ok_or(ShebangError::NoNewline)?;
        if line.contains(&0) {
            return Err(ShebangError::Nul);
        }
        let line = std::str::from_utf8(&line[2..]).map_err(|_| ShebangError::NotUtf8)?;
        let words = shlex::split(line.trim()).ok_or(ShebangError::UnbalancedQuotes)?;
        match words.first() {
            Some(program) if !program.is_empty() => Ok(words),
            _ => Err(ShebangError::NoInterpreter),
        }
    }

    /// Returns the script with the `#!` line first and the blank lines after it, so that line
    /// numbers after them stay the same. Node, PHP and Lua accept a `#!` line only as the first
    /// line.
    pub(crate) fn moved_to_the_top(&self) -> Vec<u8> {
        let blank = self.before.iter().filter(|b| **b == b'\n').count();
        [self.line, &vec![b'\n'; blank], self.after].concat()
    }
}
