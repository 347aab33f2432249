//! The text around a value in a here-document, which quotes around the delimiter keep as it is.

use std::collections::HashMap;
use std::ops::Range;

use crate::lint::script::char_set::CharSet;
use crate::lint::script::piece::Piece;

/// The characters to which the shell gives a meaning in a here-document without quotes.
const EXPANDED: CharSet = CharSet::DOLLAR
    .union(CharSet::BACKTICK)
    .union(CharSet::BACKSLASH);

/// The here-documents of a script, in order.
pub(crate) struct DocumentTexts(Vec<DocumentText>);

/// The content of a here-document that the shell changes if the delimiter has no quotes.
struct DocumentText {
    /// Its lines, without the delimiter.
    body: Range<usize>,
    /// True if a text of it holds a character that the shell expands.
    is_expandable: bool,
    /// The first and the last value that can hold such a character, and that no variable holds.
    values: Option<(usize, usize)>,
}

impl DocumentTexts {
    pub(crate) fn of(source: &str, pieces: &[Piece]) -> DocumentTexts {
        let documents = bodies(source).into_iter().map(|body| DocumentText {
            body,
            is_expandable: false,
            values: None,
        });
        let mut texts = DocumentTexts(documents.collect());
        texts.read(pieces);
        texts
    }

    /// Returns whether the here-document around a value has other content that the shell changes
    /// if the delimiter has no quotes; true if the document is not found.
    pub(crate) fn is_expandable_around(&self, value: usize) -> bool {
        let after = self.0.partition_point(|text| text.body.start <= value);
        let before = after.checked_sub(1).and_then(|i| self.0.get(i));
        before
            .filter(|text| text.body.contains(&value))
            .is_none_or(|text| {
                let has_others = text.values.is_some_and(|ends| ends != (value, value));
                text.is_expandable || has_others
            })
    }

    fn read(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match piece {
                Piece::Text { start, text } => {
                    let (start, end) = (*start, start + text.len());
                    let first = self.0.partition_point(|text| text.body.end <= start);
                    let documents = self.0.iter_mut().skip(first);
                    for found in documents.take_while(|found| found.body.start < end) {
                        let from = found.body.start.max(start) - start;
                        let to = found.body.end.min(end) - start;
                        let is_plain = text
                            .get(from..to)
                            .is_some_and(|text| !CharSet::of(text).intersects(EXPANDED));
                        found.is_expandable |= !is_plain;
                    }
                }
                Piece::Hole(hole) => {
                    let after = self.0.partition_point(|text| text.body.start <= hole.start);
                    let before = after.checked_sub(1).and_then(|i| self.0.get_mut(i));
                    if let Some(found) = before.filter(|text| text.body.contains(&hole.start))
                        && hole.value.variable.is_none()
                        && hole.value.chars.intersects(EXPANDED)
                    {
                        let (first, last) = found.values.unwrap_or((hole.start, hole.start));
                        found.values = Some((first.min(hole.start), last.max(hole.start)));
                    }
                }
                Piece::Fork(arms) => arms.iter().for_each(|arm| self.read(arm)),
                Piece::Loop(inner) => self.read(inner),
            }
        }
    }
}

/// Returns the lines of each here-document of a script, without the delimiters.
fn bodies(source: &str) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut ends: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        let text = line.trim_end_matches('\n').trim_start_matches('\t');
        ends.entry(text).or_default().push(start);
        lines.push(start..start + line.len());
        start += line.len();
    }
    let mut bodies: Vec<Range<usize>> = Vec::new();
    for line in lines {
        let is_inside = bodies.last().is_some_and(|body| line.start <= body.end);
        let Some(delimiter) = delimiter(&source[line.clone()]).filter(|_| !is_inside) else {
            continue;
        };
        let ends = ends.get(&*delimiter).map_or(&[][..], Vec::as_slice);
        let next = ends.partition_point(|end| *end < line.end);
        bodies.extend(ends.get(next).map(|end| line.end..*end));
    }
    bodies
}

/// Returns the delimiter of the first here-document that a line announces.
fn delimiter(line: &str) -> Option<String> {
    let (_, after) = line.split_once("<<")?;
    let word = after.strip_prefix('-').unwrap_or(after);
    let ends = |c: char| c.is_whitespace() || ";&|<>()".contains(c);
    let word = word.trim_start_matches([' ', '\t']);
    let word = word.split(ends).next()?;
    let word = word.replace(['\'', '"', '\\'], "");
    (!word.is_empty()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_ends_before_its_delimiter() {
        for (script, want) in [
            ("$a\ncat <<E\n@\nE\n$b\n", &["@\n"][..]),
            ("cat <<-'E' | x\n\t$1 @\n\tE\n", &["\t$1 @\n"]),
            (
                "cat <<A\n$a\nA\ncat << \"B\"\n@ <<C\nB\n",
                &["$a\n", "@ <<C\n"],
            ),
            ("echo $((1 << 2))\ncat <<\\E\n@\nE\n", &["@\n"]),
            ("cat <<E\nE\n@\n", &[""]),
            ("cat <<< x\n@\n", &[]),
            ("cat <<E\n@\n", &[]),
        ] {
            let found: Vec<&str> = bodies(script).into_iter().map(|b| &script[b]).collect();
            assert_eq!(found, want, "{script}");
        }
    }
}
