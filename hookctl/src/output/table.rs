//! Aligned columns.

use unicode_width::UnicodeWidthStr;

use super::{Paint, Tone, safe};

/// The space between two columns.
const GAP: usize = 2;

/// A piece of text in a table.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A cell with text from anywhere: it is made safe.
    #[must_use]
    pub(crate) fn new(text: impl AsRef<str>) -> Cell {
        Cell::toned(Tone::Plain, text)
    }

    /// The same, in a colour.
    #[must_use]
    pub(crate) fn toned(tone: Tone, text: impl AsRef<str>) -> Cell {
        Cell {
            // A tab has no width of its own and would break the alignment.
            text: safe::text(text.as_ref()).replace('\t', " "),
            tone,
        }
    }
}

/// Rows under a heading.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table with these column names.
    #[must_use]
    pub(crate) fn new(heading: &[&str]) -> Table {
        let heading = heading.iter().map(|name| Cell::toned(Tone::Dim, name));
        Table {
            rows: vec![heading.collect()],
        }
    }

    /// A table of names and values, without a heading.
    #[must_use]
    pub(crate) fn bare() -> Table {
        Table { rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table as text, one line a row, none with blanks at its end.
    #[must_use]
    pub(crate) fn show(&self, paint: Paint) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| cell.text.width()).max().unwrap_or(0)
            })
            .collect();

        let mut shown = String::new();
        for row in &self.rows {
            let mut blanks = 0;
            for (cell, width) in row.iter().zip(&widths) {
                if !cell.text.is_empty() {
                    shown.extend(std::iter::repeat_n(' ', blanks));
                    shown.push_str(&paint.text(cell.tone, &cell.text));
                    blanks = 0;
                }
                blanks += width.saturating_sub(cell.text.width()) + GAP;
            }
            shown.push('\n');
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let mut table = Table::new(&["NAME", "SCOPE", "STATE"]);
        table.row(["日本", "plan", ""].map(Cell::new));
        table.row(["x", "", "on\x1b"].map(Cell::new));
        assert_eq!(
            table.show(Paint::PLAIN),
            "NAME  SCOPE  STATE\n日本  plan\nx            on\\x1b\n"
        );
    }
}
