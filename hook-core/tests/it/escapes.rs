//! Escaped texts are read back unchanged: by the real program if it is installed, else by a parser
//! of its grammar.

use std::process::Command;

use hook_core::template::{Engine, Template};
use hook_core::vars::Vars;
use proptest::prelude::*;

/// Returns the output of a template for a task.
fn rendered(template: &str, task: &str) -> String {
    let vars = Vars {
        task: task.to_owned(),
        ..Vars::default()
    };
    let engine = match template.contains('|') {
        true => Engine::Tera,
        false => Engine::Go,
    };
    let output = Template::parse(engine, template).and_then(|t| t.render(&vars));
    let output = output.unwrap_or_else(|e| panic!("{e}"));
    String::from_utf8(output).unwrap_or_else(|e| panic!("{e}"))
}

/// Returns a text escaped in both dialects, which must agree.
fn escaped(go: &str, tera: &str, text: &str) -> String {
    let in_go = rendered(&format!("{{{{ .{go} .Task }}}}"), text);
    let in_tera = rendered(&format!("{{{{ task | {tera} }}}}"), text);
    assert_eq!(in_go, in_tera);
    in_go
}

/// Texts of characters that have a special meaning somewhere.
fn texts() -> impl Strategy<Value = String> {
    let special = prop_oneof![
        Just('\''),
        Just('"'),
        Just('\\'),
        Just('$'),
        Just('`'),
        Just('\n'),
        Just('\r'),
        Just(' '),
        Just('%'),
        Just('\u{2018}'),
        Just('\u{2019}'),
        Just('\u{201a}'),
        Just('\u{201b}'),
        Just('\u{201c}'),
        any::<char>(),
    ];
    proptest::collection::vec(special.prop_filter("no NUL", |c| *c != '\0'), 0..20)
        .prop_map(|chars| chars.into_iter().collect())
}

/// The shell reads many words at once, so that few shells have to be started.
fn shell_reads_back(shell: &str, texts: &[String]) -> Result<(), TestCaseError> {
    let mut script = "printf '%s\\0'".to_owned();
    for text in texts {
        script.push(' ');
        script.push_str(&escaped("ShellEscape", "shell_escape", text));
    }
    let output = Command::new(shell).arg("-c").arg(&script).output();
    let output = output.map_err(|e| TestCaseError::fail(e.to_string()))?;
    let expect: String = texts.iter().map(|t| format!("{t}\0")).collect();
    prop_assert_eq!(String::from_utf8_lossy(&output.stdout), expect);
    Ok(())
}

/// Returns whether a shell is there; on Debian, root installs it first.
fn is_there(shell: &str) -> bool {
    let works = || Command::new(shell).args(["-c", ":"]).status().is_ok();
    let apt = |args: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.args(["--quiet", "--yes"]).args(args);
        let done = apt.env("DEBIAN_FRONTEND", "noninteractive").output();
        done.is_ok_and(|done| done.status.success())
    };
    let install = ["install", "--no-install-recommends", shell];
    works() || (apt(&["update"]) && apt(&install) && works())
}

#[test]
fn shells_read_back_what_was_escaped() {
    for shell in ["sh", "bash", "dash", "zsh"] {
        if !is_there(shell) {
            crate::skips::skip(&format!("shell-escape-{shell}: {shell} is not installed"));
            continue;
        }
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
            cases: 10,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        runner
            .run(&proptest::collection::vec(texts(), 100), |texts| {
                shell_reads_back(shell, &texts)
            })
            .unwrap_or_else(|e| panic!("{shell}: {e}"));
    }
}

/// Parses a PowerShell string in single quotes by the language's specification: a quote is any of
/// five characters, and a doubled quote stands for one. Returns the content and the rest.
fn verbatim_string(text: &str) -> Option<(String, &str)> {
    let is_quote = |c: char| matches!(c, '\'' | '\u{2018}'..='\u{201b}');
    let mut content = String::new();
    let mut chars = text.char_indices().peekable();
    chars.next().filter(|(_, c)| is_quote(*c))?;
    while let Some((at, c)) = chars.next() {
        match (is_quote(c), chars.peek()) {
            (true, Some((_, next))) if is_quote(*next) => {
                content.push(*next);
                chars.next();
            }
            (true, _) => return Some((content, &text[at + c.len_utf8()..])),
            (false, _) => content.push(c),
        }
    }
    None
}

/// Returns the strings of a script, and whether the grammar accepts the whole script.
fn powershell_strings(script: &str) -> (Vec<String>, bool) {
    let mut parser = tree_sitter::Parser::new();
    let chosen = parser.set_language(&tree_sitter_powershell::LANGUAGE.into());
    chosen.unwrap_or_else(|e| panic!("{e}"));
    let Some(tree) = parser.parse(script, None) else {
        panic!("no tree of {script:?}");
    };
    let mut found = Vec::new();
    let mut nodes = vec![tree.root_node()];
    while let Some(node) = nodes.pop() {
        if node.kind() == "verbatim_string_characters" {
            found.push(script[node.byte_range()].to_owned());
        }
        nodes.extend((0..node.child_count()).rev().filter_map(|i| node.child(i)));
    }
    (found, !tree.root_node().has_error())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn powershell_reads_back_what_was_escaped(text in texts()) {
        let string = escaped("PowerShellEscape", "powershell_escape", &text);
        prop_assert_eq!(verbatim_string(&string), Some((text.clone(), "")));
        // The grammar has only one kind of quote.
        let plain = text.replace(['\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'], "'");
        let string = escaped("PowerShellEscape", "powershell_escape", &plain);
        let (strings, valid) = powershell_strings(&format!("Write-Output {string}\n"));
        prop_assert!(valid, "{string}");
        prop_assert_eq!(strings.len(), 1, "{} {:?}", string, strings);
        let inner = strings[0].strip_prefix('\'').and_then(|s| s.strip_suffix('\''));
        prop_assert_eq!(inner.map(|s| s.replace("''", "'")), Some(plain));
    }

    /// By the language's guide: within double quotes only `\` begins an escape, and `\"` and `\\`
    /// stand for the second character.
    #[test]
    fn applescript_reads_back_what_was_escaped(text in texts()) {
        let string = escaped("AppleScriptEscape", "applescript_escape", &text);
        let mut content = String::new();
        let mut chars = string.chars();
        prop_assert_eq!(chars.next(), Some('"'));
        loop {
            match chars.next() {
                Some('"') => break,
                Some('\\') => match chars.next() {
                    Some(c @ ('"' | '\\')) => content.push(c),
                    other => prop_assert!(false, "{other:?} in {string}"),
                },
                Some(c) => content.push(c),
                None => prop_assert!(false, "no end: {string}"),
            }
        }
        prop_assert_eq!(chars.as_str(), "");
        prop_assert_eq!(content, text);
    }

    #[test]
    fn urls_read_back_what_was_escaped(text in texts()) {
        let part = escaped("UrlEscape", "url_escape", &text);
        prop_assert!(part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
        let decoded = percent_encoding::percent_decode_str(&part).decode_utf8();
        prop_assert_eq!(decoded.as_deref(), Ok(text.as_str()));
    }
}
