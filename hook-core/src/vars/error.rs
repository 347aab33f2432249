//! Why JSON could not be read as variables.

use std::fmt;

/// JSON that is not a set of variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VarsError {
    /// Where in the JSON: `repo.prunePolicy.maxUnusedBytes`, empty for the whole.
    pub path: String,
    /// What is wrong and what was expected, as a lower-case fragment.
    pub message: String,
    /// What may have been meant.
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
