//! Output of a run's hooks in lines, each after the name of its hook.

use std::collections::BTreeMap;

use hookd_proto::v1::{HookOutput, OutputStream};
use unicode_width::UnicodeWidthStr;

use super::lines::{LineEnd, LineSplitter};
use super::{Tone, safe, words};

/// Longest name for which the column of names is widened.
const WIDEST_NAME: usize = 32;

/// Output of hooks as lines of text; the streams of a run never mix within a line.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    width: usize,
    /// Names of all hooks, safe for a terminal; the index decides the colour.
    names: Vec<String>,
    /// Hook runs that have not ended, by index.
    lanes: BTreeMap<u32, Lane>,
}

#[derive(Debug, Default)]
struct Lane {
    hook: String,
    stdout: StreamLines,
    stderr: StreamLines,
}

/// Lines of one stream of a hook run.
#[derive(Debug, Default)]
struct StreamLines {
    splitter: LineSplitter,
    /// Offset of the next piece, if nothing is dropped before it.
    next: u64,
}

impl StreamLines {
    /// Returns the number of bytes that the daemon dropped before this piece.
    fn gap(&mut self, output: &HookOutput) -> u64 {
        let next = output.offset.saturating_add(output.data.len() as u64);
        output
            .offset
            .saturating_sub(std::mem::replace(&mut self.next, next))
    }
}

impl Lanes {
    /// Widens the column of names for these hooks.
    pub(crate) fn expect<'name>(&mut self, hooks: impl IntoIterator<Item = &'name str>) {
        for hook in hooks {
            self.prefix(hook);
        }
    }

    /// Begins a hook run.
    pub(crate) fn open(&mut self, index: u32, hook: &str) {
        self.expect([hook]);
        let lane = Lane {
            hook: hook.to_owned(),
            ..Lane::default()
        };
        self.lanes.insert(index, lane);
    }

    /// Returns the lines that a piece of output completes, a gap before it as a separate line, and
    /// the size of the gap in bytes.
    pub(crate) fn output(&mut self, output: &HookOutput) -> (Vec<String>, u64) {
        if !self.lanes.contains_key(&output.index) {
            self.open(output.index, &format!("hook {}", output.index));
        }
        let mut shown = Vec::new();
        let prefix = &self.prefix_of(output.index);
        let Some(lane) = self.lanes.get_mut(&output.index) else {
            return (shown, 0);
        };
        let stream = output.stream();
        let (lines, name) = match stream {
            OutputStream::Stderr => (&mut lane.stderr, "stderr"),
            OutputStream::Stdout | OutputStream::Unspecified => (&mut lane.stdout, "stdout"),
        };
        let gap = lines.gap(output);
        if gap > 0 {
            lines.splitter.finish(|bytes, _| {
                shown.push(line(prefix, stream, bytes, LineEnd::Continued));
            });
            shown.push(dropped(prefix, gap, name));
        }
        lines.splitter.push(&output.data, |bytes, end| {
            shown.push(line(prefix, stream, bytes, end));
        });
        (shown, gap)
    }

    /// Returns the line for bytes that are missing at the end of a hook run's output.
    pub(crate) fn dropped(&mut self, index: u32, bytes: u64) -> String {
        dropped(&self.prefix_of(index), bytes, "output")
    }

    /// Ends a hook run; returns its remaining lines, even without a line break.
    pub(crate) fn close(&mut self, index: u32) -> Vec<String> {
        let mut shown = Vec::new();
        let prefix = self.prefix_of(index);
        if let Some(mut lane) = self.lanes.remove(&index) {
            for (stream, lines) in [
                (OutputStream::Stdout, &mut lane.stdout),
                (OutputStream::Stderr, &mut lane.stderr),
            ] {
                lines.splitter.finish(|bytes, end| {
                    shown.push(line(&prefix, stream, bytes, end));
                });
            }
        }
        shown
    }

    /// Ends all hook runs, like [`Lanes::close`].
    pub(crate) fn close_all(&mut self) -> Vec<String> {
        let open: Vec<u32> = self.lanes.keys().copied().collect();
        open.into_iter()
            .flat_map(|index| self.close(index))
            .collect()
    }

    fn prefix_of(&mut self, index: u32) -> String {
        let hook = self.lanes.get(&index).map(|lane| lane.hook.clone());
        self.prefix(&hook.unwrap_or_default())
    }

    /// Returns the prefix of a hook's lines, which contains its name.
    pub(crate) fn prefix(&mut self, hook: &str) -> String {
        let name = safe::text(hook).replace('\t', " ");
        let known = self.names.iter().position(|known| *known == name);
        let number = known.unwrap_or(self.names.len());
        if known.is_none() {
            self.names.push(name.clone());
        }
        self.width = self.width.max(name.width().min(WIDEST_NAME));
        let blanks = " ".repeat(self.width.saturating_sub(name.width()));
        format!("{}{blanks}", Tone::Hook(number).paint(&name))
    }
}

