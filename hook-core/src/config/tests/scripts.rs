//! Faults of actions and scripts.

use super::{check, hook, shown};
use crate::diagnostic::Diagnostic;
use crate::load::parse;

#[test]
fn actions() {
    check(&hook("conditions: [1]"), &["2:5 no-action"]);
    check(
        &hook("conditions: [1]\nactionCommand: {}"),
        &["3:20 empty-command"],
    );
    check(
        &hook("conditions: [1]\nactionCommand: { command: ' ' }"),
        &["3:31 empty-command"],
    );
    check(
        &hook("conditions: [1]\nactionCommand: { command: 5 }"),
        &["3:31 wrong-type"],
    );
    check(
        &hook("conditions: [1]\nactionDiscord: { webhookUrl: x }"),
        &["3:5 unsupported-action"],
    );
    check(
        &hook("conditions: [1]\nenabled: false\nactionDiscord: { webhookUrl: x }"),
        &[],
    );
    check(
        &hook("conditions: [1]\nactionCommand: { command: 'true' }\nactionSlack: {}"),
        &["2:5 several-actions", "4:5 unsupported-action"],
    );
    check(
        &hook("conditions: [1]\nactionComand: { command: 'true' }"),
        &["2:5 no-action", "3:5 unknown-key"],
    );
    check(
        &hook(
            "conditions: [1]\nactionCommand: { command: 'true', templateEngine: JINJA, scriptVia: PIPE, env: {} }",
        ),
        &[
            "3:55 unknown-engine",
            "3:73 unknown-name",
            "3:79 unknown-key",
        ],
    );
    assert!(shown(&hook("conditions: [1]\nactionSlack: {}")).contains("enabled: false"));
}

#[test]
fn scripts() {
    let script = |text: &str| {
        hook(&format!(
            "conditions: [1]\nactionCommand:\n  command: |\n    {}",
            text.replace('\n', "\n    ")
        ))
    };
    check(&script("#!/bin/bash"), &[]);
    check(
        &hook("conditions: [1]\nactionCommand: { command: '#!/bin/bash' }"),
        &["3:32 bad-shebang"],
    );
    check(&script("#!\necho"), &["5:9 bad-shebang"]);
    check(&script("\n#!   \necho"), &["6:9 bad-shebang"]);
    check(&script("#!/bin/sh 'x\necho"), &["5:9 bad-shebang"]);
    check(&script("echo\n#!"), &[]);
    check(
        &hook("conditions: [1]\nactionCommand: { command: \"a\\nb\\0\" }"),
        &["3:36 nul"],
    );
}

/// Returns the text at the range of each diagnostic of a config.
fn pointed_to(yaml: &str) -> Vec<String> {
    let notes = match parse("f.yaml", yaml.as_bytes()) {
        Ok(loaded) => loaded.warnings,
        Err(notes) => notes,
    };
    let text = |note: &Diagnostic| {
        let line = yaml.lines().nth(note.line as usize - 1).unwrap();
        let from = line.chars().skip(note.column as usize - 1);
        from.take(note.length as usize).collect()
    };
    notes.iter().map(text).collect()
}

#[test]
fn template_faults_stand_where_they_are_in_the_file() {
    let command = |style: &str| {
        hook(&format!(
            "conditions: [1]\nactionCommand:\n  command: {style}"
        ))
    };
    let literal = command("|\n    #!/bin/bash\n\n    echo {{ .Task }}\n      {{ nope }}");
    check(&literal, &["8:14 template"]);
    let unclosed = command("|\n    echo\n    é {{ if .Task }}\n    x");
    check(&unclosed, &["7:10 template"]);
    let styles = [
        "|\n    #!/bin/bash\n\n    echo {{ .Taks }}\n    é {{ .Eror }}",
        "|1-\n     echo {{ .Taks }}\n\n      é {{ .Eror }}",
        ">\n    echo é\n    {{ .Taks }}\n\n    x {{ .Attempt }} {{ .Eror }}",
        ">-\n    é {{ .Taks }}\n      y {{ .Eror }}\n    z",
        "\"echo \\\"é\\\" \\\n    {{ .Taks }}\\n\\t{{ .Eror }}\"",
        "'echo ''é''\n\n    {{ .Taks }} {{ .Eror }}'",
        "é\n    {{ .Taks }}\n    {{ .Eror }} y # comment",
        "&anchor |\n    é {{ .Taks }} {{ .Eror }}",
    ];
    for style in styles {
        let yaml = command(style);
        assert_eq!(pointed_to(&yaml), ["Taks", "Eror"], "{yaml}");
    }
    let script = "😀 \"x\"\n\t{{ .Taks }}\r\t\n{{ .Eror }}\u{1}";
    for script in [
        serde_json::json!(script).to_string(),
        "\"\\ud83d\\ude00 {{ .Taks }}\\/{{ .Eror }}\"".to_owned(),
    ] {
        let json = format!(
            "{{\"hooks\": [{{\"conditions\": [1], \"actionCommand\": {{\"command\": {script}}}}}]}}"
        );
        assert_eq!(pointed_to(&json), ["Taks", "Eror"], "{json}");
    }
    assert!(shown(&command(styles[0])).contains("did you mean `Task`?"));
}
