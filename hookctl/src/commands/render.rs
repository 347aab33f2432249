//! `hookctl render`: the scripts that an event would run. Nothing is executed.

mod branches;
mod cases;

use clap::Args;
use hookd_client::{Client, answer};
use hookd_proto::v1::{
    Condition, ConfiguredHook, ListHooksRequest, RenderHooksRequest, RenderHooksResponse,
    RenderedHook, ScriptVia, TemplateEngine,
};

use crate::connect::Service;
use crate::event::EventArgs;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::input::Input;
use crate::output::{Out, Tone, safe, words};
use crate::values;

const EXAMPLES: &str = "\
Examples:
  hookctl render --condition snapshot-start --plan home
  hookctl render battery
  hookctl render healthcheck --all-branches
  hookctl --embedded --config hookd.yaml render -c snapshot-error --plan home --error 'disk full'
  hookctl render --template notify.sh --vars vars.json
  hookctl render --template - --engine tera < notify.sh";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RenderArgs {
    /// Only this hook, even if the event does not trigger it
    #[arg(conflicts_with = "template")]
    pub hook: Option<String>,
    /// The condition of the event [default: the first that triggers the hook]
    #[arg(
        short,
        long,
        value_parser = values::name(Condition::as_str_name),
        conflicts_with = "template",
        required_unless_present_any = ["hook", "template", "all_branches"]
    )]
    pub condition: Option<Condition>,
    /// Every script that the hook, or all hooks, can render to: for each condition that
    /// triggers it, with and without an error, with and without snapshot statistics
    ///
    /// A failure (a condition that ends in -error) always has an error.
    /// Samples stand for the options of the event that are not given. Exits with 65 if any
    /// case cannot be rendered, and so finds the faults of branches that are rarely taken.
    #[arg(long, conflicts_with_all = ["condition", "template"])]
    pub all_branches: bool,
    #[command(flatten)]
    pub event: EventArgs,
    /// Render this file, without a daemon, and print exactly the result; - is stdin
    #[arg(long, value_name = "FILE", help_heading = "Template")]
    pub template: Option<Input>,
    /// The template's variables, as a JSON object; - is stdin
    #[arg(
        long,
        value_name = "FILE",
        requires = "template",
        help_heading = "Template"
    )]
    pub vars: Option<Input>,
    /// The template's language [default: go]
    #[arg(
        long,
        requires = "template",
        value_parser = values::name(TemplateEngine::as_str_name),
        value_name = "ENGINE",
        help_heading = "Template"
    )]
    pub engine: Option<TemplateEngine>,
}

pub(crate) async fn perform(args: RenderArgs, hookd: &mut Service, out: &mut Out) -> Result {
    if let Some(template) = &args.template {
        let engine = args.engine.unwrap_or(TemplateEngine::Go);
        return file(template, args.vars.as_ref(), engine, out);
    }
    let mut event = args.event.event(args.condition.unwrap_or_default())?;
    for warning in &event.warnings {
        out.warn(warning);
    }
    let client = hookd.connect().await?;
    if args.all_branches {
        return branches::perform(&client, event, args.hook.as_deref(), out).await;
    }
    // Options that are missing on the command line are taken from the hook's scope and conditions.
    let is_open = event.condition() == Condition::Unknown || event.plan_id.is_empty();
    if let Some(name) = args.hook.as_deref().filter(|_| is_open) {
        let found = find(&client, name).await?;
        if event.condition() == Condition::Unknown {
            event.condition = found.triggered_by.first().copied().unwrap_or_default();
        }
        if event.plan_id.is_empty() && event.repo_id.is_empty() {
            event.plan_id = found.plan_id;
            event.repo_id = found.repo_id;
        }
    }
    let told = event.warnings.clone();
    let request = RenderHooksRequest {
        event: Some(event),
        hook: args.hook.unwrap_or_default(),
    };
    let rendered = answer(client.hooks().render_hooks(request)).await?;
    for warning in rendered.warnings.iter().filter(|w| !told.contains(w)) {
        out.warn(warning);
    }
    let printed = out.answer(&rendered, show);
    out.verdict(exit(rendered.hooks.iter()), printed)
}

fn exit<'a>(rendered: impl IntoIterator<Item = &'a RenderedHook>) -> Exit {
    match rendered.into_iter().any(|hook| hook.failure.is_some()) {
        true => Exit::BadData,
        false => Exit::Proceed,
    }
}

