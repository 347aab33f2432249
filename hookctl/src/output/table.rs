//! Aligned columns, which fit the terminal.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::{Tone, safe};

/// Blanks between two columns.
const GAP: usize = 2;
/// Least width to which a column is narrowed whose texts are shortened.
const SHORTEST: usize = 7;
/// Least width to which a column is narrowed whose texts are wrapped.
const NARROWEST: usize = 14;

/// Text in one row and column.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    tone: Tone,
    text: String,
}

impl Tone {
    /// Returns untrusted text as a cell.
    pub(crate) fn cell(self, text: impl AsRef<str>) -> Cell {
        Cell {
            tone: self,
            text: safe::text(text.as_ref()).replace('\t', " "),
        }
    }
}

/// Way in which the texts of a column fit into less than their own width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// They do not: the column keeps its width.
    Whole,
    /// Their middle is left out, because names differ at their ends.
    Shorten,
    /// They go on in the next line.
    Wrap,
}

/// Rows of cells.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Fit>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table of columns with these names.
    pub(crate) fn new(columns: &[(&str, Fit)]) -> Table {
        let heading = columns.iter().map(|(name, _)| Tone::Dim.cell(name));
        Table {
            columns: columns.iter().map(|(_, fit)| *fit).collect(),
            rows: vec![heading.collect()],
        }
    }

    /// A table of names and values without a heading.
    pub(crate) fn of_facts() -> Table {
        Table {
            columns: vec![Fit::Whole, Fit::Wrap],
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Adds a row with a name and its value, unless that is empty.
    pub(crate) fn fact(&mut self, name: &str, tone: Tone, value: impl AsRef<str>) {
        if !value.as_ref().is_empty() {
            self.row([Tone::Dim.cell(name), tone.cell(value)]);
        }
    }

    /// Returns whether the table fits into this width without being narrowed.
    pub(crate) fn fits(&self, width: usize) -> bool {
        total(&self.natural_widths()) <= width
    }

    /// Returns the table as text without trailing blanks, one line for each row if `width` is
    /// `None`; else narrowed to that width as far as the columns allow.
    pub(crate) fn show(&self, width: Option<usize>) -> String {
        let widths = self.widths(width);
        self.rows
            .iter()
            .map(|row| self.lines(row, &widths))
            .collect()
    }

    fn natural_widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.text.width()).max().unwrap_or(0)
        };
        (0..self.columns.len()).map(width).collect()
    }

    fn widths(&self, limit: Option<usize>) -> Vec<usize> {
        let mut widths = self.natural_widths();
        while limit.is_some_and(|limit| total(&widths) > limit) {
            let narrowable = |&column: &usize| match self.columns[column] {
                Fit::Whole => false,
                Fit::Shorten => widths[column] > SHORTEST,
                Fit::Wrap => widths[column] > NARROWEST,
            };
            let columns = (0..widths.len()).filter(narrowable);
            let Some(widest) = columns.max_by_key(|&column| widths[column]) else {
                break;
            };
            widths[widest] -= 1;
        }
        widths
    }

    /// Returns the lines of a row, which are several if a text wraps.
    fn lines(&self, row: &[Cell], widths: &[usize]) -> String {
        let fitted = |(column, cell): (usize, &Cell)| match self.columns[column] {
            Fit::Whole => vec![cell.text.clone()],
            Fit::Shorten => vec![shortened(&cell.text, widths[column])],
            Fit::Wrap => wrapped(&cell.text, widths[column]),
        };
        let cells: Vec<Vec<String>> = row.iter().enumerate().map(fitted).collect();
        let mut lines = String::new();
        for at in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let mut blanks = 0;
            for (column, texts) in cells.iter().enumerate() {
                // Blanks are written only before more text, so that none trail.
                let text = texts.get(at).map_or("", |text| text.trim_end());
                if !text.is_empty() {
                    lines.push_str(&" ".repeat(blanks));
                    lines.push_str(&row[column].tone.paint(text));
                    blanks = 0;
                }
                blanks += widths[column].saturating_sub(text.width()) + GAP;
            }
            lines.push('\n');
        }
        lines
    }
}

/// Returns the width of a whole row.
fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// Returns a text without its middle if it is wider than this.
fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let head = fitting(text.chars(), room.div_ceil(2));
    let tail: String = fitting(text.chars().rev(), room / 2)
        .chars()
        .rev()
        .collect();
    format!("{head}…{tail}")
}

/// Returns the first characters that fit into this width.
fn fitting(characters: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    let fits = |character: &char| {
        used += character.width().unwrap_or(0);
        used <= width
    };
    characters.take_while(fits).collect()
}

/// Returns the lines of a text that are at most this wide: broken at blanks, and within words that
/// are wider.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    if text.width() <= width {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    for mut word in text.split(' ').filter(|word| !word.is_empty()) {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if !line.is_empty() && line.width() + 1 + word.width() <= width {
            line.push(' ');
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(String::new());
        }
        while word.width() > width {
            // A character that is wider than the line stands there nevertheless.
            let first = word.chars().next().map_or(0, char::len_utf8);
            let end = fitting(word.chars(), width).len().max(first);
            let last = lines.len() - 1;
            lines[last].push_str(&word[..end]);
            lines.push(String::new());
            word = &word[end..];
        }
        let last = lines.len() - 1;
        lines[last].push_str(word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::output::plain;

    const COLUMNS: [(&str, Fit); 3] = [
        ("NAME", Fit::Shorten),
        ("SCOPE", Fit::Whole),
        ("STATE", Fit::Wrap),
    ];

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let mut table = Table::new(&COLUMNS);
        table.row(["日本", "plan", ""].map(|text| Tone::Strong.cell(text)));
        table.row(["x", "", "on\x1b"].map(|text| Tone::Plain.cell(text)));
        insta::assert_snapshot!(plain(&table.show(None)), @r"
        NAME  SCOPE  STATE
        日本  plan
        x            on\x1b
        ");
    }

    #[test]
    fn a_narrow_terminal_shortens_names_and_wraps_texts() {
        let mut table = Table::new(&COLUMNS);
        let name = "backup-of-the-database-on-the-second-server";
        table.row([name, "plan", "failed 3 times since yesterday"].map(|t| Tone::Plain.cell(t)));
        table.row(["日本語の長い長い名前の計画です", "plan", "ok"].map(|t| Tone::Plain.cell(t)));
        assert!(table.fits(100) && !table.fits(40));
        insta::assert_snapshot!(plain(&table.show(Some(40))), @r"
        NAME              SCOPE  STATE
        backup-o…-server  plan   failed 3 times
                                 since yesterday
        日本語の…画です   plan   ok
        ");
        assert_eq!(table.show(Some(200)), table.show(None));
    }

    #[test]
    fn names_lose_their_middle() {
        for (text, width, expected) in [
            ("abcdefgh", 8, "abcdefgh"),
            ("abcdefgh", 7, "abc…fgh"),
            ("abcdefgh", 4, "ab…h"),
            ("日本日本日本", 7, "日…本"),
            ("", 3, ""),
        ] {
            assert_eq!(shortened(text, width), expected);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_asked(text in "[a-z日é ]{0,80}", width in 7usize..60) {
            prop_assert!(shortened(&text, width).width() <= width);
            let lines = wrapped(&text, width);
            for line in &lines {
                prop_assert!(line.width() <= width, "{:?}", line);
            }
            if text.width() > width {
                let bare = |text: &str| text.replace(' ', "");
                prop_assert_eq!(bare(&lines.concat()), bare(&text));
            }
        }
    }
}
