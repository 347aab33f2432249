//! Secrets, in every spelling, in whatever hookctl prints and hookd stores.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hookd_test_support::Setup;
use serde_json::Value;

use crate::hookd::Ask;

const SECRETS: [&str; 5] = [
    "it's-a \"secret\" $5",
    "uri-p@ss/w0rd",
    "from-the-env'ironment",
    "from the file",
    "its second <line>",
];

/// Prints a value in every spelling that the programs at hand know.
const PRINTS: &str = r#"
      echo {{ .ShellEscape .Repo.Password }}
      cat <<'EOT'
      {{ .ShellEscape .Repo.Password }} {{ .JsonMarshal .Repo.Password }} {{ .UrlEscape .Repo.Password }}
      {{ .PowerShellEscape .Repo.Password }} {{ .AppleScriptEscape .Repo.Password }}
      {{ printf "%q %x %X" .Repo.Password .Repo.Password .Repo.Password }} {{ .ShellEscape (.JsonMarshal .) }}
      EOT
      for value in {{ .ShellEscape .Repo.Password }} 'uri-p@ss/w0rd' "$SECRET_ENV" "$SECRET_FILE"; do
        set -x; : "$value"; set +x
        printf '%q\n' "$value" "x$value"; echo "${value@Q}"; declare -p value
        printf '%s' "$value" | base64; printf 'x%s' "$value" | base64; printf 'xx%s' "$value" | base64
        printf '%s' "$value" | od -An -v -tx1 | tr -d ' \n'; echo
      done
      cat "$HOOK_EVENT_FILE"
      env >&2"#;

fn config(folder: &Path) -> String {
    let file = folder.join("secret");
    fs::write(&file, "from the file\nits second <line>\n").unwrap();
    let env = format!(
        "{{ SECRET_ENV: {{ fromEnv: OUTSIDE }}, SECRET_FILE: {{ fromFile: {} }} }}",
        file.display()
    );
    format!(
        r#"repos:
  - id: nas
    uri: "rest:https://anna:uri-p%40ss%2Fw0rd@nas/"
    password: "it's-a \"secret\" $5"
plans:
- id: home
  repo: nas
  hooks:
  - name: prints
    conditions: [CONDITION_ANY_ERROR]
    env: {env}
    actionCommand:
     command: |
      #!/bin/bash{PRINTS}
  - name: fails
    conditions: [CONDITION_ANY_ERROR]
    onError: ON_ERROR_FATAL
    actionCommand:
     command: |
      #!/nonexistent/{{{{ .UrlEscape .Repo.Password }}}}
      true
"#
    )
}

