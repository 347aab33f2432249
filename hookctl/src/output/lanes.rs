//! What hooks write, a line at a time, each line with the name of its hook.

use std::collections::BTreeMap;

use hookd_proto::v1::{HookOutput, OutputStream};
use unicode_width::UnicodeWidthStr;

use super::lines::{LineEnd, LineSplitter};
use super::{Paint, Tone, safe, words};

/// Names beyond this width do not widen the column of names.
const WIDEST_NAME: usize = 32;

/// Which of a hook's streams to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Streams {
    /// Both.
    #[default]
    Both,
    /// Only this one.
    Only(OutputStream),
}

impl Streams {
    /// Whether a stream is to be shown.
    #[must_use]
    pub(crate) fn has(self, stream: OutputStream) -> bool {
        match self {
            Streams::Both => true,
            Streams::Only(only) => only == stream,
        }
    }
}

/// The hooks of a run as columns of text that never mix within a line.
#[derive(Debug)]
pub(crate) struct Lanes {
    paint: Paint,
    width: usize,
    /// Every hook's name, made safe; its place decides its colour.
    names: Vec<String>,
    lanes: BTreeMap<u32, Lane>,
}

#[derive(Debug, Default)]
struct Lane {
    hook: usize,
    stdout: Side,
    stderr: Side,
    /// Whether the hook run was not seen from its start, so that a first gap means nothing.
    joined: bool,
}

/// One stream of a hook run.
#[derive(Debug, Default)]
struct Side {
    lines: LineSplitter,
    /// How much of the stream came before what comes next; not known before its first
    /// piece if the start was not seen.
    next: Option<u64>,
}

impl Side {
    /// How much the daemon dropped before this piece.
    fn gap(&mut self, output: &HookOutput, joined: bool) -> u64 {
        let from_start = if joined { output.offset } else { 0 };
        let expected = self.next.unwrap_or(from_start);
        self.next = Some(output.offset.saturating_add(output.data.len() as u64));
        output.offset.saturating_sub(expected)
    }
}

impl Lanes {
    /// No hook yet.
    #[must_use]
    pub(crate) fn new(paint: Paint) -> Lanes {
        Lanes {
            paint,
            width: 0,
            names: Vec::new(),
            lanes: BTreeMap::new(),
        }
    }

    /// Makes room for these hooks.
    pub(crate) fn expect<'name>(&mut self, hooks: impl IntoIterator<Item = &'name str>) {
        for hook in hooks {
            self.place(hook);
        }
    }

    /// A hook run begins.
    pub(crate) fn open(&mut self, index: u32, hook: &str) {
        let lane = Lane {
            hook: self.place(hook),
            ..Lane::default()
        };
        self.lanes.insert(index, lane);
    }

    /// A hook wrote something: every line that this completes is shown, and before it how
    /// much is missing there. Gives the latter, in bytes.
    pub(crate) fn output(&mut self, output: &HookOutput, mut show: impl FnMut(String)) -> u64 {
        // The journal may be read from the middle, where the start is not seen.
        if !self.lanes.contains_key(&output.index) {
            self.open(output.index, &format!("hook {}", output.index));
            if let Some(lane) = self.lanes.get_mut(&output.index) {
                lane.joined = true;
            }
        }
        let Lanes {
            paint,
            width,
            names,
            lanes,
        } = self;
        let Some(lane) = lanes.get_mut(&output.index) else {
            return 0;
        };
        let stream = output.stream();
        let prefix = prefix(*paint, *width, names, lane.hook);
        let side = match stream {
            OutputStream::Stderr => &mut lane.stderr,
            OutputStream::Stdout | OutputStream::Unspecified => &mut lane.stdout,
        };
        let gap = side.gap(output, lane.joined);
        if gap > 0 {
            side.lines.finish(|bytes, _| {
                show(line(*paint, &prefix, stream, bytes, LineEnd::Continued));
            });
            show(dropped(*paint, &prefix, gap, stream_name(stream)));
        }
        side.lines.push(&output.data, |bytes, end| {
            show(line(*paint, &prefix, stream, bytes, end));
        });
        gap
    }

    /// Says of a hook run that so much of its output is missing at the end.
    pub(crate) fn dropped(&self, index: u32, bytes: u64, mut show: impl FnMut(String)) {
        if let Some(lane) = self.lanes.get(&index) {
            let prefix = prefix(self.paint, self.width, &self.names, lane.hook);
            show(dropped(self.paint, &prefix, bytes, "output"));
        }
    }

    /// A hook run ended: what it wrote without a line break at the end is shown.
    pub(crate) fn close(&mut self, index: u32, mut show: impl FnMut(String)) {
        let Some(mut lane) = self.lanes.remove(&index) else {
            return;
        };
        let prefix = prefix(self.paint, self.width, &self.names, lane.hook);
        for (stream, splitter) in [
            (OutputStream::Stdout, &mut lane.stdout.lines),
            (OutputStream::Stderr, &mut lane.stderr.lines),
        ] {
            splitter.finish(|bytes, end| show(line(self.paint, &prefix, stream, bytes, end)));
        }
    }

    /// Everything that is still held back is shown.
    pub(crate) fn close_all(&mut self, mut show: impl FnMut(String)) {
        let open: Vec<u32> = self.lanes.keys().copied().collect();
        for index in open {
            self.close(index, &mut show);
        }
    }

    /// The name of a hook as it stands before its lines.
    pub(crate) fn prefix(&mut self, hook: &str) -> String {
        let place = self.place(hook);
        prefix(self.paint, self.width, &self.names, place)
    }

    fn place(&mut self, hook: &str) -> usize {
        let name = safe::text(hook).replace('\t', " ");
        if let Some(place) = self.names.iter().position(|known| *known == name) {
            return place;
        }
        self.width = self.width.max(name.width().min(WIDEST_NAME));
        self.names.push(name);
        self.names.len() - 1
    }
}

