//! The file in which a script finds all variables of its template.

use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::vars::Vars;

/// A JSON file of all template variables, private to its owner; gone when dropped.
#[derive(Debug)]
pub(super) struct EventFile(NamedTempFile);

impl EventFile {
    /// Writes the variables into a new file in that folder.
    ///
    /// # Errors
    /// If the file cannot be made or written.
    pub(super) fn write(dir: &Path, vars: &Vars) -> io::Result<EventFile> {
        let mut file = tempfile::Builder::new()
            .prefix("event-")
            .suffix(".json")
            .tempfile_in(dir)?;
        serde_json::to_writer(&mut file, &vars.to_json())?;
        file.flush()?;
        Ok(EventFile(file))
    }

    /// Where it is.
    #[must_use]
    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }
}
