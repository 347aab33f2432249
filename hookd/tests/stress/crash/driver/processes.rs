//! Processes that a daemon's hooks left behind.

use std::fs;
use std::path::Path;

use anyhow::Result;

/// Returns the processes with the mark of this daemon's hooks, and the start time of each.
pub(super) fn processes(state: &Path) -> Result<Vec<(String, String)>> {
    let instance = fs::read_to_string(state.join("instance"))?;
    let mark = format!("HOOKD_RUN={}:", instance.trim());
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let pid = entry.file_name().to_string_lossy().into_owned();
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        if String::from_utf8_lossy(&environment).contains(&mark)
            && let Some(began) = began_at(&pid)
        {
            found.push((pid, began));
        }
    }
    Ok(found)
}

/// Returns the start time of a process; `None` if it is gone or a zombie.
pub(super) fn began_at(pid: &str) -> Option<String> {
    let stat = fs::read_to_string(Path::new("/proc").join(pid).join("stat")).ok()?;
    let mut fields = stat.rsplit(") ").next()?.split(' ');
    let state = fields.next()?;
    (state != "Z").then(|| fields.nth(18).unwrap_or_default().to_owned())
}