/// Spellings of a text, made here and not by hookd.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let json = serde_json::to_string(secret).unwrap();
    let json = json.trim_matches('"');
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let url = secret.bytes().map(|byte| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    let url: String = url.collect();
    let base64 = |before: &str| {
        let text = STANDARD.encode(format!("{before}{secret}"));
        text[4..text.len() - 4].to_owned()
    };
    let spellings = [
        secret.to_owned(),
        secret.replace('\'', r"'\''"),
        secret.replace('\'', r#"'"'"'"#),
        secret.replace('\'', "''"),
        secret.replace([' ', '"', '$', '\''], r"\"),
        json.to_owned(),
        json.replace('<', r"\u003c").replace('>', r"\u003e"),
        json.replace('\'', r"'\''"),
        url.to_lowercase(),
        url,
        hex.to_uppercase(),
        hex,
        base64(""),
        base64("x"),
        base64("xx"),
    ];
    spellings.map(String::into_bytes).to_vec()
}

fn assert_masked(what: &str, bytes: &[u8]) {
    for secret in SECRETS {
        for spelling in spellings(secret) {
            let found = bytes.windows(spelling.len()).position(|w| w == spelling);
            if let Some(at) = found {
                let around = &bytes[at.saturating_sub(200)..(at + 200).min(bytes.len())];
                panic!(
                    "{what} shows {}: {}",
                    String::from_utf8_lossy(&spelling),
                    String::from_utf8_lossy(around)
                );
            }
        }
    }
}

/// Returns all that is base64 in a JSON value: scripts and output.
fn decoded(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::String(text) => out.extend(STANDARD.decode(text).unwrap_or_default()),
        Value::Array(values) => values.iter().for_each(|value| decoded(value, out)),
        Value::Object(fields) => fields.values().for_each(|value| decoded(value, out)),
        _ => {}
    }
}

#[test]
fn no_spelling_of_a_secret_is_shown_or_stored() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Setup::new(&config(folder.path()))
        .env("OUTSIDE", "from-the-env'ironment")
        .start();
    let error = format!("cannot open: {}", SECRETS.join(", "));
    let event = [
        "--plan",
        "home",
        "--task",
        &error,
        "--error",
        &error,
        "--label",
        "url=https://anna:uri-p%40ss%2Fw0rd@nas/",
    ];
    let ran = daemon.ask(&[&["run", "SNAPSHOT_ERROR"], &event[..]].concat());
    assert!(
        ran.out.contains("SECRET_FILE=") || ran.err.contains("SECRET_FILE="),
        "{ran:?}"
    );
    assert_masked("run", ran.out.as_bytes());
    assert_masked("run", ran.err.as_bytes());
    for args in [
        &["show", "last"][..],
        &["logs", "last"],
        &["runs"],
        &["hooks", "-o", "json"],
        &["stats"],
        &["info"],
        &[&["render", "-c", "snapshot-error"], &event[..]].concat(),
        &[
            &["render", "-o", "json", "-c", "snapshot-error"],
            &event[..],
        ]
        .concat(),
    ] {
        let answer = daemon.ask(args);
        assert!(!answer.out.is_empty(), "{args:?}: {answer:?}");
        assert_masked(&args.join(" "), answer.out.as_bytes());
        assert_masked(&args.join(" "), answer.err.as_bytes());
    }
    let exported = daemon.ask(&["runs", "export"]);
    assert_masked("runs export", exported.out.as_bytes());
    let mut inner = Vec::new();
    exported
        .objects()
        .iter()
        .for_each(|run| decoded(run, &mut inner));
    assert!(String::from_utf8_lossy(&inner).contains("SECRET_FILE="));
    assert_masked("the journal", &inner);
    assert_masked("the log", daemon.log().as_bytes());
    for file in fs::read_dir(daemon.dir.path().join("state")).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            assert_masked(&path.display().to_string(), &fs::read(&path).unwrap());
        }
    }
}

/// Messages about a faulty config, by every program that prints some, with its lines.
#[test]
fn a_faulty_config_is_shown_without_its_secrets() {
    let faulty = [
        "repos: [{ id: nas, uri: 'https://x:uri-hunter2@nas/', password: hunter2-long, colour: 1 }]\n",
        "repos:\n  - id: nas\n    password: \"hunter2-long\n",
        "hooks:\n  - env: { API_TOKEN: hunter2-long }\n    conditions: [hunter2-long]\n",
    ];
    for config in faulty {
        let (code, log) = Setup::new(config).fails();
        assert_eq!(code, 78, "{log}");
        assert!(log.contains("**"), "{log}");
        assert!(!log.contains("hunter2"), "{log}");

        let daemon = Setup::new("hooks: []\n").start();
        let file = daemon.dir.path().join("hookd.yaml");
        fs::write(&file, config).unwrap();
        let checked = daemon.ask(&["check", file.to_str().unwrap()]);
        assert!(checked.out.contains("**"), "{checked:?}");
        let json = daemon.ask(&["check", "-o", "json", file.to_str().unwrap()]);
        let reloaded = daemon.ask(&["reload"]);
        let run = daemon.ask(&[
            "--embedded",
            "--config",
            file.to_str().unwrap(),
            "run",
            "PRUNE_START",
        ]);
        for answer in [checked, json, reloaded, run] {
            let shown = format!("{answer:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        assert!(!daemon.log().contains("hunter2"), "{}", daemon.log());
    }
}
