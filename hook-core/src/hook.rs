//! Hooks: their conditions, their action, and the handling of their failures. Valid by
//! construction.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use process_supervisor::{HandOver, Privileges, ScriptLimits};

use crate::condition::Condition;
use crate::on_error::OnError;
use crate::source_location::{SourceRange, TextMap};
use crate::template::Template;

/// Level at which a hook is defined; hooks run in this order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// All events.
    Global,
    /// Events of the repository of that id.
    Repo(String),
    /// Events of the plan of that id.
    Plan(String),
}

/// Hook, as configured.
#[derive(Clone, Debug)]
pub struct Hook {
    /// The name, unique within a config: the given one, or `plan/home/hook/0` as Backrest
    /// has it.
    pub name: String,
    /// The level at which it is defined.
    pub scope: Scope,
    /// True if it runs. A disabled hook is shown as skipped when it would have run.
    pub enabled: bool,
    /// The conditions that it subscribes to; never empty, no duplicates, in file order.
    pub conditions: Vec<Condition>,
    /// The policy for its failure.
    pub on_error: OnError,
    /// Verdicts by exit code, which win over `on_error`.
    pub exit_codes: ExitCodes,
    /// Further tries of the same hook before its failure counts.
    pub retries: Option<Retries>,
    /// The number of attempts of the operation after which a retry policy means
    /// [`OnError::Fatal`]; `None` is unlimited.
    pub max_attempts: Option<NonZeroU32>,
    /// The bounds of one execution.
    pub limits: ScriptLimits,
    /// The lock that it holds while it runs, so that hooks with the same never overlap.
    pub lock: Option<String>,
    /// Its action.
    pub action: Action,
    /// Its location in the config file.
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

/// Action of a hook.
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

/// Script to render and run.
#[derive(Clone, Debug)]
pub struct CommandAction {
    /// The script's source.
    pub template: Template,
    /// The locations of the characters of that source in the file.
    pub text_map: TextMap,
    /// The way in which the interpreter gets the rendered script; `None` for the best one.
    pub via: Option<HandOver>,
    /// Variables set for this hook alone, over all others.
    pub env: BTreeMap<String, EnvValue>,
    /// True to give it only those variables of hookd's environment that programs need.
    pub clean_env: bool,
    /// The user it runs as, and its share of the machine.
    pub privileges: Privileges,
    /// The folder that it runs in; `/` if `None`.
    pub working_directory: Option<PathBuf>,
}

/// Value of a hook's variable.
#[derive(Clone, PartialEq, Eq)]
pub enum EnvValue {
    /// The text in the config.
    Plain(String),
    /// The value of a variable of hookd's own environment.
    FromEnv(String),
    /// The content of a file, without a newline at its end; read whenever the hook runs.
    FromFile(PathBuf),
}

impl EnvValue {
    /// Beginning of a path that lies in the folder of systemd's credentials.
    pub const CREDENTIALS: &str = "$CREDENTIALS_DIRECTORY";
}

impl std::fmt::Debug for EnvValue {
    /// Shows the source of a value and never the value, which may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EnvValue::Plain(_) => f.write_str("Plain(…)"),
            EnvValue::FromEnv(name) => f.debug_tuple("FromEnv").field(name).finish(),
            EnvValue::FromFile(path) => f.debug_tuple("FromFile").field(path).finish(),
        }
    }
}

/// Retries of a hook within one run, before its failure counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retries {
    /// The maximum number of retries.
    pub times: u32,
    /// The delay before the first retry.
    pub delay: Duration,
    /// The factor from one delay to the next; at least 1.
    pub factor: f64,
    /// The maximum delay.
    pub max_delay: Duration,
}

/// Meaning of the end of a hook, by the hook's own config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The hook succeeded.
    Ok,
    /// The hook succeeded, with a warning for people.
    Warn,
    /// The hook failed, and this policy applies.
    Failed(OnError),
}

/// Verdicts by exit code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExitCodes(Vec<(RangeInclusive<u8>, Verdict)>);

/// Exit code that two entries of `exitCodes` give a verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("exit code {code} has two verdicts")]
pub struct OverlappingExitCodes {
    /// The first exit code that is in both entries.
    pub code: u8,
}

impl ExitCodes {
    /// Adds a verdict for a range of codes.
    /// Fails if a code of the range has a verdict already. The range is not added then.
    pub fn insert(
        &mut self,
        range: RangeInclusive<u8>,
        verdict: Verdict,
    ) -> Result<(), OverlappingExitCodes> {
        let mut codes = range.clone();
        match codes.find(|code| self.verdict(i32::from(*code)).is_some()) {
            Some(code) => Err(OverlappingExitCodes { code }),
            None => {
                self.0.push((range, verdict));
                Ok(())
            }
        }
    }

    /// Returns the verdict that the config gives to a code, if any.
    #[must_use]
    pub fn verdict(&self, code: i32) -> Option<Verdict> {
        let code = u8::try_from(code).ok()?;
        let mut ranges = self.0.iter();
        let (_, verdict) = ranges.find(|(range, _)| range.contains(&code))?;
        Some(*verdict)
    }

    /// Returns the ranges and their verdicts, in file order.
    pub fn iter(&self) -> impl Iterator<Item = &(RangeInclusive<u8>, Verdict)> {
        self.0.iter()
    }
}

/// Location of a hook and its settings in the config file.
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
