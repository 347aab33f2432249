//! Getting one hook of a run to run: rendering its script, gathering what it sees, and
//! starting it.

use std::collections::BTreeMap;

use bytes::Bytes;
use process_supervisor::{
    Environment, EnvironmentBase, Mark, OmittedVariable, Owner, RunningScript, Script, ScriptSpec,
};
use tokio::sync::watch;

use crate::hook::{Action, CommandAction};
use crate::run::course::HookRun;
use crate::run::execute::{Setting, stopped_outcome};
use crate::run::journal::{MAX_MESSAGE, MAX_SCRIPT, Outcome};
use crate::run::mask::Mask;
use crate::run::stop::StopReason;
use crate::run::{secrets, variables};
use crate::template::TemplateError;
use crate::vars::Vars;

/// A hook that runs.
#[derive(Debug)]
pub(super) struct Launched {
    /// Its process.
    pub(super) running: RunningScript,
    /// Its script as the journal has it: secrets masked, and not too long.
    pub(super) script: Bytes,
    /// What somebody who looks into it should know.
    pub(super) notes: Vec<String>,
    /// What its output must not show.
    pub(super) mask: Mask,
}

/// A hook's script as it would be handed to its interpreter.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The text that the template gave.
    pub text: Bytes,
    /// The interpreter and what it gets.
    pub script: Script,
    /// The variables that the template saw.
    pub vars: Vars,
}

/// Renders a hook's script. Nothing is executed.
///
/// # Errors
/// The outcome that the hook would have: it cannot be rendered, or its first line names
/// no interpreter.
pub fn render(setting: &Setting, run: &HookRun) -> Result<Rendered, Outcome> {
    let vars = variables::vars(&setting.event, run, setting.repo.as_ref(), &setting.plan);
    let Action::Command(command) = &run.hook.action else {
        return Err(unsupported());
    };
    let text = command.template.render(&vars);
    script_of(command, vars, text)
}

/// Renders a hook's script on a thread that may block, within the hook's own time limit.
async fn render_apart(
    setting: &Setting,
    run: &HookRun,
    command: &CommandAction,
) -> Result<Rendered, Outcome> {
    let vars = variables::vars(&setting.event, run, setting.repo.as_ref(), &setting.plan);
    let (template, limit) = (command.template.clone(), run.hook.limits.timeout);
    let blocking = tokio::task::spawn_blocking(move || {
        let text = template.render_within(&vars, limit);
        (vars, text)
    });
    let (vars, text) = blocking.await.map_err(|e| Outcome::FailedToRender {
        message: format!("rendering panicked: {e}"),
        line: 1,
        column: 1,
    })?;
    script_of(command, vars, text)
}

fn script_of(
    command: &CommandAction,
    vars: Vars,
    text: Result<Vec<u8>, TemplateError>,
) -> Result<Rendered, Outcome> {
    let text = text.map_err(|e| Outcome::FailedToRender {
        message: e.message,
        line: e.line,
        column: e.column,
    })?;
    let script = Script::parse(&text, command.via).map_err(|e| Outcome::FailedToStart {
        message: with_sources(&e),
    })?;
    Ok(Rendered {
        text: Bytes::from(text),
        script,
        vars,
    })
}

/// Renders and starts a hook of a run whose secrets are `secrets`. A stop ends the wait for
/// the rendering.
pub(super) async fn launch(
    setting: &Setting,
    secrets: &[String],
    run: &HookRun,
    stop: &mut watch::Receiver<Option<StopReason>>,
) -> Result<Launched, Outcome> {
    let Action::Command(command) = &run.hook.action else {
        return Err(unsupported());
    };
    let known = Mask::new(secrets.iter().map(String::as_str));
    let values = secrets::resolve(command).map_err(|e| {
        masked(
            &known,
            Outcome::FailedToStart {
                message: with_sources(&e),
            },
        )
    })?;
    let own = secrets::secrets_of(command, &values);
    let mask = Mask::new(secrets.iter().map(String::as_str).chain(own));

    let rendered = tokio::select! {
        rendered = render_apart(setting, run, command) => rendered,
        outcome = stopped_outcome(stop) => Err(outcome),
    };
    let rendered = rendered.map_err(|outcome| masked(&mask, outcome))?;
    let failed = |message: String| masked(&mask, Outcome::FailedToStart { message });
    let spec = spec(setting, run, command, &rendered, values);
    let running = process_supervisor::start(spec)
        .await
        .map_err(|e| failed(with_sources(&e)))?;
    let (script, left_out) = excerpt(mask.apply(rendered.text));
    let notes = running.omitted_variables().iter().map(note).chain(left_out);
    Ok(Launched {
        notes: notes.collect(),
        running,
        script,
        mask,
    })
}

