//! Launch of one hook of a run: rendering its script, gathering its surroundings, and
//! starting it.

use std::collections::BTreeMap;

use bytes::Bytes;
use process_supervisor::{
    CutVariable, Environment, Mark, Owner, RunningScript, Script, ScriptSpec,
};
use tokio::sync::watch;

use crate::apart::{self, ApartError};
use crate::hook::{Action, CommandAction, EnvValue};
use crate::run::course::HookRun;
use crate::run::execute::stopped_outcome;
use crate::run::journal::{MAX_MESSAGE, MAX_SCRIPT};
use crate::run::mask::{MAX_PATTERN, Mask};
use crate::run::outcome::Outcome;
use crate::run::setting::RunSetting;
use crate::run::stop::StopReason;
use crate::run::{secrets, variables};
use crate::template::TemplateError;
use crate::vars::{PREFIX, Vars};

/// Hook that runs.
#[derive(Debug)]
pub(super) struct LaunchedHook {
    pub(super) running: RunningScript,
    /// The script as it is in the journal: secrets masked, and cut if it is long.
    pub(super) script: Bytes,
    /// The interpreter and its arguments, secrets masked.
    pub(super) interpreter: Vec<String>,
    pub(super) notes: Vec<String>,
    /// What the decision of the run warns of.
    pub(super) warnings: Vec<String>,
    pub(super) mask: Mask,
}

/// Rendered script of a hook, with its interpreter and variables.
#[derive(Clone, Debug)]
pub struct RenderedHook {
    /// The text that the template gave.
    pub text: Bytes,
    /// The interpreter, and the script in the form in which it is passed.
    pub script: Script,
    /// The variables that the template saw.
    pub vars: Vars,
}

/// Renders a hook's script, without executing anything.
/// Returns the outcome that the hook would have: the script cannot be rendered, or its `#!`
/// line names no interpreter.
pub fn render(setting: &RunSetting, run: &HookRun) -> Result<RenderedHook, Outcome> {
    let vars = variables::vars(&setting.event, run, setting.repo.as_ref(), &setting.plan);
    let Action::Command(command) = &run.hook.action else {
        return Err(unsupported());
    };
    let text = command.template.render(&vars);
    script_of(command, vars, text)
}

/// Renders a hook's script on a thread of its own, within the hook's own timeout.
async fn render_apart(
    setting: &RunSetting,
    run: &HookRun,
    command: &CommandAction,
) -> Result<RenderedHook, Outcome> {
    let vars = variables::vars(&setting.event, run, setting.repo.as_ref(), &setting.plan);
    let (template, limit) = (command.template.clone(), run.hook.limits.timeout);
    let rendered = apart::run(limit, move || {
        let text = template.render_within(&vars, limit);
        (vars, text)
    });
    let (vars, text) = rendered.await.map_err(|error| Outcome::FailedToRender {
        message: match error {
            ApartError::TooSlow(limit) => format!("the template takes longer than {limit:?}"),
            error => error.to_string(),
        },
        line: 1,
        column: 1,
    })?;
    script_of(command, vars, text)
}

/// Returns the values of a hook's variables. Files that the hook names are looked at on a
/// thread of its own, within the hook's own timeout.
async fn values(
    run: &HookRun,
    command: &CommandAction,
) -> Result<BTreeMap<String, String>, Outcome> {
    let folder = command.working_directory.clone();
    let is_file = |value: &EnvValue| matches!(value, EnvValue::FromFile(_));
    if folder.is_none() && !command.env.values().any(is_file) {
        return secrets::resolve(command).map_err(|e| failed_to_start(&e));
    }
    let (command, limit) = (command.clone(), run.hook.limits.timeout);
    let resolved = apart::run(limit, move || {
        // A folder on a mount that does not answer has to block this thread, and not the one
        // that spawns.
        let _ = folder.map(std::fs::metadata);
        secrets::resolve(&command)
    });
    match resolved.await {
        Ok(values) => values.map_err(|e| failed_to_start(&e)),
        Err(error) => Err(Outcome::FailedToStart {
            message: format!("`fromFile` or `workingDirectory`: {error}; is its mount gone?"),
        }),
    }
}

fn script_of(
    command: &CommandAction,
    vars: Vars,
    text: Result<Vec<u8>, TemplateError>,
) -> Result<RenderedHook, Outcome> {
    let text = text.map_err(|e| Outcome::FailedToRender {
        message: e.message,
        line: e.line,
        column: e.column,
    })?;
    let script = Script::parse(&text, command.via).map_err(|e| failed_to_start(&e))?;
    Ok(RenderedHook {
        text: Bytes::from(text),
        script,
        vars,
    })
}

