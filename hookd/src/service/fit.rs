//! Answers that any client can take, whatever is in them.

use hookd_proto::v1;
use prost::Message;
use tonic::{Response, Status};

use crate::limits::{MAX_ANSWER_BYTES, MAX_PAGE_BYTES};
use crate::status;

/// How much is shown of what a hook says, in bytes, in a run that is shown in part.
const SHOWN: usize = 512;
/// The most that a field of a message takes beside its content, in bytes.
const FRAME: usize = 6;

/// The answer, if clients can take it.
///
/// # Errors
/// If it is too large; `remedy` is what to ask for instead.
pub(super) fn whole<T: Message>(answer: T, remedy: &str) -> Result<Response<T>, Status> {
    let bytes = answer.encoded_len();
    if bytes > MAX_ANSWER_BYTES {
        return Err(status::answer_too_large(bytes, remedy));
    }
    Ok(Response::new(answer))
}

/// The run, in part if clients could not take it: what its hooks said is cut short, the
/// hooks and warnings for which there is no room are left out, and a note says so.
pub(super) fn run(mut run: v1::Run) -> v1::Run {
    if run.encoded_len() <= MAX_PAGE_BYTES {
        return run;
    }
    run.hooks.iter_mut().for_each(shorten);
    let hooks = std::mem::take(&mut run.hooks);
    let warnings = run.decision.as_mut().map(|d| &mut d.warnings);
    let warnings = warnings.map(std::mem::take).unwrap_or_default();
    let count = (hooks.len(), warnings.len());

    let mut room = MAX_PAGE_BYTES.saturating_sub(run.encoded_len());
    run.hooks = fitting(hooks, &mut room, Message::encoded_len);
    let warnings = fitting(warnings, &mut room, String::len);
    run.notes.push(format!(
        "the run is too large to be shown whole: what its hooks said is cut short, and {} of {} \
         hooks and {} of {} warnings are shown; its journal has everything",
        run.hooks.len(),
        count.0,
        warnings.len(),
        count.1
    ));
    if let Some(decision) = &mut run.decision {
        decision.warnings = warnings;
    }
    run
}

fn shorten(hook: &mut v1::HookRun) {
    use v1::outcome::Outcome;
    hook.notes.truncate(1);
    hook.notes.iter_mut().for_each(cut);
    match hook.outcome.as_mut().and_then(|o| o.outcome.as_mut()) {
        Some(Outcome::FailedToStart(failed)) => cut(&mut failed.message),
        Some(Outcome::FailedToRender(failed)) => cut(&mut failed.message),
        _ => {}
    }
}

fn cut(text: &mut String) {
    if text.len() > SHOWN {
        let border = (0..=SHOWN).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(border.unwrap_or_default());
        text.push('…');
    }
}

/// The first of them for which there is room.
fn fitting<T>(all: Vec<T>, room: &mut usize, bytes: impl Fn(&T) -> usize) -> Vec<T> {
    let fits = |one: &T| {
        let left = room.checked_sub(bytes(one) + FRAME);
        *room = left.unwrap_or_default();
        left.is_some()
    };
    all.into_iter().take_while(fits).collect()
}
