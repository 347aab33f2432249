//! Script files: private, and gone when the hook is.

use std::io::{self, Write};
use std::path::Path;

use super::error::StartError;
use crate::script::Script;

/// What names of script files start with, so that leftovers are recognised.
pub(super) const PREFIX: &str = "hook-";

/// A file that holds a script. Dropping it removes it.
#[derive(Debug)]
pub(super) struct ScriptFile {
    path: tempfile::TempPath,
    /// The file itself, for as long as nobody may open it.
    gate: Option<std::fs::File>,
}

impl ScriptFile {
    /// Writes the script to a new file in that folder, which nobody else can read.
    ///
    /// On Linux nobody can open it until [`open_gate`](Self::open_gate) is called: so the
    /// interpreter is in its cgroup before it can start anything for the script.
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
            let (file, path) = file.into_parts();
            Ok(ScriptFile {
                path,
                gate: Some(file).filter(shut),
            })
        };
        write().map_err(|source| StartError::script_file(folder.to_owned(), source))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Lets the interpreter read the script.
    pub(super) fn open_gate(&mut self) {
        #[cfg(target_os = "linux")]
        if let Some(file) = &self.gate {
            // Another thread's child may hold the file open for a moment more, so that
            // dropping it is not enough.
            let _ = super::sys::unlease(file);
        }
        self.gate = None;
    }
}

/// Has whoever opens the file wait; `false` where that cannot be done.
#[cfg(target_os = "linux")]
fn shut(file: &std::fs::File) -> bool {
    super::sys::lease(file).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn shut(_file: &std::fs::File) -> bool {
    false
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
