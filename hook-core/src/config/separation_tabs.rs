//! Tabs between a key of YAML and its value.
//!
//! YAML allows them. The parser refuses them before a letter or a dash.

use saphyr_parser::{Event, Parser};

/// Returns the text with a space for each tab after a colon that ends a key. Characters keep their
/// places.
pub(crate) fn spaced(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let mut tabs = Vec::new();
    let mut after_colon = false;
    for (at, c) in chars.iter_mut().enumerate() {
        if after_colon && *c == '\t' {
            *c = ' ';
            tabs.push(at);
        }
        after_colon = *c == ':' || (after_colon && *c == ' ');
    }
    // A tab within a text belongs to it. The spaces do not change where a text begins and ends.
    let with_spaces: String = chars.iter().collect();
    let mut parser = Parser::new_from_str(&with_spaces);
    while let Some(Ok((event, span))) = parser.next_event() {
        match event {
            Event::StreamEnd => break,
            Event::Scalar(..) => {
                let from = tabs.partition_point(|tab| *tab < span.start.index());
                let within = tabs[from..]
                    .iter()
                    .take_while(|tab| **tab < span.end.index());
                within.for_each(|tab| chars[*tab] = '\t');
            }
            _ => {}
        }
    }
    chars.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::spaced;

    #[test]
    fn tabs_between_a_key_and_its_value_become_spaces() {
        for (text, expect) in [
            ("a:\tb", "a: b"),
            ("a: \t \tb\n", "a:    b\n"),
            (
                "a:\n  b:\t-1\n  c:\t'd:\te'\n",
                "a:\n  b: -1\n  c: 'd:\te'\n",
            ),
            ("a: |\n  b:\tc\n", "a: |\n  b:\tc\n"),
            ("a:\t|\n  b:\tc\nd:\te", "a: |\n  b:\tc\nd: e"),
            ("- ü:\t{a:\tb}", "- ü: {a: b}"),
            ("a: x:y\t", "a: x:y\t"),
        ] {
            assert_eq!(spaced(text), expect, "{text:?}");
        }
    }
}
