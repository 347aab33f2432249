//! Script files: private, and gone when the hook is.

use std::io::{self, Write};
use std::path::Path;

use super::error::StartError;
use crate::script::Script;

/// What names of script files start with, so that leftovers are recognised.
pub(super) const PREFIX: &str = "hook-";

/// A file that holds a script. Dropping it removes it.
#[derive(Debug)]
pub(super) struct ScriptFile(tempfile::TempPath);

impl ScriptFile {
    /// Writes the script to a new file in that folder, which nobody else can read.
    ///
    /// # Errors
    /// If the folder is missing, not ours or full.
    pub(super) fn write(script: &Script, folder: &Path) -> Result<ScriptFile, StartError> {
        let write = || -> io::Result<ScriptFile> {
            let mut file = tempfile::Builder::new()
                .prefix(PREFIX)
                .suffix(suffix(script))
                .tempfile_in(folder)?;
            file.write_all(&script.body)?;
            Ok(ScriptFile(file.into_temp_path()))
        };
        write().map_err(|source| StartError::script_file(folder.to_owned(), source))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

/// PowerShell runs only files that are named as its own.
fn suffix(script: &Script) -> &'static str {
    let powershell = |word: &String| word.contains("pwsh") || word.contains("powershell");
    if script.interpreter.iter().any(powershell) {
        ".ps1"
    } else {
        ""
    }
}