/// Renders a template from a file, exactly.
fn file(template: &Input, vars: Option<&Input>, engine: TemplateEngine, out: &mut Out) -> Result {
    if out.is_json() {
        let message = "--template prints exactly the rendered bytes; it has no JSON form";
        return Err(Failure::usage(message));
    }
    if template.is_stdin() && vars.is_some_and(Input::is_stdin) {
        let message = "--template and --vars cannot both be standard input";
        return Err(Failure::usage(message));
    }
    let text = template.read_data()?;
    let vars_text = vars.map(Input::read_data).transpose()?;
    match hookd::offline::render_template(engine, &text, vars_text.as_deref()) {
        Ok(rendered) => {
            out.bytes(&rendered)?;
            Ok(Exit::Proceed)
        }
        Err(fault) => {
            // In the format of compilers, so that editors find the place.
            let input = vars.filter(|_| fault.in_vars).unwrap_or(template);
            let place = safe::text(&format!("{input}:{}:{}", fault.line, fault.column));
            out.remark(&format!("{place}: {}", safe::text(&fault.message)));
            Ok(Exit::BadData)
        }
    }
}

/// Returns the configured hook of this name.
async fn find(client: &Client, name: &str) -> Result<ConfiguredHook> {
    let configured = answer(client.hooks().list_hooks(ListHooksRequest::default())).await?;
    let name_of = |found: &ConfiguredHook| found.hook.clone().unwrap_or_default().name;
    let names: Vec<String> = configured.hooks.iter().map(name_of).collect();
    let mut hooks = configured.hooks.into_iter();
    hooks.find(|found| name_of(found) == name).ok_or_else(|| {
        let meant = hookd::closest(name, names.iter().map(String::as_str), "");
        let meant = meant.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
        Failure::bad_data(format!("there is no hook `{name}`{meant}"))
            .help("`hookctl hooks` shows the hooks as configured")
    })
}

fn show(rendered: &RenderHooksResponse) -> String {
    let conditions = words::conditions(&rendered.conditions);
    let count = words::count(rendered.hooks.len(), "hook");
    let hooks = rendered.hooks.iter().map(|hook| {
        let condition = words::condition(hook.condition);
        let command = command(hook).map_or_else(String::new, |command| format!(": {command}"));
        format!(
            "\n{} ({condition}){command}{}\n{}",
            name(hook),
            disabled(hook),
            body(hook)
        )
    });
    format!("{conditions}: {count}\n{}", hooks.collect::<String>())
}

fn name(hook: &RenderedHook) -> String {
    Tone::Strong.paint(&safe::text(&hook.hook))
}

fn disabled(hook: &RenderedHook) -> String {
    match hook.disabled {
        true => Tone::Dim.paint(" - disabled, would be skipped"),
        false => String::new(),
    }
}

/// Returns the interpreter and the way in which it gets the script.
fn command(hook: &RenderedHook) -> Option<String> {
    let via = match hook.script_via() {
        ScriptVia::Stdin => ", script on stdin",
        ScriptVia::File => ", script as a file",
        ScriptVia::Auto | ScriptVia::Unspecified => "",
    };
    let interpreter = safe::text(&hook.interpreter.join(" "));
    (!interpreter.is_empty()).then(|| format!("{interpreter}{via}"))
}

/// Returns the script, or the reason why there is none, and the notes.
fn body(hook: &RenderedHook) -> String {
    let mut shown = String::new();
    if let Some(failure) = &hook.failure {
        let why = safe::text(&words::outcome(Some(failure)));
        shown.push_str(&format!("  {}\n", Tone::Bad.paint(&why)));
    }
    let bar = Tone::Dim.paint("|");
    for line in safe::lines(&hook.script).lines() {
        shown.push_str(&format!("  {bar} {line}\n"));
    }
    for note in &hook.notes {
        let note = format!("note: {}", safe::text(note));
        shown.push_str(&format!("  {}\n", Tone::Warn.paint(&note)));
    }
    shown
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{Outcome, outcome};

    use super::*;
    use crate::output::plain;

    #[test]
    fn scripts_are_shown_and_not_obeyed() {
        let rendered = RenderHooksResponse {
            conditions: vec![Condition::PruneStart.into()],
            hooks: vec![
                RenderedHook {
                    hook: "a".to_owned(),
                    condition: Condition::PruneStart.into(),
                    script: "#!/bin/sh\necho \x1b[2J\n".into(),
                    interpreter: vec!["/bin/sh".to_owned()],
                    script_via: ScriptVia::File.into(),
                    notes: vec!["there is more".to_owned()],
                    ..RenderedHook::default()
                },
                RenderedHook {
                    hook: "b".to_owned(),
                    condition: Condition::PruneStart.into(),
                    failure: Some(Outcome {
                        outcome: Some(outcome::Outcome::FailedToRender(outcome::FailedToRender {
                            message: "no `.Foo`".to_owned(),
                            line: 2,
                            column: 3,
                        })),
                    }),
                    disabled: true,
                    ..RenderedHook::default()
                },
            ],
            ..RenderHooksResponse::default()
        };
        insta::assert_snapshot!(plain(&show(&rendered)), @r"
        PRUNE_START: 2 hooks

        a (PRUNE_START): /bin/sh, script as a file
          | #!/bin/sh
          | echo \x1b[2J
          note: there is more

        b (PRUNE_START) - disabled, would be skipped
          faulty template, line 2, column 3: no `.Foo`
        ");
    }
}
