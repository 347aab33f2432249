//! Start of a script's interpreter.
//!
//! With a cgroup and without privileges, the spawn has no `pre_exec` closure and no uid
//! change, so that `std` uses `posix_spawn`, whose cost does not grow with this process's
//! memory.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

#[cfg(unix)]
use crate::account::Account;
use crate::bounds::TEXT_BUSY;
use crate::find_program::find_program;
use crate::leader::Leader;
use crate::private_files::{PrivateFile, PrivateFolder, name_in_files};
use crate::tree::Tree;
use crate::{CutVariable, HandOver, OutputFilter, Script, ScriptLimits, ScriptSpec, SpawnError};

/// Running script. Dropping it kills all processes that it started.
#[derive(Debug)]
pub struct RunningScript {
    // Declared before the leader, and so dropped first: dropping the tree kills it by the leader's
    // id, which may be reused once the leader is dropped and reaped.
    pub(crate) tree: Tree,
    pub(crate) leader: Leader,
    /// Its stdin, and the bytes to write to it.
    pub(crate) stdin: Option<(ChildStdin, Vec<u8>)>,
    pub(crate) stdout: Option<ChildStdout>,
    pub(crate) stderr: Option<ChildStderr>,
    pub(crate) filter: Option<Box<dyn OutputFilter>>,
    pub(crate) limits: ScriptLimits,
    pub(crate) started: Instant,
    /// The private files. They are removed before their folder.
    pub(crate) files: (Vec<PrivateFile>, PrivateFolder),
    interpreter: Vec<String>,
    cut_variables: Vec<CutVariable>,
}

impl RunningScript {
    /// Returns the process id of the interpreter.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.leader.id()
    }

    /// Returns the interpreter and its arguments as they were run, including the script's path if
    /// it was passed as a file.
    #[must_use]
    pub fn interpreter(&self) -> &[String] {
        &self.interpreter
    }

    /// Returns the variables whose values were cut.
    #[must_use]
    pub fn cut_variables(&self) -> &[CutVariable] {
        &self.cut_variables
    }

    /// Passes all output through a filter, before `max_output` cuts it.
    #[must_use]
    pub fn filter_output(mut self, filter: Box<dyn OutputFilter>) -> RunningScript {
        self.filter = Some(filter);
        self
    }
}

/// Starts a script.
///
/// Must be called on a tokio runtime with IO and time.
///
/// # Errors
/// Fails if the interpreter cannot be started. Nothing is left behind then.
pub async fn start(spec: ScriptSpec) -> Result<RunningScript, SpawnError> {
    let ScriptSpec {
        script,
        mut environment,
        working_directory,
        limits,
        script_dir,
        mark,
        privileges,
        files,
        cgroups,
    } = spec;
    #[cfg(not(target_os = "linux"))]
    if let Some(error) = privileges.not_here().next() {
        return Err(error.into());
    }
    #[cfg(unix)]
    let account = Account::find(&privileges)?;
    #[cfg(unix)]
    let (user, user_variables) = account.as_ref().map_or_else(Default::default, |account| {
        (account.file_owner(), account.variables())
    });
    #[cfg(not(unix))]
    let (user, user_variables) = (None, Vec::new());
    let folder = PrivateFolder::new(&script_dir, &mark.owner, user)?;
    let mut private = Vec::new();
    for (variable, content) in files {
        // By its name a later process of the owner knows that the script had not ended.
        let file = folder.write(&name_in_files(&mark), &content, "", false)?;
        let path = file.path().to_string_lossy().into_owned();
        environment.set.insert(variable, path);
        private.push(file);
    }
    let (variables, cut_variables) = environment.resolve(&mark, &user_variables)?;
    check_folder(&working_directory)?;
    let name = script.interpreter.first().map_or("", String::as_str);
    let path = variables.get(OsStr::new("PATH")).map(OsString::as_os_str);
    let program = find_program(name, path, &working_directory)?;

    let mut interpreter = script.interpreter.clone();
    let (mut file, stdin) = match script.hand_over {
        HandOver::File => {
            let file = folder.write("", &script.body, suffix(&script), true)?;
            interpreter.push(file.path().to_string_lossy().into_owned());
            (Some(file), None)
        }
        HandOver::Stdin => (None, Some(script.body)),
    };

    let mut command = Command::new(&program);
    command
        .args(interpreter.iter().skip(1))
        .env_clear()
        .envs(&variables)
        .stdin(if stdin.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    let cgroup = crate::contain::contain(
        &mut command,
        &privileges,
        account.as_ref(),
        &working_directory,
        cgroups.then_some(&mark),
    )?;
    #[cfg(not(unix))]
    let cgroup = {
        command.current_dir(&working_directory);
        let _ = cgroups;
        None
    };
    let started = Instant::now();
    let mut child = match spawn(&mut command).await {
        Ok(child) => child,
        Err(error) => {
            // The folder may have been removed since, which looks like a missing program.
            check_folder(&working_directory)?;
            let size = size(&interpreter, &variables);
            return Err(SpawnError::spawn(program, error, size));
        }
    };
    // A child has an id until it is reaped.
    let id = child.id().unwrap_or_default();
    // A script on stdin does not run before the supervision writes it; with privileges, the child
    // moves itself into its cgroup.
    let waits = file.as_ref().is_none_or(PrivateFile::is_leased) || !privileges.is_empty();
    let tree = Tree::new(id, mark, cgroup, waits);
    if let Some(file) = &mut file {
        file.end_lease();
    }
    private.extend(file);
    Ok(RunningScript {
        tree,
        stdin: child.stdin.take().zip(stdin),
        stdout: child.stdout.take(),
        stderr: child.stderr.take(),
        leader: Leader::new(child, id),
        filter: None,
        limits,
        started,
        files: (private, folder),
        interpreter,
        cut_variables,
    })
}

/// Spawns the command; tries again if the program's file is open for writing for a moment.
async fn spawn(command: &mut Command) -> io::Result<Child> {
    let (tries, mut pause) = TEXT_BUSY;
    for _ in 1..tries {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            result => return result,
        }
    }
    command.spawn()
}

/// Returns the suffix of a script's file: PowerShell runs only files named `.ps1`.
fn suffix(script: &Script) -> &'static str {
    let powershell = |word: &String| word.contains("pwsh") || word.contains("powershell");
    if script.interpreter.iter().any(powershell) {
        ".ps1"
    } else {
        ""
    }
}

fn check_folder(path: &Path) -> Result<(), SpawnError> {
    let error = |source| SpawnError::WorkingDirectory {
        path: PathBuf::from(path),
        source,
    };
    match std::fs::metadata(path) {
        Ok(folder) if folder.is_dir() => Ok(()),
        Ok(_) => Err(error(io::ErrorKind::NotADirectory.into())),
        Err(source) => Err(error(source)),
    }
}

/// Returns the number of bytes of arguments and environment.
fn size(interpreter: &[String], variables: &BTreeMap<OsString, OsString>) -> usize {
    let arguments = interpreter.iter().map(|word| word.len() + 1);
    let variables = variables
        .iter()
        .map(|(name, value)| name.len() + value.len() + 2);
    arguments.chain(variables).sum()
}