fn prefix(paint: Paint, width: usize, names: &[String], hook: usize) -> String {
    let name = names.get(hook).map_or("", String::as_str);
    let blanks = " ".repeat(width.saturating_sub(name.width()));
    format!("{}{blanks}", paint.text(Tone::Hook(hook), name))
}

fn stream_name(stream: OutputStream) -> &'static str {
    match stream {
        OutputStream::Stderr => "stderr",
        OutputStream::Stdout | OutputStream::Unspecified => "stdout",
    }
}

/// The line that stands for what is missing; not with the mark of the hook's own words.
fn dropped(paint: Paint, prefix: &str, bytes: u64, of: &str) -> String {
    let text = format!("- … {} of {of} dropped …", words::bytes(bytes));
    format!("{prefix} {}\n", paint.text(Tone::Warn, &text))
}

fn line(paint: Paint, prefix: &str, stream: OutputStream, bytes: &[u8], end: LineEnd) -> String {
    let mark = match stream {
        OutputStream::Stderr => paint.text(Tone::Warn, "!"),
        OutputStream::Stdout | OutputStream::Unspecified => paint.text(Tone::Dim, "|"),
    };
    let mut line = format!("{prefix} {mark} ");
    safe::push_line(&mut line, bytes);
    if bytes.is_empty() {
        line.truncate(line.trim_end_matches(' ').len());
    }
    match end {
        LineEnd::Break => {}
        LineEnd::Continued => line.push_str(&paint.text(Tone::Dim, " (goes on)")),
        LineEnd::Missing => line.push_str(&paint.text(Tone::Dim, " (no line break)")),
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
        let mut lanes = Lanes::new(Paint::PLAIN);
        lanes.expect(["disk", "battery"]);
        lanes.open(0, "disk");
        for (stream, offset, data) in [
            (OutputStream::Stdout, 0, b"out \xe2\x82".as_slice()),
            (OutputStream::Stderr, 0, b"err\n\n"),
            (OutputStream::Stdout, 6, b"\xac\nlast"),
        ] {
            lanes.output(&output(0, stream, offset, data), |line| {
                shown.push_str(&line)
            });
        }
        // The start of this one was not seen, so that nothing is missing.
        lanes.output(&output(7, OutputStream::Stdout, 9, b"?\n"), |line| {
            shown.push_str(&line)
        });
        lanes.close_all(|line| shown.push_str(&line));
        assert_eq!(
            shown,
            "disk    ! err\n\
             disk    !\n\
             disk    | out €\n\
             hook 7  | ?\n\
             disk    | last (no line break)\n"
        );
    }

    #[test]
    fn what_is_missing_is_said_where_it_is_missing() {
        let mut shown = String::new();
        let mut lanes = Lanes::new(Paint::PLAIN);
        lanes.open(0, "dump");
        let mut missing = 0;
        for (stream, offset, data) in [
            (OutputStream::Stdout, 0, b"first\nhalf a li".as_slice()),
            (OutputStream::Stderr, 2048, b"the error\n"),
            (OutputStream::Stdout, 15 + (12 << 20), b"ne\nlast\n"),
        ] {
            missing += lanes.output(&output(0, stream, offset, data), |line| {
                shown.push_str(&line);
            });
        }
        lanes.dropped(0, 7, |line| shown.push_str(&line));
        lanes.close(0, |line| shown.push_str(&line));
        assert_eq!(
            shown,
            "dump | first\n\
             dump - … 2 KiB of stderr dropped …\n\
             dump ! the error\n\
             dump | half a li (goes on)\n\
             dump - … 12 MiB of stdout dropped …\n\
             dump | ne\n\
             dump | last\n\
             dump - … 7 B of output dropped …\n"
        );
        assert_eq!(missing, 2048 + (12 << 20));
    }

    proptest! {
        #[test]
        fn whatever_hooks_write_terminals_are_safe(
            name: String,
            pieces in proptest::collection::vec((any::<bool>(), any::<Vec<u8>>()), 0..8),
        ) {
            let mut shown = String::new();
            let mut lanes = Lanes::new(Paint::PLAIN);
            lanes.open(0, &name);
            for (stderr, data) in pieces {
                let stream = if stderr { OutputStream::Stderr } else { OutputStream::Stdout };
                lanes.output(&output(0, stream, 0, &data), |line| shown.push_str(&line));
            }
            lanes.close(0, |line| shown.push_str(&line));
            for character in shown.chars() {
                prop_assert!(matches!(character, '\n' | '\t') || !character.is_control());
            }
        }
    }
}
