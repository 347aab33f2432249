//! Starting the interpreter.
//!
//! Where no privileges are asked for, there is no `pre_exec` closure and no uid change: so
//! `std` can use `posix_spawn`, whose cost does not grow with the daemon's memory.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use super::bounds::TEXT_BUSY;
use super::contain::Identity;
use super::error::StartError;
use super::leader::Leader;
use super::private::{Folder, PrivateFile};
use super::program;
use super::spec::{LeftOut, Spec};
use super::tree::Tree;
use crate::hook::Limits;
use crate::script::{HandOver, Script};

/// A script that runs. Dropping it kills everything it started.
#[derive(Debug)]
pub struct Running {
    // The tree comes before the leader: dropping it kills, and needs the leader's id, which
    // is free once the leader is dropped and reaped.
    pub(super) tree: Tree,
    pub(super) leader: Leader,
    pub(super) pipes: Pipes,
    pub(super) limits: Limits,
    pub(super) started: Instant,
    pub(super) files: Files,
    interpreter: Vec<String>,
    left_out: Vec<LeftOut>,
}

/// Our ends of a script's pipes.
#[derive(Debug)]
pub(super) struct Pipes {
    /// Its stdin and what is to be written to it.
    pub(super) stdin: Option<(ChildStdin, Vec<u8>)>,
    pub(super) stdout: Option<ChildStdout>,
    pub(super) stderr: Option<ChildStderr>,
}

/// What was handed over as files, to be removed at the end. The files go first.
#[derive(Debug)]
pub(super) struct Files {
    _private: Vec<PrivateFile>,
    _folder: Folder,
}

impl Running {
    /// The interpreter's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.leader.id()
    }

    /// The interpreter and its arguments as they were run, with the script's path if it
    /// was handed one.
    #[must_use]
    pub fn interpreter(&self) -> &[String] {
        &self.interpreter
    }

    /// The variables that the script does not see though they were set.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

/// Starts a script.
///
/// Must be called on a tokio runtime with IO and time.
///
/// # Errors
/// If the interpreter cannot be started; nothing is left behind then.
pub async fn start(spec: Spec) -> Result<Running, StartError> {
    let Spec {
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
    let identity = Identity::find(&privileges)?;
    let folder = Folder::new(&script_dir, &mark, identity.owner())?;
    let mut private = Vec::new();
    for (variable, content) in files {
        let file = folder.write(&content, "", false)?;
        let path = file.path().to_string_lossy().into_owned();
        environment.set.insert(variable, path);
        private.push(file);
    }
    let (variables, left_out) = environment.resolve(&mark, &identity.variables());
    check_folder(&working_directory)?;
    let name = script.interpreter.first().map_or("", String::as_str);
    let path = variables.get(OsStr::new("PATH")).map(OsString::as_os_str);
    let program = program::find(name, path, &working_directory)?;

    let mut interpreter = script.interpreter.clone();
    let (mut file, stdin) = match script.hand_over {
        HandOver::File => {
            let file = folder.write(&script.body, suffix(&script), true)?;
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
    let named = cgroups.then_some(&mark);
    let cgroup = identity.contain(&mut command, &privileges, &working_directory, named)?;
    let started = Instant::now();
    let mut child = match spawn(&mut command).await {
        Ok(child) => child,
        Err(error) => {
            // The folder may have gone since, which looks like a missing program.
            check_folder(&working_directory)?;
            let size = size(&interpreter, &variables);
            return Err(StartError::spawn(program, error, size));
        }
    };
    let pipes = Pipes {
        stdin: child.stdin.take().zip(stdin),
        stdout: child.stdout.take(),
        stderr: child.stderr.take(),
    };
    // A child has an id until it is reaped, which nobody did.
    let id = child.id().unwrap_or_default();
    // A script on stdin waits for the supervision to write it; with privileges to take on,
    // the child enters its cgroup by itself.
    let waits = file.as_ref().is_none_or(PrivateFile::is_shut) || !privileges.is_empty();
    let tree = Tree::new(id, &mark, cgroup, waits);
    if let Some(file) = &mut file {
        file.open_gate();
    }
    private.extend(file);
    Ok(Running {
        tree,
        leader: Leader::new(child, id),
        pipes,
        limits,
        started,
        files: Files {
            _private: private,
            _folder: folder,
        },
        interpreter,
        left_out,
    })
}

/// Spawns, again if the program's file is busy for a moment.
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

/// PowerShell runs only files that are named as its own.
fn suffix(script: &Script) -> &'static str {
    let powershell = |word: &String| word.contains("pwsh") || word.contains("powershell");
    if script.interpreter.iter().any(powershell) {
        ".ps1"
    } else {
        ""
    }
}

fn check_folder(path: &Path) -> Result<(), StartError> {
    let error = |source| StartError::WorkingDirectory {
        path: PathBuf::from(path),
        source,
    };
    match std::fs::metadata(path) {
        Ok(folder) if folder.is_dir() => Ok(()),
        Ok(_) => Err(error(io::ErrorKind::NotADirectory.into())),
        Err(source) => Err(error(source)),
    }
}

/// How many bytes arguments and environment take.
fn size(interpreter: &[String], variables: &BTreeMap<OsString, OsString>) -> usize {
    let arguments = interpreter.iter().map(|word| word.len() + 1);
    let variables = variables
        .iter()
        .map(|(name, value)| name.len() + value.len() + 2);
    arguments.chain(variables).sum()
}
