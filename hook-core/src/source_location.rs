//! Locations in a config file.

/// A stretch of one line of a config file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceRange {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The number of characters, at least 1.
    pub length: u32,
}

/// Maps the characters of a text in a config file to the places where they are written.
///
/// The two differ by indentation, folding and escapes, depending on the text's style: plain,
/// quoted, block or JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextMap {
    /// Stretches of the text that stand in the file as they are, in order.
    runs: Vec<TextRun>,
    /// The first character of each line of the text.
    lines: Vec<u32>,
    /// The index after the last character.
    end: u32,
    whole: SourceRange,
}

/// A stretch of a text that stands in one line of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TextRun {
    /// The index of its first character in the text.
    start: u32,
    line: u32,
    column: u32,
}

impl TextMap {
    /// Returns the map of `text`, which stands at `whole`. `places` gives the line and the
    /// column of each character and of the end; it is empty if they are not known.
    pub(crate) fn new(
        text: &str,
        places: impl Iterator<Item = (u32, u32)>,
        whole: SourceRange,
    ) -> TextMap {
        let mut runs: Vec<TextRun> = Vec::new();
        for (start, (line, column)) in (0_u32..).zip(places) {
            let continues = runs
                .last()
                .is_some_and(|run| (line, column) == run.place(start));
            if !continues {
                runs.push(TextRun {
                    start,
                    line,
                    column,
                });
            }
        }
        let newlines = (1..).zip(text.chars()).filter(|(_, c)| *c == '\n');
        TextMap {
            runs,
            lines: [0].into_iter().chain(newlines.map(|(i, _)| i)).collect(),
            end: u32::try_from(text.chars().count()).unwrap_or(u32::MAX),
            whole,
        }
    }

    /// Returns the stretch of the file where `length` characters of the text are written,
    /// which begin at a line and a column of the text, each from 1.
    ///
    /// A place beyond the text is its end. If the text could not be found in the file, the
    /// stretch is the whole text.
    pub(crate) fn range(&self, line: u32, column: u32, length: u32) -> SourceRange {
        if self.runs.is_empty() {
            return self.whole;
        }
        let start = self
            .lines
            .get(line.saturating_sub(1) as usize)
            .map_or(self.end, |start| {
                start.saturating_add(column).saturating_sub(1)
            })
            .min(self.end);
        let after = start.saturating_add(length.max(1)).min(self.end);
        let (line, column) = self.place(start);
        let last = (start..=after)
            .map(|index| self.place(index))
            .take_while(|place| place.0 == line)
            .map(|place| place.1)
            .max();
        SourceRange {
            line,
            column,
            length: last.map_or(1, |last| last.saturating_sub(column).max(1)),
        }
    }

    /// Returns the stretches of the file that are joined to the line before them, as both are in
    /// one line of the text. Each with the index of its first character in the text.
    pub(crate) fn folds(&self) -> impl Iterator<Item = (usize, SourceRange)> {
        let pairs = self.runs.iter().zip(self.runs.iter().skip(1));
        let folds = pairs.filter(|(before, after)| {
            before.line != after.line && self.lines.binary_search(&after.start).is_err()
        });
        // An empty line at the end, and the end itself, join nothing.
        let folds = folds.filter(|(_, after)| after.start < self.end);
        folds.map(|(_, fold)| (fold.start as usize, self.rest_of_line(*fold)))
    }

    fn rest_of_line(&self, run: TextRun) -> SourceRange {
        let is_newline = |index: &u32| self.lines.binary_search(&(index + 1)).is_ok();
        let of_line = (run.start..self.end)
            .take_while(|index| self.place(*index).0 == run.line && !is_newline(index));
        let last = of_line.last().unwrap_or(run.start);
        SourceRange {
            line: run.line,
            column: run.column,
            length: last - run.start + 1,
        }
    }

    fn place(&self, index: u32) -> (u32, u32) {
        let after = self.runs.partition_point(|run| run.start <= index);
        let run = after.checked_sub(1).and_then(|i| self.runs.get(i));
        run.map_or((1, 1), |run| run.place(index))
    }
}

impl TextRun {
    fn place(self, index: u32) -> (u32, u32) {
        (self.line, self.column + (index - self.start))
    }
}
