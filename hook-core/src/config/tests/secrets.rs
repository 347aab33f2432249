//! Secrets of a file: masked in messages about it and in its lines, and long enough.

use super::super::codes;
use crate::load::{masked_text, parse};

/// Checks that a file is refused and that neither the messages nor the text show the secret.
fn check_hidden(text: &str) {
    let faults = parse("f", text.as_bytes()).expect_err(text);
    let shown = format!("{faults:?}{}", masked_text(text.as_bytes()));
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn messages_about_a_faulty_file_show_no_secret() {
    for text in [
        "repos: [{ id: nas, uri: x, password: hunter2-long, colour: 1 }]",
        "repos:\n  - id: nas\n    password: [hunter2-long]",
        "repos:\n  - id: nas\n    passwort: hunter2-long",
        "repos:\n  - id: nas\n    password: hunter2-long\n    password: hunter2-other",
        "repos:\n  - id: nas\n    password: |\n      hunter2-long\n     x: y",
        "repos:\n  - id: nas\n    password: >\n      hunter2-long\n      hunter2-lines\n    x: y",
        "hooks:\n  - env: [B2_ACCOUNT hunter2-long, B2_ID=hunter2-id]",
        "repos:\n  - id: nas\n    uri: [https://anna:hunter2-long@nas/]",
        "repos:\n  - id: nas\n    password: \"hunter2-long\n    uri: x",
        "repos:\n  - id: nas\n\tpassword: hunter2-long",
        "repos:\n  - id: nas\n    password:\n      hunter2-long\n\tx",
        "repos:\n  - id: nas\n    env:\n      - B2_ID=hunter2-long\n\t- x",
        "repos:\n  - id: nas\n    uri: rest:https://anna:hunter2-long@nas/\n\tx",
        "{\"repos\": [{\"id\": \"nas\", \"password\": \"hunter2-long\", }}",
        "hooks:\n  - conditions: [hunter2-long]\n    env: { API_TOKEN: hunter2-long }",
    ] {
        check_hidden(text);
    }
    let not_utf8 = b"repos:\n  - id: nas\n    password: hunter2-\xff\n";
    assert!(!masked_text(not_utf8).contains("hunter2"));
}

/// A message cuts long values.
#[test]
fn a_secret_that_a_message_cuts_is_masked() {
    let long = "hunter2-".repeat(10);
    check_hidden(&format!("hooks: [{{ env: [\"B2_ID {long}\"] }}]"));
    check_hidden(&format!(
        "hooks: [{{ onError: {long}, env: {{ KEY: {long} }} }}]"
    ));
}

#[test]
fn masked_text_keeps_its_places_and_all_that_is_no_secret() {
    let text = "repos:\n  - id: nas # ü\n    password: \"it's-ü\"\n    env: [COMPRESSION=auto]\n\
                hooks:\n  - env: { MODE: fast, TOKEN: { fromFile: /run/token } }\n";
    let expect = text.replace("it's-ü", "******");
    assert_eq!(masked_text(text.as_bytes()), expect);
}

#[test]
fn a_secret_that_cannot_be_masked_is_warned_of() {
    let text = "repos:\n  - { id: a, uri: 'https://x:abc@y/', password: abc, env: [PACK_SIZE=64, B2_KEY=k] }\n  \
                - { id: b, password: '', env: [EMPTY_KEY=, KEY=long] }\n\
                hooks:\n  - conditions: [CONDITION_ANY_ERROR]\n    env: { A: b, TOKEN: t, C: { fromEnv: NO_SUCH }, D: { fromFile: FILE } }\n    \
                actionCommand: { command: 'true' }\n";
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "abc\n").expect("written");
    let text = text.replace("FILE", &file.path().to_string_lossy());
    let loaded = parse("f", text.as_bytes()).expect("valid");
    let warnings = loaded.warnings.iter();
    let short = warnings.filter(|warning| warning.code == codes::SHORT_SECRET);
    let places: Vec<_> = short
        .map(|warning| (warning.line, warning.column))
        .collect();
    assert_eq!(places, [(2, 19), (2, 49), (2, 74), (6, 25), (6, 68)]);
}
