//! What this process inherited from its parent and its hooks must not.

use std::io;

/// Keeps open files, blocked signals and ignored signals from hooks. Returns whether SIGHUP was
/// ignored, as `nohup` has it.
///
/// To be called first in `main`, while there is only one thread.
///
/// # Errors
/// Fails if the open files cannot be listed or changed.
pub fn shed() -> io::Result<bool> {
    #[cfg(unix)]
    {
        process_supervisor::seal_descriptors()?;
        Ok(process_supervisor::reset_signals())
    }
    #[cfg(not(unix))]
    Ok(false)
}
