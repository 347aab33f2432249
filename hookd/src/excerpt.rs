//! Scripts in answers: as much of them as any client can take.

use hook_core::run::journal::MAX_SCRIPT;

use crate::limits::MAX_SHOWN_BYTES;

/// How much room an answer has left for scripts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    left: usize,
    each: usize,
    rest: &'static str,
}

impl Room {
    /// Of an answer with one script.
    pub(crate) fn for_one() -> Room {
        Room {
            left: MAX_SHOWN_BYTES,
            each: MAX_SHOWN_BYTES,
            rest: "all of it is run",
        }
    }

    /// Of an answer with any number of scripts; `rest` says what has more of them.
    pub(crate) fn for_many(rest: &'static str) -> Room {
        Room {
            left: MAX_SHOWN_BYTES,
            each: MAX_SCRIPT,
            rest,
        }
    }

    /// How many bytes of a script are shown, and a note if that is not all. What is text
    /// is not cut within a character.
    pub(crate) fn take(&mut self, script: &[u8]) -> (usize, Option<String>) {
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
        let mut room = Room::for_many("look there");
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
        assert!(Room::for_one().take(long.as_bytes()).1.is_none());
    }
}
