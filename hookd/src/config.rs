//! The config in force, and loading it anew.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use hook_core::catalog::{self, Catalog};
use hook_core::diagnostic::Diagnostic;
use hook_core::load::{self, LoadError};
use hook_core::{file, lint};
use jiff::Timestamp;
use tracing::{info, warn};

use crate::settings::{self, SettingsLayer};

/// The config in force.
#[derive(Debug)]
pub struct Config {
    file: PathBuf,
    current: RwLock<LoadedConfig>,
    /// Held while the file is loaded again: the last to read it is the last to put it in force.
    reloading: Mutex<()>,
    /// Fingerprint of the file that the last reload refused; `None` if it refused none.
    refused: Mutex<Option<String>>,
}

/// A config that was loaded.
#[derive(Clone, Debug)]
pub struct LoadedConfig {
    /// The repositories, plans and hooks.
    pub catalog: Arc<Catalog>,
    /// The warnings about the file.
    pub warnings: Arc<[Diagnostic]>,
    /// The time of loading.
    pub loaded_at: Timestamp,
}

/// A config file, compared with what was loaded from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// The file has not changed.
    Loaded,
    /// The file has changed.
    Changed,
    /// The last reload found faults, and no reload has succeeded since.
    Refused,
    /// The file is no longer there, or cannot be read.
    Unreadable,
}

impl Config {
    /// Loads a config. Also returns its `server` settings, which take effect only at the
    /// start.
    /// Fails if the file cannot be read or is faulty.
    pub fn load(file: &Path) -> Result<(Config, SettingsLayer), LoadError> {
        let (loaded, settings) = load(file)?;
        Ok((
            Config {
                file: file.to_owned(),
                current: RwLock::new(loaded),
                reloading: Mutex::new(()),
                refused: Mutex::new(None),
            },
            settings,
        ))
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Returns the config in force at this moment.
    #[must_use]
    pub fn current(&self) -> LoadedConfig {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Compares the file as it is now with what is in force. May block for
    /// [`READ_LIMIT`](file::READ_LIMIT).
    #[must_use]
    pub fn file_state(&self) -> FileState {
        match file::read(&self.file, load::MAX_CONFIG) {
            Ok(text) => self.state_of(&catalog::etag(&text)),
            Err(_) => FileState::Unreadable,
        }
    }

    fn state_of(&self, etag: &str) -> FileState {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let is_loaded = etag == self.current().catalog.etag();
        match &*refused {
            // A file is refused with the content in force if something that it refers to is gone.
            Some(refused) if !is_loaded || refused == etag => FileState::Refused,
            _ if is_loaded => FileState::Loaded,
            _ => FileState::Changed,
        }
    }

    /// Loads the file again. A faulty one changes nothing; runs under way keep the
    /// config that they began with.
    /// Fails if the file cannot be read or is faulty.
    pub fn reload(&self) -> Result<LoadedConfig, LoadError> {
        let _one_at_a_time = self
            .reloading
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let result = load(&self.file);
        match &result {
            Ok((loaded, _)) => {
                info!(
                    etag = loaded.catalog.etag(),
                    hooks = loaded.catalog.all_hooks().count(),
                    "config loaded anew"
                );
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = loaded.clone();
            }
            Err(error) => warn!(%error, "config not loaded: the one before stays in force"),
        }
        let refused = match &result {
            Err(LoadError::Invalid(_)) => file::read(&self.file, load::MAX_CONFIG).ok(),
            Ok(_) | Err(LoadError::Unreadable { .. }) => None,
        };
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) =
            refused.map(|text| catalog::etag(&text));
        result.map(|(loaded, _)| loaded)
    }
}

fn load(file: &Path) -> Result<(LoadedConfig, SettingsLayer), LoadError> {
    let load::Loaded {
        catalog,
        mut warnings,
        server,
    } = load::load(file, settings::read_section)?;
    warnings.extend(lint::absent(&catalog));
    // A check may run with another environment than the daemon's.
    warnings.extend(lint::unset_sources(&catalog));
    // Built now, so that no run waits for it.
    catalog.mask().mask();
    let loaded = LoadedConfig {
        catalog: Arc::new(catalog),
        warnings: warnings.into(),
        loaded_at: Timestamp::now(),
    };
    Ok((loaded, server))
}