/// Returns the line for missing bytes; its mark cannot be confused with the hook's own output.
fn dropped(prefix: &str, bytes: u64, of: &str) -> String {
    let text = format!("- … {} of {of} dropped …", words::bytes(bytes));
    format!("{prefix} {}\n", Tone::Warn.paint(&text))
}

fn line(prefix: &str, stream: OutputStream, bytes: &[u8], end: LineEnd) -> String {
    let mark = match stream {
        OutputStream::Stderr => Tone::Warn.paint("!"),
        OutputStream::Stdout | OutputStream::Unspecified => Tone::Dim.paint("|"),
    };
    let end = Tone::Dim.paint(match end {
        LineEnd::Break => "",
        LineEnd::Continued => " (goes on)",
        LineEnd::Missing => " (no line break)",
    });
    match bytes {
        [] => format!("{prefix} {mark}{end}\n"),
        bytes => format!("{prefix} {mark} {}{end}\n", safe::line(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::output::plain;

    fn output(index: u32, stream: OutputStream, offset: u64, data: &[u8]) -> HookOutput {
        HookOutput {
            index,
            stream: stream.into(),
            offset,
            data: data.to_vec().into(),
        }
    }

    #[test]
    fn streams_of_hooks_never_mix() {
        let mut shown = String::new();
        let mut lanes = Lanes::default();
        lanes.expect(["disk", "battery"]);
        lanes.open(0, "disk");
        for (stream, offset, data) in [
            (OutputStream::Stdout, 0, b"out \xe2\x82".as_slice()),
            (OutputStream::Stderr, 0, b"err\n\n"),
            (OutputStream::Stdout, 6, b"\xac\nlast"),
        ] {
            shown.extend(lanes.output(&output(0, stream, offset, data)).0);
        }
        // A hook whose name is in no entry.
        let unknown = output(7, OutputStream::Stdout, 0, b"?\n");
        shown.extend(lanes.output(&unknown).0);
        shown.extend(lanes.close_all());
        insta::assert_snapshot!(plain(&shown), @r"
        disk    ! err
        disk    !
        disk    | out €
        hook 7  | ?
        disk    | last (no line break)
        ");
    }

    #[test]
    fn what_is_missing_is_said_where_it_is_missing() {
        let mut shown = String::new();
        let mut lanes = Lanes::default();
        lanes.open(0, "dump");
        let mut missing = 0;
        for (stream, offset, data) in [
            (OutputStream::Stdout, 0, b"first\nhalf a li".as_slice()),
            (OutputStream::Stderr, 2048, b"the error\n"),
            (OutputStream::Stdout, 15 + (12 << 20), b"ne\nlast\n"),
        ] {
            let (lines, gap) = lanes.output(&output(0, stream, offset, data));
            shown.extend(lines);
            missing += gap;
        }
        shown.push_str(&lanes.dropped(0, 7));
        shown.extend(lanes.close(0));
        insta::assert_snapshot!(plain(&shown), @r"
        dump | first
        dump - … 2 KiB of stderr dropped …
        dump ! the error
        dump | half a li (goes on)
        dump - … 12 MiB of stdout dropped …
        dump | ne
        dump | last
        dump - … 7 B of output dropped …
        ");
        assert_eq!(missing, 2048 + (12 << 20));
    }

    proptest! {
        #[test]
        fn whatever_hooks_write_terminals_are_safe(
            name: String,
            pieces in proptest::collection::vec((any::<bool>(), any::<Vec<u8>>()), 0..8),
        ) {
            let mut shown = String::new();
            let mut lanes = Lanes::default();
            lanes.open(0, &name);
            for (stderr, data) in pieces {
                let stream = if stderr { OutputStream::Stderr } else { OutputStream::Stdout };
                shown.extend(lanes.output(&output(0, stream, 0, &data)).0);
            }
            shown.extend(lanes.close(0));
            for tone in [Tone::Hook(0), Tone::Warn, Tone::Dim] {
                let painted = tone.paint("x");
                let (on, off) = painted.split_once('x').unwrap();
                shown = shown.replace(on, "").replace(off, "");
            }
            for character in shown.chars() {
                prop_assert!(matches!(character, '\n' | '\t') || !character.is_control());
            }
        }
    }
}
