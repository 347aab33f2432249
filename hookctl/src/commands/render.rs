//! `hookctl render`: what would run. Nothing is executed.

mod branches;
mod cases;

use clap::Args;
use hookd_proto::v1::{
    Condition, ConfiguredHook, Event, ListHooksRequest, RenderHooksRequest, RenderHooksResponse,
    RenderedHook, ScriptVia, TemplateEngine,
};

use crate::cli::Global;
use crate::connect::{Client, answer};
use crate::event::EventArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::output::{Out, Paint, Tone, safe, words};
use crate::values;

const EXAMPLES: &str = "\
Examples:
  hookctl render --condition snapshot-start --plan home
  hookctl render battery
  hookctl render healthcheck --all-branches
  hookctl --embedded --config hookd.yaml render -c snapshot-error --plan home --error 'disk full'
  hookctl render --template notify.sh --vars vars.json
  hookctl render --template - --engine tera < notify.sh";

/// What to render.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RenderArgs {
    /// Only this hook, whether or not the event triggers it
    #[arg(conflicts_with = "template")]
    pub hook: Option<String>,
    /// What happens [default: what triggers the hook first]
    #[arg(
        short,
        long,
        value_parser = values::condition(),
        conflicts_with = "template",
        required_unless_present_any = ["hook", "template", "all_branches"]
    )]
    pub condition: Option<Condition>,
    /// Every script that can come of the hook, or of all hooks: for every condition that
    /// triggers it, with and without an error, with and without snapshot statistics
    ///
    /// What the event's options do not say is made up. Exits with 65 if any case cannot
    /// be rendered, so that it finds the faults of branches that are rarely taken.
    #[arg(long, conflicts_with_all = ["condition", "template"])]
    pub all_branches: bool,
    /// The event.
    #[command(flatten)]
    pub event: EventArgs,
    /// Render this file, without a daemon, and print exactly what comes of it; - is stdin
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
        value_parser = values::engine(),
        value_name = "ENGINE",
        help_heading = "Template"
    )]
    pub engine: Option<TemplateEngine>,
}

/// Renders.
///
/// # Errors
/// If something cannot be rendered.
pub(crate) async fn perform(
    args: RenderArgs,
    global: &Global,
    out: &mut Out,
) -> Result<Exit, Failure> {
    if let Some(template) = &args.template {
        let engine = args.engine.unwrap_or(TemplateEngine::Go);
        return file(template, args.vars.as_ref(), engine, out);
    }
    let event = args.event.event(args.condition.unwrap_or_default())?;
    let client = Client::connect(global).await?;
    let result = if args.all_branches {
        branches::perform(&client, event, args.hook.as_deref(), out).await
    } else {
        hooks(&client, event, args.hook, out).await
    };
    client.close(result).await
}

fn file(
    template: &Input,
    vars: Option<&Input>,
    engine: TemplateEngine,
    out: &mut Out,
) -> Result<Exit, Failure> {
    if out.is_json() {
        let what = "--template prints exactly the rendered bytes; it has no JSON form";
        return Err(Failure::usage(what));
    }
    if vars == Some(&Input::Stdin) && *template == Input::Stdin {
        let what = "--template and --vars cannot both be standard input";
        return Err(Failure::usage(what));
    }
    let read = |input: &Input| {
        input
            .read()
            .map_err(|error| Failure::bad_data(format!("cannot read {input}: {error}")))
    };
    let text = read(template)?;
    let vars_text = vars.map(read).transpose()?;
    match hookd::offline::render_template(engine, &text, vars_text.as_deref()) {
        Ok(rendered) => {
            out.bytes(&rendered)?;
            Ok(Exit::Proceed)
        }
        Err(fault) => {
            // As compilers write it, so that editors find the place.
            let input = vars.filter(|_| fault.in_vars).unwrap_or(template);
            let place = safe::text(&format!("{input}:{}:{}", fault.line, fault.column));
            out.remark(&format!("{place}: {}", safe::text(&fault.message)));
            Ok(Exit::BadData)
        }
    }
}

