//! Limits of responses, which keep them within the default limits of gRPC clients.

use hook_core::run::journal::MAX_SCRIPT;
use hookd_proto::v1;
use prost::Message;
use tonic::{Response, Status};

use super::status;
use crate::limits::{MAX_ANSWER_BYTES, MAX_PAGE_BYTES, MAX_SHOWN_BYTES};

/// The maximum length in bytes of a hook's messages in a summary that is shown in part.
const SHOWN_MESSAGE: usize = 512;
/// The most bytes that a field of a message adds to its content.
const FRAME: usize = 6;

/// Returns the answer unchanged.
/// Fails if the answer is too large; `remedy` names a smaller request.
pub(super) fn whole<T: Message>(answer: T, remedy: &str) -> Result<Response<T>, Status> {
    let bytes = answer.encoded_len();
    if bytes > MAX_ANSWER_BYTES {
        return Err(status::answer_too_large(bytes, remedy));
    }
    Ok(Response::new(answer))
}

/// Shortens the summary of a run that is too large: messages of its hooks are cut, hooks and
/// warnings beyond the limit are left out, and a note says so.
pub(super) fn shown_run(mut run: v1::Run) -> v1::Run {
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
    if text.len() > SHOWN_MESSAGE {
        text.truncate(text.floor_char_boundary(SHOWN_MESSAGE));
        text.push('…');
    }
}

/// Returns the elements at the beginning that fit into the room.
fn fitting<T>(all: Vec<T>, room: &mut usize, bytes: impl Fn(&T) -> usize) -> Vec<T> {
    let fits = |one: &T| {
        let left = room.checked_sub(bytes(one) + FRAME);
        *room = left.unwrap_or_default();
        left.is_some()
    };
    all.into_iter().take_while(fits).collect()
}

/// The room that a response has left for scripts.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScriptRoom {
    left: usize,
    each: usize,
    rest: &'static str,
}

impl ScriptRoom {
    /// Room of a response with one script.
    pub(super) fn for_one() -> ScriptRoom {
        ScriptRoom {
            left: MAX_SHOWN_BYTES,
            each: MAX_SHOWN_BYTES,
            rest: "all of it is run",
        }
    }

    /// Returns the room of a response with several scripts; `rest` is the hint to the rest of
    /// a cut script.
    pub(super) fn for_many(rest: &'static str) -> ScriptRoom {
        ScriptRoom {
            left: MAX_SHOWN_BYTES,
            each: MAX_SCRIPT,
            rest,
        }
    }

    /// Takes room for a script. Returns the number of bytes to show, and a note if the script
    /// is cut. Text is not cut within a character.
    pub(super) fn take(&mut self, script: &[u8]) -> (usize, Option<String>) {
        let most = self.left.min(self.each);
        if script.len() <= most {
            self.left -= script.len();
            return (script.len(), None);
        }
        let begins = |at: &usize| script.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
        let shown = (most.saturating_sub(3)..=most).rev().find(begins);
        let shown = shown.unwrap_or(most);
        self.left -= shown;
        let note = format!(
            "the first {shown} bytes of the script are shown, and not the other {}; {}",
            script.len() - shown,
            self.rest
        );
        (shown, Some(note))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_share_the_room_and_no_character_is_cut() {
        let mut room = ScriptRoom::for_many("look there");
        assert_eq!(room.take(b"true"), (4, None));
        let long = "ü".repeat(MAX_SCRIPT);
        let note = "the first 262143 bytes of the script are shown, and not the other 262146; \
                    look there";
        let binary = vec![0x80; 2 * MAX_SCRIPT];
        assert_eq!(room.take(&binary).0, MAX_SCRIPT, "no text");
        let text = format!("x{long}");
        assert_eq!(
            room.take(text.as_bytes()),
            (MAX_SCRIPT - 1, Some(note.to_owned()))
        );
        let more: usize = (0..100).map(|_| room.take(long.as_bytes()).0).sum();
        let shown = 4 + MAX_SCRIPT + (MAX_SCRIPT - 1) + more;
        assert_eq!(shown, MAX_SHOWN_BYTES - 1, "half a character is left");
        assert!(ScriptRoom::for_one().take(long.as_bytes()).1.is_none());
    }
}
