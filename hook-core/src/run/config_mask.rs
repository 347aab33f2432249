//! Mask over all secrets of a config, which follows the files that hold some of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::task::spawn_blocking;

use crate::apart::{self, ApartError};
use crate::run::address_secrets::secrets_of_settings;
use crate::run::config_secrets::ConfigSecrets;
use crate::run::mask::Mask;
use crate::run::secrets;

/// Number of values of a file that are masked: the present one, and the one before, which
/// hooks under way may have.
const VALUES_OF_A_FILE: usize = 2;

/// Longest wait for a look at the files of other hooks, one of which may be on a disk that does
/// not answer. Their last known values are masked then.
const LOOK_TIMEOUT: Duration = Duration::from_secs(1);

/// Values of files, by path.
pub type FileValues = BTreeMap<PathBuf, String>;

/// Mask over all secrets of a config. It is built once for each set of secrets.
#[derive(Debug, Default)]
pub struct ConfigMask {
    /// The secrets of the config.
    pub secrets: ConfigSecrets,
    state: Mutex<MaskState>,
    /// Held while a mask is built, and never by an async thread for long.
    building: Mutex<()>,
    /// Alive during a look at the files that takes too long. No other begins before it ends.
    overdue: Mutex<Weak<()>>,
}

#[derive(Debug, Default)]
struct MaskState {
    /// The last values of each file, the latest last.
    of_files: BTreeMap<PathBuf, Vec<String>>,
    /// `None` until it is built.
    mask: Option<Mask>,
}

impl ConfigMask {
    /// Returns a mask that is built when it is first needed.
    #[must_use]
    pub fn new(secrets: ConfigSecrets) -> ConfigMask {
        ConfigMask {
            secrets,
            ..ConfigMask::default()
        }
    }

    /// Returns the mask over the secrets known at this moment.
    pub fn mask(&self) -> Mask {
        let mask = lock(&self.state).mask.clone();
        mask.unwrap_or_else(|| self.learn(BTreeMap::new()))
    }

    /// Returns the mask after a look at all files with secrets.
    pub async fn up_to_date(self: &Arc<Self>) -> Mask {
        if self.secrets.files.is_empty() || self.is_overdue() {
            return self.mask();
        }
        let (this, under_way) = (Arc::clone(self), Arc::new(()));
        let overdue = Arc::downgrade(&under_way);
        let look = apart::run(LOOK_TIMEOUT, move || {
            let _under_way = under_way;
            this.values_of_files()
        });
        match look.await {
            Ok(values) => self.with(values).await,
            Err(error) => {
                if matches!(error, ApartError::TooSlow(_)) {
                    *lock(&self.overdue) = overdue;
                }
                self.mask()
            }
        }
    }

    /// Returns the mask with these values, which a hook got from files.
    pub async fn with(self: &Arc<Self>, values: FileValues) -> Mask {
        let known = {
            let state = lock(&self.state);
            let known = values.iter().all(|(path, value)| state.knows(path, value));
            state.mask.clone().filter(|_| known)
        };
        match known {
            Some(mask) => mask,
            None => {
                let this = Arc::clone(self);
                let learned = spawn_blocking(move || this.learn(values)).await;
                learned.unwrap_or_else(|_| self.mask())
            }
        }
    }

    fn is_overdue(&self) -> bool {
        lock(&self.overdue).strong_count() > 0
    }

    /// Reads all files with secrets.
    fn values_of_files(&self) -> FileValues {
        let values = self.secrets.files.iter().filter_map(|path| {
            let value = secrets::peek(path).ok()?;
            Some((path.clone(), value))
        });
        values.collect()
    }

    /// Builds the mask anew if one of these values is new.
    fn learn(&self, values: FileValues) -> Mask {
        let _one_at_a_time = lock(&self.building);
        let all: BTreeSet<String> = {
            let mut state = lock(&self.state);
            let mut changed = state.mask.is_none();
            let news = values
                .into_iter()
                .filter(|(path, value)| !state.knows(path, value));
            for (path, value) in news.collect::<Vec<_>>() {
                let of_file = state.of_files.entry(path).or_default();
                of_file.push(value);
                let old = of_file.len().saturating_sub(VALUES_OF_A_FILE);
                of_file.drain(..old);
                changed = true;
            }
            if let Some(mask) = state.mask.as_ref().filter(|_| !changed) {
                return mask.clone();
            }
            let of_files = state.of_files.values().flatten();
            of_files.chain(&self.secrets.values).cloned().collect()
        };
        let within: BTreeSet<String> = all
            .iter()
            .flat_map(|text| secrets_of_settings(text))
            .collect();
        let mask = Mask::new(all.union(&within).map(String::as_str));
        lock(&self.state).mask = Some(mask.clone());
        mask
    }
}

impl MaskState {
    fn knows(&self, path: &Path, value: &String) -> bool {
        self.of_files.get(path).is_some_and(|of| of.contains(value))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
