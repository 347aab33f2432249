//! The variables of templates: the facts that a template can use when a hook is rendered.
//!
//! [`Vars`] holds them, `json` reads and writes them, `tables` describes them to the template
//! engines, and `methods` are the functions that templates can call on them.

mod enums;
mod error;
mod json;
pub(crate) mod methods;
mod model;
mod summary;
pub(crate) mod tables;
mod template_struct;
pub(crate) mod time;
mod variable_name;

pub use enums::{CpuNice, IoNice, Trigger};
pub use error::VarsError;
pub use methods::{apple_script_escape, power_shell_escape, shell_escape, url_escape};
pub use model::{CommandPrefix, PlanVars, PrunePolicy, RepoVars, SnapshotStats, Vars};
pub use time::{Duration, Time};
pub(crate) use variable_name::{OWN_VARIABLES, is_own_variable};
pub use variable_name::{PREFIX, colliding_labels, label_variable};
