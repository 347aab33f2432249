//! Aligned columns.

use std::io::Write as _;

use tabwriter::TabWriter;

use super::Tone;

/// Rows of cells, which [`Tone::cell`] makes.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these column names.
    pub(crate) fn new(heading: &[&str]) -> Table {
        let heading = heading.iter().map(|name| Tone::Dim.cell(name));
        Table {
            rows: vec![heading.collect()],
        }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Adds a row with a name and its value, unless that is empty.
    pub(crate) fn fact(&mut self, name: &str, tone: Tone, value: impl AsRef<str>) {
        if !value.as_ref().is_empty() {
            self.row([Tone::Dim.cell(name), tone.cell(value)]);
        }
    }

    /// Returns the table as text, one line for each row, without trailing blanks.
    pub(crate) fn show(&self) -> String {
        let rows = self.rows.iter().map(|row| row.join("\t") + "\n");
        let mut writer = TabWriter::new(Vec::new()).minwidth(0).ansi(true);
        // Writing to memory does not fail.
        let _ = writer.write_all(rows.collect::<String>().as_bytes());
        let aligned = writer.into_inner().unwrap_or_default();
        let aligned = String::from_utf8_lossy(&aligned);
        aligned
            .lines()
            .map(|line| line.trim_end().to_owned() + "\n")
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::plain;

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let mut table = Table::new(&["NAME", "SCOPE", "STATE"]);
        table.row(["日本", "plan", ""].map(|text| Tone::Strong.cell(text)));
        table.row(["x", "", "on\x1b"].map(|text| Tone::Plain.cell(text)));
        insta::assert_snapshot!(plain(&table.show()), @r"
        NAME  SCOPE  STATE
        日本  plan
        x            on\x1b
        ");
    }
}
