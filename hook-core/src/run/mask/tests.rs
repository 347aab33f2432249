use std::collections::BTreeSet;

use proptest::prelude::*;

use super::forms::patterns;
use super::matcher::Matcher;
use super::*;

fn check(secrets: &[&str], text: &str, expect: &str) {
    let mask = Mask::new(secrets.iter().copied());
    assert_eq!(mask.apply_text(text), expect, "{secrets:?} in {text:?}");
}

#[test]
fn every_spelling_is_masked() {
    let secret = "it's \"5\" <$>/ü";
    for (spelling, rest) in [
        ("it's \"5\" <$>/ü", ""),
        (r#"'it'"'"'s "5" <$>/ü'"#, "''"),
        (r#"'it'\''s "5" <$>/ü'"#, "''"),
        (r#"it\'s\ \"5\"\ \<\$\>/ü"#, ""),
        (r#"$'it\'s "5" <$>/ü'"#, "$''"),
        (r#"$'it\'s "5" <$>/\303\274'"#, "$''"),
        (r#""it's \"5\" <\$>/ü""#, "\"\""),
        (r#"{"a":"it's \"5\" <$>/ü"}"#, r#"{"a":""}"#),
        (r#"{"a":"it's \"5\" \u003c$\u003e/ü"}"#, r#"{"a":""}"#),
        (r#"{"a":"it's \"5\" <$>/\u00fc"}"#, r#"{"a":""}"#),
        (r#"{"a":"it's \"5\" <$>\/ü"}"#, r#"{"a":""}"#),
        (r#"'{"a":"it'"'"'s \"5\" <$>/ü"}'"#, r#"'{"a":""}'"#),
        (
            r#"'{"a":"it'\''s \"5\" \u003c$\u003e/ü"}'"#,
            r#"'{"a":""}'"#,
        ),
        (
            r#"{"a":"{\"b\":\"it's \\\"5\\\" <$>/ü\"}"}"#,
            r#"{"a":"{\"b\":\"\"}"}"#,
        ),
        ("'it''s \"5\" <$>/ü'", "''"),
        ("?a=it%27s%20%225%22%20%3C%24%3E%2F%C3%BC&b", "?a=&b"),
        ("?a=it%27s%20%225%22%20%3c%24%3e%2f%c3%bc&b", "?a=&b"),
        ("?a=it%27s+%225%22+%3C%24%3E%2F%C3%BC&b", "?a=&b"),
        ("?a=it's%20%225%22%20%3C%24%3E%2F%C3%BC&b", "?a=&b"),
        ("it&#39;s &#34;5&#34; &lt;$&gt;/ü", ""),
        ("it&#x27;s &quot;5&quot; &lt;$&gt;/ü", ""),
        ("it&#x27;s &quot;5&quot; &lt;$&gt;&#x2F;ü", ""),
        ("it&#039;s &quot;5&quot; &lt;$&gt;/ü", ""),
        ("it&#39;s &quot;5&quot; &lt;$&gt;/ü", ""),
        ("it&apos;s &quot;5&quot; &lt;$&gt;/ü", ""),
        (r#"it\'s \"5\" \u003C$\u003E/ü"#, ""),
        ("?a=it%27s%20%225%22%20%3C%24%3E/%C3%BC&b", "?a=&b"),
        ("?a=it%27s+%225%22+%3C%24%3E/%C3%BC&b", "?a=&b"),
        ("69 74 27 73 20 22 35 22 20 3c 24 3e 2f c3 bc", ""),
        ("69 74 27 73 20 22 35 22 20 3C 24 3E 2F C3 BC", ""),
        ("69:74:27:73:20:22:35:22:20:3c:24:3e:2f:c3:bc", ""),
        ("69:74:27:73:20:22:35:22:20:3C:24:3E:2F:C3:BC", ""),
        ("6974277320223522203c243e2fc3bc", ""),
        ("6974277320223522203C243E2FC3BC", ""),
    ] {
        let masked = Mask::new([secret]).apply_text(spelling);
        assert_eq!(masked.replace('*', ""), rest, "{spelling}");
    }
}

#[test]
fn base64_is_masked_at_every_alignment() {
    // The characters that also hold bits of the neighbours stay.
    check(&["hunter22"], "aHVudGVyMjI=", "**********I=");
    check(&["hunter22"], "eGh1bnRlcjIyeQ==", "eG**********eQ==");
    check(&["hunter22"], "eHhodW50ZXIyMnk=", "eHh**********nk=");
    check(&["a?>b?>"], "YT8-Yj8-", "********");
    check(&["a?>b?>"], "YT8+Yj8+", "********");
}

#[test]
fn encoded_secrets_may_be_broken_into_lines() {
    let secret = "0123456789".repeat(20);
    let mask = Mask::new([secret.as_str()]);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD_NO_PAD, &secret);
    for (form, length) in [(&base64, 76), (&base64, 64), (&base64, 999), (&hex, 60)] {
        let lines = form.as_bytes().chunks(length);
        let lines: Vec<_> = lines.map(String::from_utf8_lossy).collect();
        let masked = mask.apply_text(&lines.join("\n"));
        let rest = masked.replace(['*', '\n'], "");
        assert!(rest.len() < 4, "{rest} of {length}");
    }
}

#[test]
fn base64_may_be_broken_into_lines_within_a_secret() {
    for length in [15, 64, 65, 200] {
        let secret: String = ('!'..='~').cycle().take(length).collect();
        let mask = Mask::new([secret.as_str()]);
        for (before, columns) in (0..80).flat_map(|before| [(before, 76), (before, 64)]) {
            let text = format!("{}{secret}{}", "0".repeat(before), "0".repeat(100));
            let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text);
            let lines = encoded
                .as_bytes()
                .chunks(columns)
                .map(String::from_utf8_lossy);
            let broken = lines.collect::<Vec<_>>().join("\n");
            let masked = mask.apply_text(&broken);
            let shown = broken.chars().zip(masked.chars());
            let shown: String = shown.filter(|(c, _)| *c != '\n').map(|(_, c)| c).collect();
            // All characters that hold no bits of the neighbours.
            let secret = (before * 8).div_ceil(6)..(before + length) * 8 / 6;
            let stars = "*".repeat(secret.len());
            assert_eq!(shown[secret], stars, "{length} after {before}: {masked}");
        }
    }
}

#[test]
fn overlapping_secrets_are_masked_together() {
    check(&["abcd", "abcdefgh"], "xabcdefghx", "x********x");
    check(&["abcd", "cdefgh"], "xabcdefghx", "x********x");
    check(&["abab"], "ababab", "******");
    check(&["bcde", "abcdefgh"], "abcdefgx", "a****fgx");
}

#[test]
fn lines_are_masked_alone_and_ordinary_text_stays() {
    check(&["line one\n  line two\nend"], "  line two", "  ********");
    check(&["line one\n  line two\nend"], "the end", "the end");
    check(
        &["abc", "", "    ", "a\nb\n"],
        "abc a b     ",
        "abc a b     ",
    );
    let ordinary = "2026-11-28 03:14:07 saved /home/anna/IMG_0001.jpg in 0.03s (3.1 MiB)";
    check(&["hunter22", "correct horse"], ordinary, ordinary);
}

#[test]
fn a_long_list_is_masked_line_by_line() {
    let list: String = (0..3400)
        .map(|i| format!("secret number {i:05}\n"))
        .collect();
    let mask = Mask::new([list.as_str()]);
    let text = "one is secret number 02718, said \"secret number 03141\"";
    let expect = "one is *******************, said \"*******************\"";
    assert_eq!(mask.apply_text(text), expect);
    assert!(mask.memory() < 64 << 20, "{} bytes", mask.memory());
}

#[test]
fn words_of_a_command_are_masked_together() {
    let words = |words: [&str; 4]| words.map(str::to_owned).to_vec();
    let command = words(["env", "correct", "horse", ""]);
    let masked = Mask::new(["correct horse"]).apply_command(&command);
    assert_eq!(masked, words(["env", "*******", "*****", ""]));
    assert_eq!(Mask::default().apply_command(&[]), Vec::<String>::new());
}

#[test]
fn the_beginning_of_a_secret_before_a_cut_is_masked() {
    check(&["hunter2-hunter2"], "at `hunter2-h…`", "at `*********…`");
    check(&["hunter2-hunter2"], "at `hunter2-h`", "at `hunter2-h`");
    check(&["hunter2-hunter2"], "a hun…", "a hun…");
}

#[test]
fn no_pattern_is_short_or_long() {
    let long = "ü".repeat(1000);
    for pattern in patterns(["pass", "ab'c\"", long.as_str(), "some\nlines\nof text"]) {
        assert!((4..=256).contains(&pattern.len()), "{pattern:?}");
    }
}

#[test]
fn a_secret_is_not_printed_for_debugging() {
    let shown = format!("{:?}", Mask::new(["hunter22"]));
    assert_eq!(shown, "Mask { .. }");
}

proptest! {
    #[test]
    fn all_occurrences_are_found(
        patterns in prop::collection::btree_set("[ab]{4,12}", 1..6), text in "[abc]{0,200}",
    ) {
        let patterns: BTreeSet<Vec<u8>> = patterns.into_iter().map(String::into_bytes).collect();
        let text = text.as_bytes();
        let mut found = vec![false; text.len()];
        let pending = Matcher::new(&patterns).scan(text, |range| found[range].fill(true));
        let mut expect = vec![false; text.len()];
        for pattern in &patterns {
            for at in 0..text.len() {
                if text[at..].starts_with(pattern) {
                    expect[at..at + pattern.len()].fill(true);
                }
            }
        }
        prop_assert_eq!(found, expect);
        let begins = |at: &usize| patterns.iter().any(|pattern| pattern.starts_with(&text[*at..]));
        let first = (0..text.len()).find(begins).unwrap_or(text.len());
        prop_assert_eq!(pending, text.len() - first);
    }
}
