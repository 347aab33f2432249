//! The error of JSON that does not describe variables.

use std::fmt;

/// A fault in the JSON of variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VarsError {
    /// The path of the value, such as `repo.prunePolicy.maxUnusedBytes`; empty for the whole.
    pub path: String,
    /// The fault and what was expected instead, as a lower-case fragment.
    pub message: String,
    /// The key or name that may have been meant.
    pub suggestion: Option<String>,
}

impl fmt::Display for VarsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if let Some(meant) = &self.suggestion {
            write!(f, ", did you mean `{meant}`?")?;
        }
        Ok(())
    }
}

impl std::error::Error for VarsError {}
