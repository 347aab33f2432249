//! Hooks: when to act, what to do, and what its failure means. Valid by construction.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use process_supervisor::{Limits, Privileges, ScriptVia};

use crate::condition::Condition;
use crate::on_error::OnError;
use crate::source_location::{SourceRange, TextMap};
use crate::template::Template;

/// Where a hook is defined; hooks run in this order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// For every event.
    Global,
    /// For events of the repository of that id.
    Repo(String),
    /// For events of the plan of that id.
    Plan(String),
}

/// A hook as configured.
#[derive(Clone, Debug)]
pub struct Hook {
    /// Unique within a config: the given name, or `plan/home/hook/0` as Backrest has it.
    pub name: String,
    /// Where it is defined.
    pub scope: Scope,
    /// A disabled hook is shown as skipped when it would have run.
    pub enabled: bool,
    /// What it subscribes to; never empty, no duplicates, in file order.
    pub conditions: Vec<Condition>,
    /// What its failure means.
    pub on_error: OnError,
    /// Verdicts by exit code, which win over `on_error`.
    pub exit_codes: ExitCodes,
    /// Running the same hook again before its failure counts.
    pub retries: Option<Retries>,
    /// How many attempts of the operation a retry policy grants before it means
    /// [`OnError::Fatal`]; unlimited if absent.
    pub max_attempts: Option<NonZeroU32>,
    /// The bounds of one execution.
    pub limits: Limits,
    /// The lock that it holds while it runs, so that hooks with the same never overlap.
    pub lock: Option<String>,
    /// What it does.
    pub action: Action,
    /// Where it stands in the file.
    pub source: HookSource,
}

impl Hook {
    /// Returns the policies that a failure of the hook can have.
    pub fn policies(&self) -> impl Iterator<Item = OnError> {
        let by_code = self
            .exit_codes
            .iter()
            .filter_map(|(_, verdict)| match verdict {
                Verdict::Failed(policy) => Some(*policy),
                Verdict::Ok | Verdict::Warn => None,
            });
        std::iter::once(self.on_error).chain(by_code)
    }
}

/// What a hook does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Runs a script.
    Command(Box<CommandAction>),
    /// An action of Backrest that this version does not run. Only a disabled hook has it.
    Unsupported {
        /// Its key in the file, such as `actionDiscord`.
        key: &'static str,
    },
}

/// A script to render and run.
#[derive(Clone, Debug)]
pub struct CommandAction {
    /// The script's source.
    pub template: Template,
    /// Where the characters of that source stand in the file.
    pub text_map: TextMap,
    /// How the interpreter gets the rendered script.
    pub via: ScriptVia,
    /// Variables set for this hook alone, over all others.
    pub env: BTreeMap<String, EnvValue>,
    /// Whether hookd's own environment is kept from it, but for what programs need.
    pub clean_env: bool,
    /// As whom it runs, and how much of the machine it may use.
    pub privileges: Privileges,
    /// The folder it runs in; `/` if absent.
    pub working_directory: Option<PathBuf>,
}

/// The value of a hook's variable.
#[derive(Clone, PartialEq, Eq)]
pub enum EnvValue {
    /// As it stands in the config.
    Plain(String),
    /// That of a variable of hookd's own environment.
    FromEnv(String),
    /// The content of a file, without a newline at its end; read whenever the hook runs.
    FromFile(PathBuf),
}

impl EnvValue {
    /// How a path begins that lies in the folder of systemd's credentials.
    pub const CREDENTIALS: &str = "$CREDENTIALS_DIRECTORY";
}

impl std::fmt::Debug for EnvValue {
    /// Shows where a value comes from and never the value, which may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EnvValue::Plain(_) => f.write_str("Plain(…)"),
            EnvValue::FromEnv(name) => f.debug_tuple("FromEnv").field(name).finish(),
            EnvValue::FromFile(path) => f.debug_tuple("FromFile").field(path).finish(),
        }
    }
}

/// Running the same hook again before its failure counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retries {
    /// How often at most, after the first time.
    pub times: u32,
    /// The delay before the first retry.
    pub delay: Duration,
    /// What each delay is multiplied with for the next; at least 1.
    pub factor: f64,
    /// The longest delay.
    pub max_delay: Duration,
}

/// What an exit code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The hook succeeded.
    Ok,
    /// The hook succeeded, but somebody should look.
    Warn,
    /// The hook failed, and this follows.
    Failed(OnError),
}

/// Verdicts by exit code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExitCodes(Vec<(std::ops::RangeInclusive<u8>, Verdict)>);

/// Two entries of `exitCodes` give the same code a meaning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("exit code {code} has two verdicts")]
pub struct OverlappingExitCodes {
    /// The first code that is in both.
    pub code: u8,
}

impl ExitCodes {
    /// A mapping of those ranges.
    ///
    /// # Errors
    /// If two ranges overlap.
    pub fn new(
        ranges: Vec<(std::ops::RangeInclusive<u8>, Verdict)>,
    ) -> Result<ExitCodes, OverlappingExitCodes> {
        for (i, (a, _)) in ranges.iter().enumerate() {
            for (b, _) in &ranges[..i] {
                let code = *a.start().max(b.start());
                if a.contains(&code) && b.contains(&code) {
                    return Err(OverlappingExitCodes { code });
                }
            }
        }
        Ok(ExitCodes(ranges))
    }

    /// The verdict that the config gives to a code, if any.
    #[must_use]
    pub fn verdict(&self, code: i32) -> Option<Verdict> {
        let code = u8::try_from(code).ok()?;
        self.0
            .iter()
            .find(|(range, _)| range.contains(&code))
            .map(|(_, verdict)| *verdict)
    }

    /// The ranges and their verdicts, in file order.
    pub fn iter(&self) -> impl Iterator<Item = &(std::ops::RangeInclusive<u8>, Verdict)> {
        self.0.iter()
    }
}

/// Where a hook and its settings stand in the config file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HookSource {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The beginning of the hook.
    pub range: SourceRange,
    /// Its `onError`.
    pub on_error: Option<SourceRange>,
    /// Its `exitCodes`.
    pub exit_codes: Option<SourceRange>,
    /// Its `maxAttempts`.
    pub max_attempts: Option<SourceRange>,
}
