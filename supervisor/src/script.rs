//! Scripts: the interpreter of a script, and the way in which it gets the script.

use crate::interpreter::{self, StdinDoubt};
use crate::shebang::{Shebang, ShebangError};

/// Parsed script, ready for its interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The program and its arguments; never empty. With [`HandOver::File`] the path of
    /// the script follows as the last argument.
    pub interpreter: Vec<String>,
    /// The bytes that the interpreter reads.
    ///
    /// On stdin, the text after the `#!` line. In a file, the whole script, so that line
    /// numbers in the interpreter's messages are those of the text.
    pub body: Vec<u8>,
    /// The way in which the interpreter gets the body.
    pub hand_over: HandOver,
}

/// Way in which an interpreter gets its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandOver {
    /// As the path of a private file, with an empty stdin.
    File,
    /// On stdin.
    Stdin,
}

impl Script {
    /// Parses a script. Its first line that is not blank is its `#!` line, if it starts with `#!`.
    /// With `via` as `None`, the script is handed over as a file if its interpreter is known to
    /// accept one, else on stdin.
    ///
    /// The line may be indented, because templates produce such indentation. It is split into words
    /// like in a POSIX shell. A script without such a line is run by `sh`, on Windows by
    /// PowerShell.
    ///
    /// # Errors
    /// Fails if the `#!` line names no program.
    pub fn parse(text: &[u8], via: Option<HandOver>) -> Result<Script, ShebangError> {
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let shebang = Shebang::find(text);
        let words = shebang.as_ref().map(Shebang::words).transpose()?;
        let takes_a_file = match words.as_deref() {
            Some(words) => interpreter::takes_a_path(words),
            None => !cfg!(windows),
        };
        let hand_over = via.unwrap_or(if takes_a_file {
            HandOver::File
        } else {
            HandOver::Stdin
        });
        let body = match (&shebang, hand_over) {
            (None, _) => text.to_vec(),
            (Some(shebang), HandOver::Stdin) => shebang.after.to_vec(),
            (Some(shebang), HandOver::File) => shebang.moved_to_the_top(),
        };
        Ok(Script {
            interpreter: words.unwrap_or_else(|| interpreter::default(hand_over)),
            body,
            hand_over,
        })
    }

    /// Returns the programs that the interpreter's words start, one through the other: `env`,
    /// `nice` and `bash` for `#!/usr/bin/env -S nice bash`. Behind a program that is not known to
    /// start another, there is none.
    #[must_use]
    pub fn programs(&self) -> Vec<String> {
        interpreter::programs(&self.interpreter)
    }

    /// Returns the reason to doubt that the script would run as meant on the interpreter's stdin.
    #[must_use]
    pub fn stdin_doubt(&self) -> Option<StdinDoubt> {
        interpreter::doubt(&self.interpreter)
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