async fn hooks(
    client: &Client,
    mut event: Event,
    hook: Option<String>,
    out: &mut Out,
) -> Result<Exit, Failure> {
    if let Some(name) = &hook {
        fill_in(client, &mut event, name).await?;
    }
    let request = RenderHooksRequest {
        event: Some(event),
        hook: hook.unwrap_or_default(),
    };
    let rendered = answer(client.hooks().render_hooks(request)).await?;
    if out.is_json() {
        out.json(&rendered)?;
    } else {
        out.text(&show(&rendered, out.paint))?;
    }
    let faulty = rendered.hooks.iter().any(|hook| hook.failure.is_some());
    Ok(if faulty { Exit::BadData } else { Exit::Proceed })
}

/// The hook of that name.
async fn find(client: &Client, name: &str) -> Result<ConfiguredHook, Failure> {
    let configured = answer(client.hooks().list_hooks(ListHooksRequest::default())).await?;
    let mut hooks = configured.hooks.into_iter();
    hooks
        .find(|found| found.hook.as_ref().is_some_and(|hook| hook.name == name))
        .ok_or_else(|| {
            Failure::bad_data(format!("there is no hook `{name}`"))
                .help("`hookctl hooks` shows the hooks as configured")
        })
}

/// Takes from the hook's own place in the config what the command line leaves open.
async fn fill_in(client: &Client, event: &mut Event, name: &str) -> Result<(), Failure> {
    if event.condition() != Condition::Unknown && !event.plan_id.is_empty() {
        return Ok(());
    }
    let found = find(client, name).await?;
    if event.condition() == Condition::Unknown {
        event.condition = found.triggered_by.first().copied().unwrap_or_default();
    }
    if event.plan_id.is_empty() && event.repo_id.is_empty() {
        event.plan_id = found.plan_id;
        event.repo_id = found.repo_id;
    }
    Ok(())
}

fn show(rendered: &RenderHooksResponse, paint: Paint) -> String {
    let mut shown = format!(
        "{}: {}\n",
        words::conditions(&rendered.conditions),
        words::count(rendered.hooks.len(), "hook")
    );
    for hook in &rendered.hooks {
        shown.push('\n');
        shown.push_str(&show_hook(hook, paint));
    }
    shown
}

fn show_hook(hook: &RenderedHook, paint: Paint) -> String {
    let name = paint.text(Tone::Strong, &safe::text(&hook.hook));
    let mut shown = format!("{name} ({})", words::condition(hook.condition));
    if let Some(how) = how(hook) {
        shown.push_str(&format!(": {how}"));
    }
    if hook.disabled {
        shown.push_str(&paint.text(Tone::Dim, DISABLED));
    }
    shown.push('\n');
    shown.push_str(&body(hook, paint));
    shown
}

const DISABLED: &str = " - disabled, would be skipped";

/// What would be started.
fn how(hook: &RenderedHook) -> Option<String> {
    let via = match hook.script_via() {
        ScriptVia::Stdin => ", script on stdin",
        ScriptVia::File => ", script as a file",
        ScriptVia::Auto | ScriptVia::Unspecified => "",
    };
    let interpreter = safe::text(&hook.interpreter.join(" "));
    (!interpreter.is_empty()).then(|| format!("{interpreter}{via}"))
}

/// The script, or why there is none, and what there is to know about it.
fn body(hook: &RenderedHook, paint: Paint) -> String {
    let mut shown = String::new();
    if let Some(failure) = &hook.failure {
        let why = safe::text(&words::outcome(Some(failure)));
        shown.push_str(&format!("  {}\n", paint.text(Tone::Bad, &why)));
    }
    let script = safe::lines(&hook.script);
    for line in script.lines() {
        let bar = paint.text(Tone::Dim, "|");
        shown.push_str(&format!("  {bar} {line}\n"));
    }
    for note in &hook.notes {
        let note = format!("note: {}", safe::text(note));
        shown.push_str(&format!("  {}\n", paint.text(Tone::Warn, &note)));
    }
    shown
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{Outcome, outcome};

    use super::*;

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
        };
        assert_eq!(
            show(&rendered, Paint::PLAIN),
            "PRUNE_START: 2 hooks\n\n\
             a (PRUNE_START): /bin/sh, script as a file\n  | #!/bin/sh\n  | echo \\x1b[2J\n  note: there is more\n\n\
             b (PRUNE_START) - disabled, would be skipped\n  \
             faulty template, line 2, column 3: no `.Foo`\n"
        );
    }
}
