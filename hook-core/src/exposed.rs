//! Config files that hold secrets and can be read by every user of the machine.

use std::path::Path;

use crate::config;
use crate::diagnostic::{Diagnostic, Severity};

const CODE: &str = "readable-secrets";

/// Returns a warning if other users can read the file, and its content holds secrets.
#[must_use]
pub fn check(path: &Path, content: &[u8]) -> Option<Diagnostic> {
    let remedy = remedy(path)?;
    let text = String::from_utf8_lossy(content);
    let mut secrets = config::secrets(content).into_iter();
    // A value that comes from elsewhere is a secret, too, and not in the file.
    let is_exposed = secrets.any(|secret| !secret.is_empty() && text.contains(&secret));
    is_exposed.then(|| Diagnostic {
        severity: Severity::Warning,
        file: path.display().to_string().into(),
        line: 1,
        column: 1,
        length: 1,
        hook: None,
        code: CODE,
        message: "every user of this machine can read this file, which holds secrets".to_owned(),
        remedy: Some(remedy),
    })
}

/// Returns the command that keeps other users from reading a file; `None` if they cannot.
#[cfg(unix)]
fn remedy(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;

    use crate::vars::shell_escape;

    const READ: u32 = 0o004;
    const ENTER: u32 = 0o001;
    let path = path.canonicalize().ok()?;
    let file = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let allows = |path: &Path, bit| path.metadata().is_ok_and(|found| found.mode() & bit != 0);
    let mut folders = path.ancestors().skip(1);
    if !allows(&path, READ) || !folders.all(|folder| allows(folder, ENTER)) {
        return None;
    }
    let word = shell_escape(path.as_os_str().as_encoded_bytes());
    let word = String::from_utf8_lossy(&word);
    let own = rustix::process::geteuid();
    Some(match own.is_root() || own.as_raw() == file.uid() {
        true => format!(
            "chmod o-r {word} (a hookd of another user than the file's needs its group: chgrp)"
        ),
        false => {
            let group = rustix::process::getegid().as_raw();
            format!("as its owner: chgrp {group} {word} && chmod 640 {word}")
        }
    })
}

#[cfg(not(unix))]
fn remedy(_: &Path) -> Option<String> {
    None
}