/// Renders and starts a hook of a run, with the run's secrets masked in the journal. A stop
/// also ends the wait for files and for the rendering.
/// Returns the outcome of a hook that does not start.
pub(super) async fn launch(
    setting: &RunSetting,
    run: &HookRun,
    stop: &mut watch::Receiver<Option<StopReason>>,
) -> Result<LaunchedHook, Outcome> {
    let Action::Command(command) = &run.hook.action else {
        return Err(unsupported());
    };
    setting.mask.up_to_date().await;
    let values = tokio::select! {
        values = values(run, command) => values,
        outcome = stopped_outcome(stop) => Err(outcome),
    };
    let values = values.map_err(|outcome| masked(&setting.mask.mask(), outcome))?;
    let of_files = secrets::values_of_files(command, &values);
    let mask = setting.mask.with(of_files).await;
    let start = async {
        let rendered = tokio::select! {
            rendered = render_apart(setting, run, command) => rendered?,
            outcome = stopped_outcome(stop) => return Err(outcome),
        };
        let spec = spec(setting, run, command, &rendered, values.clone());
        let started = process_supervisor::start(spec).await;
        Ok((started.map_err(|e| failed_to_start(&e))?, rendered.text))
    };
    let started = start.await;
    let (running, text) = started.map_err(|outcome| masked(&mask, outcome))?;
    let (script, cut) = excerpt(&mask, text);
    let warnings: Vec<String> = running.cut_variables().iter().map(warning).collect();
    Ok(LaunchedHook {
        notes: mask.apply_words(&warnings).into_iter().chain(cut).collect(),
        warnings,
        interpreter: mask.apply_command(running.interpreter()),
        running,
        script,
        mask,
    })
}

/// Returns the part of a script that goes into the journal, masked, and a note if it was cut.
fn excerpt(mask: &Mask, script: Bytes) -> (Bytes, Option<String>) {
    if script.len() <= MAX_SCRIPT {
        return (mask.apply(script), None);
    }
    let note = format!(
        "the journal has the first {MAX_SCRIPT} bytes of the script, and not the other {}; all of it is run",
        script.len() - MAX_SCRIPT
    );
    // A secret that the cut divides is masked, too.
    let seen = script.len().min(MAX_SCRIPT + MAX_PATTERN);
    // Copied, so that the rest does not stay in memory.
    let masked = mask.apply(Bytes::copy_from_slice(&script[..seen]));
    (masked.slice(..MAX_SCRIPT), Some(note))
}

/// Returns the owner that marks the processes of hooks: hookd, and the instance of the daemon.
#[must_use]
pub fn process_owner(instance: &str) -> Owner {
    Owner {
        application: "hookd",
        variable: "HOOKD_RUN",
        instance: instance.to_owned(),
    }
}

fn spec(
    setting: &RunSetting,
    run: &HookRun,
    command: &CommandAction,
    rendered: &RenderedHook,
    values: BTreeMap<String, String>,
) -> ScriptSpec {
    let mark = Mark {
        owner: process_owner(&setting.instance),
        execution: format!("{}.{}.{}", setting.run_id, run.index, run.attempt),
    };
    let mut spec = ScriptSpec::new(rendered.script.clone(), setting.script_dir.clone(), mark);
    spec.limits = run.hook.limits;
    let of_others = setting.mask.secrets.withheld_from(&run.hook);
    spec.environment = Environment {
        clean: command.clean_env,
        withheld: &setting.withheld | &of_others,
        set: values,
        texts: variables::environment(&setting.run_id, &setting.event, run, &rendered.vars),
        cut_names: Some(format!("{PREFIX}TRUNCATED")),
    };
    spec.privileges = command.privileges.clone();
    let event_file = format!("{PREFIX}EVENT_FILE");
    spec.files
        .insert(event_file, rendered.vars.to_json().to_string().into_bytes());
    if let Some(folder) = &command.working_directory {
        spec.working_directory.clone_from(folder);
    }
    spec
}

/// Returns the outcome as it is in the journal: secrets masked, and long messages cut.
#[must_use]
pub fn masked(mask: &Mask, mut outcome: Outcome) -> Outcome {
    if let Outcome::FailedToStart { message } | Outcome::FailedToRender { message, .. } =
        &mut outcome
    {
        *message = mask.apply_text(message);
        if message.len() > MAX_MESSAGE {
            message.truncate(message.floor_char_boundary(MAX_MESSAGE));
            message.push('…');
        }
    }
    outcome
}

fn unsupported() -> Outcome {
    let message = "this version runs command hooks only".to_owned();
    Outcome::FailedToStart { message }
}

/// Returns the warning about a variable that was cut.
fn warning(cut: &CutVariable) -> String {
    let CutVariable { name, bytes, kept } = cut;
    format!(
        "{name} has the first {kept} of {bytes} bytes, since no environment takes more; \
         all of them are in HOOK_EVENT_FILE"
    )
}

/// Returns the outcome for an error, whose causes are in the message.
fn failed_to_start(error: &dyn std::error::Error) -> Outcome {
    let sources = std::iter::successors(error.source(), |e| e.source());
    let message = sources.fold(error.to_string(), |text, source| {
        format!("{text}: {source}")
    });
    Outcome::FailedToStart { message }
}