/// What the journal has of a script, and a note if that is not all.
fn excerpt(script: Bytes) -> (Bytes, Option<String>) {
    if script.len() <= MAX_SCRIPT {
        return (script, None);
    }
    let note = format!(
        "the journal has the first {MAX_SCRIPT} bytes of the script, and not the other {}; all of it is run",
        script.len() - MAX_SCRIPT
    );
    // Copied, so that the rest does not stay in memory.
    (Bytes::copy_from_slice(&script[..MAX_SCRIPT]), Some(note))
}

/// Returns the owner of the processes of hooks: hookd, and an instance of it.
#[must_use]
pub fn process_owner(instance: &str) -> Owner {
    Owner {
        application: "hookd",
        variable: "HOOKD_RUN",
        instance: instance.to_owned(),
    }
}

fn spec(
    setting: &Setting,
    run: &HookRun,
    command: &CommandAction,
    rendered: &Rendered,
    values: BTreeMap<String, String>,
) -> ScriptSpec {
    let mut set: BTreeMap<String, String> =
        variables::environment(&setting.run_id, &setting.event, run, &rendered.vars)
            .into_iter()
            .collect();
    set.extend(values);
    let base = if command.clean_env {
        EnvironmentBase::Clean
    } else {
        EnvironmentBase::Inherited {
            without: setting.withheld.clone(),
        }
    };
    let mark = Mark {
        owner: process_owner(&setting.instance),
        execution: format!("{}.{}.{}", setting.run_id, run.index, run.attempt),
    };
    let mut spec = ScriptSpec::new(rendered.script.clone(), setting.script_dir.clone(), mark);
    spec.limits = run.hook.limits;
    spec.environment = Environment { base, set };
    spec.privileges = command.privileges.clone();
    let event_file = format!("{}EVENT_FILE", variables::PREFIX);
    spec.files
        .insert(event_file, rendered.vars.to_json().to_string().into_bytes());
    if let Some(folder) = &command.working_directory {
        spec.working_directory.clone_from(folder);
    }
    spec
}

/// The outcome as the journal has it: secrets masked, and not too long.
#[must_use]
pub fn masked(mask: &Mask, outcome: Outcome) -> Outcome {
    let shown = |message: String| {
        let mut message = mask.apply_text(&message);
        if message.len() > MAX_MESSAGE {
            let border = (0..=MAX_MESSAGE)
                .rev()
                .find(|at| message.is_char_boundary(*at));
            message.truncate(border.unwrap_or_default());
            message.push('…');
        }
        message
    };
    match outcome {
        Outcome::FailedToStart { message } => Outcome::FailedToStart {
            message: shown(message),
        },
        Outcome::FailedToRender {
            message,
            line,
            column,
        } => Outcome::FailedToRender {
            message: shown(message),
            line,
            column,
        },
        other => other,
    }
}

fn unsupported() -> Outcome {
    let message = "this version runs command hooks only".to_owned();
    Outcome::FailedToStart { message }
}

/// What somebody who wonders about a missing variable has to know.
fn note(omitted: &OmittedVariable) -> String {
    let file = "the event file has it";
    format!(
        "variable {} is not set: {}; {file}",
        omitted.name, omitted.reason
    )
}

/// An error and all that caused it, in one line.
fn with_sources(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(error.source(), |e| e.source());
    sources.fold(error.to_string(), |text, source| {
        format!("{text}: {source}")
    })
}
