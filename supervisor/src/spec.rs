//! Specification of a script to run: the script, its environment, its limits and privileges.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::{Environment, Privileges, Script};

/// Specification of a script to run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ScriptSpec {
    /// The script.
    pub script: Script,
    /// The variables that it sees.
    pub environment: Environment,
    /// The folder that it runs in.
    pub working_directory: PathBuf,
    /// The bounds of its execution.
    pub limits: ScriptLimits,
    /// The folder for script files. Only this process's user should have access.
    pub script_dir: PathBuf,
    /// The mark by which its processes are recognised.
    pub mark: Mark,
    /// The user, resource limits and priorities of the script.
    pub privileges: Privileges,
    /// Contents of private files, by the variable that gets the file's path. Only the script's user
    /// can read the files, and they are removed when the script has ended.
    pub files: BTreeMap<String, Vec<u8>>,
    /// True to contain the script in a cgroup, where the kernel permits it.
    pub cgroups: bool,
}

impl ScriptSpec {
    /// Returns a script with the environment of this process, in `/`, within the default
    /// limits.
    #[must_use]
    pub fn new(script: Script, script_dir: PathBuf, mark: Mark) -> ScriptSpec {
        ScriptSpec {
            script,
            environment: Environment::default(),
            working_directory: PathBuf::from("/"),
            limits: ScriptLimits::default(),
            script_dir,
            mark,
            privileges: Privileges::default(),
            files: BTreeMap::new(),
            cgroups: true,
        }
    }
}

/// Bounds of one execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptLimits {
    /// The longest time that it may run.
    pub timeout: Duration,
    /// The time between TERM and KILL.
    pub grace: Duration,
    /// The number of output bytes that are kept, of both streams together.
    pub max_output: u64,
    /// True to end processes that outlive the script and hold its pipes.
    pub kill_leaked: bool,
}

impl Default for ScriptLimits {
    fn default() -> Self {
        ScriptLimits {
            timeout: Duration::from_secs(3600),
            grace: Duration::from_secs(10),
            max_output: 16 << 20,
            kill_leaked: false,
        }
    }
}

/// Application, and instance of it, that runs scripts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Owner {
    /// The name of the application; names of cgroups and temporary files begin with it.
    pub application: &'static str,
    /// The environment variable that carries the mark.
    pub variable: &'static str,
    /// The instance of the application; the same after a restart.
    pub instance: String,
}

/// Mark in the environment of every process of an execution, by which all its processes can be
/// found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mark {
    /// The application that it belongs to.
    pub owner: Owner,
    /// The execution that it belongs to; never used twice.
    pub execution: String,
}

impl Mark {
    /// Returns the value of the owner's variable.
    #[must_use]
    pub fn value(&self) -> String {
        format!("{}:{}", self.owner.instance, self.execution)
    }
}
