//! The comments of a .proto file, found by the place of what they stand before.

use std::collections::HashMap;

use prost_types::FileDescriptorProto;

/// The comments of one file.
pub(crate) struct Comments<'a>(HashMap<&'a [i32], &'a str>);

impl<'a> Comments<'a> {
    /// Collects them from the file's source information.
    pub(crate) fn of(file: &'a FileDescriptorProto) -> Self {
        let locations = file.source_code_info.iter().flat_map(|info| &info.location);
        let comments = locations.filter_map(|location| {
            let text = location.leading_comments.as_deref()?;
            Some((location.path.as_slice(), text))
        });
        Self(comments.collect())
    }

    /// The comment as paragraphs, without what is meant for the linter; empty if none.
    pub(crate) fn at(&self, path: &[i32]) -> String {
        let text = self.0.get(path).copied().unwrap_or_default();
        let lines = text.lines().map(str::trim);
        let lines: Vec<_> = lines
            .filter(|line| !line.starts_with("buf:lint:"))
            .collect();
        lines.join("\n").trim().to_owned()
    }

    /// The comment as one line, for a table's cell.
    pub(crate) fn cell(&self, path: &[i32]) -> String {
        let text = self.at(path);
        let words: Vec<_> = text.split_whitespace().collect();
        words.join(" ").replace('|', "\\|")
    }
}

#[cfg(test)]
mod tests {
    use prost_types::SourceCodeInfo;
    use prost_types::source_code_info::Location;

    use super::*;

    #[test]
    fn a_comment_is_found_and_made_fit_for_a_table() {
        let location = Location {
            path: vec![4, 0],
            leading_comments: Some(" One | two,\n buf:lint:ignore X\n three.\n".to_owned()),
            ..Location::default()
        };
        let file = FileDescriptorProto {
            source_code_info: Some(SourceCodeInfo {
                location: vec![location],
            }),
            ..FileDescriptorProto::default()
        };
        let comments = Comments::of(&file);
        assert_eq!(comments.at(&[4, 0]), "One | two,\nthree.");
        assert_eq!(comments.cell(&[4, 0]), "One \\| two, three.");
        assert_eq!(comments.at(&[4]), "");
    }
}
