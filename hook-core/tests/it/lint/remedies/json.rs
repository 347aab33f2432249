//! Values in JSON.

use hook_core::template::Engine;

use super::super::{warnings, warnings_of};
use super::{COMMAND, HOSTILE, run};

/// JSON is valid after the remedy, and its text is the value.
#[test]
fn json_holds_values_as_they_are() {
    let go = |quote: char| {
        format!(
            "write the whole JSON string, with its quotes, as `{quote}{{{{ .ShellEscape \
             (.JsonMarshal .Task) }}}}{quote}`; text beside the value goes into it: `{quote}{{{{ \
             .ShellEscape (.JsonMarshal (printf \"%s …\" .Task)) }}}}{quote}`"
        )
    };
    let in_document = "write the whole JSON string, with its quotes, as `{{ .JsonMarshal .Task \
                       }}`; text beside the value goes into it: `{{ .JsonMarshal (printf \"%s …\" \
                       .Task) }}`";
    let rows = [
        (
            "GO",
            "value-in-quotes",
            "printf %s '{\"text\": \"{{ .Task }}\"}'",
            go('\''),
            "printf %s '{\"text\": '{{ .ShellEscape (.JsonMarshal .Task) }}'}'",
        ),
        (
            "GO",
            "value-in-quotes",
            "printf %s '{\"text\": \"{{ .Task }} failed\"}'",
            go('\''),
            "printf %s '{\"text\": '{{ .ShellEscape (.JsonMarshal (printf \"%s failed\" .Task)) \
             }}'}'",
        ),
        (
            "GO",
            "value-in-quotes",
            "printf %s '{\"text\": {{ .JsonMarshal .Task }}}'",
            go('\''),
            "printf %s '{\"text\": '{{ .ShellEscape (.JsonMarshal .Task) }}'}'",
        ),
        (
            "GO",
            "value-in-quotes",
            "printf %s \"{\\\"text\\\": \\\"{{ .Task }}\\\"}\"",
            go('"'),
            "printf %s \"{\\\"text\\\": \"{{ .ShellEscape (.JsonMarshal .Task) }}\"}\"",
        ),
        (
            "GO",
            "value-in-json",
            "printf %s '{\"text\": \"'{{ .ShellEscape .Task }}'\"}'",
            go('\''),
            "printf %s '{\"text\": '{{ .ShellEscape (.JsonMarshal .Task) }}'}'",
        ),
        (
            "GO",
            "value-in-here-document",
            "cat <<E\n{\"text\": \"{{ .Task }}\"}\nE\n",
            format!("put quotes around the delimiter, as in `<<'E'`, and {in_document}"),
            "cat <<'E'\n{\"text\": {{ .JsonMarshal .Task }}}\nE\n",
        ),
        (
            "GO",
            "value-in-quotes",
            "printf %s '{\"text\": {{ .Task | .JsonMarshal }} }'",
            "`'{{ .ShellEscape (.JsonMarshal (.Task)) }}'`".to_owned(),
            "printf %s '{\"text\": '{{ .ShellEscape (.JsonMarshal (.Task)) }}' }'",
        ),
        (
            "GO",
            "value-in-json",
            "printf %s '{\"text\": \"'{{ .ShellEscape (.JsonMarshal .Task) }}' failed\"}'",
            "(printf \"%s …\" .Task)".to_owned(),
            "printf %s '{\"text\": '{{ .ShellEscape (.JsonMarshal (printf \"%s failed\" .Task)) \
             }}'}'",
        ),
        (
            "GO",
            "escape-in-quotes",
            "cat <<'E'\n{\"text\": {{ .ShellEscape (.JsonMarshal .Task) }}}\nE\n",
            in_document.to_owned(),
            "cat <<'E'\n{\"text\": {{ .JsonMarshal .Task }}}\nE\n",
        ),
        (
            "GO",
            "value-in-here-document",
            "cat <<'E'\n{\"text\": \"{{ .Task }} failed\"}\nE\n",
            in_document.to_owned(),
            "cat <<'E'\n{\"text\": {{ .JsonMarshal (printf \"%s failed\" .Task) }}}\nE\n",
        ),
        (
            "GO",
            "value-in-here-document",
            "cat <<E\n{\"dir\": \"$PWD\", \"text\": \"{{ .Task }}\"}\nE\n",
            "let jq write the JSON: `jq -n --arg value \"$HOOK_TASK\" '{\"text\": $value}'`, and \
             one `--arg` more for each variable"
                .to_owned(),
            "jq -n --arg value \"$HOOK_TASK\" --arg dir \"$PWD\" '{\"text\": $value, \"dir\": $dir}'",
        ),
        (
            "TERA",
            "escape-in-quotes",
            "cat <<'E'\n{\"text\": {{ task | json_marshal }}}\nE\n",
            "write the whole JSON string, with its quotes, as `{{ task | json_marshal | raw }}`; \
             text beside the value goes into it: `{{ (task ~ \" …\") | json_marshal | raw }}`"
                .to_owned(),
            "cat <<'E'\n{\"text\": {{ (task ~ \" failed\") | json_marshal | raw }}}\nE\n",
        ),
        (
            "GO",
            "value-in-json",
            "printf %s \"{\\\"text\\\": \\\"$HOOK_TASK\\\"}\"",
            "let jq write the JSON: `jq -n --arg value \"$HOOK_TASK\" '{\"text\": $value}'`"
                .to_owned(),
            "jq -n --arg value \"$HOOK_TASK\" '{\"text\": $value}'",
        ),
        (
            "TERA",
            "escape-in-quotes",
            "printf %s '{\"text\": \"{{ task }}\"}'",
            "write the whole JSON string, with its quotes, as `'{{ task | json_marshal }}'`; text \
             beside the value goes into it: `'{{ (task ~ \" …\") | json_marshal }}'`"
                .to_owned(),
            "printf %s '{\"text\": '{{ task | json_marshal }}'}'",
        ),
        (
            "TERA",
            "escape-in-quotes",
            "printf %s '{\"text\": \"{{ task }} failed\"}'",
            "`'{{ (task ~ \" …\") | json_marshal }}'`".to_owned(),
            "printf %s '{\"text\": '{{ (task ~ \" failed\") | json_marshal }}'}'",
        ),
        (
            "TERA",
            "value-in-here-document",
            "cat <<'E'\n{\"text\": \"{{ task | raw }}\"}\nE\n",
            "as `{{ task | json_marshal | raw }}`".to_owned(),
            "cat <<'E'\n{\"text\": {{ task | json_marshal | raw }}}\nE\n",
        ),
    ];
    for (engine, code, script, remedy, mended) in rows {
        let found = warnings_of(script, engine);
        let is_told = |w: &hook_core::diagnostic::Diagnostic| {
            w.code == code && w.remedy.as_ref().is_some_and(|r| r.contains(&*remedy))
        };
        assert!(found.iter().any(is_told), "{script}\n{remedy}\n{found:#?}");
        let left = warnings_of(mended, engine);
        assert!(left.is_empty(), "{mended}\n{left:#?}");
        let engine = match engine {
            "GO" => Engine::Go,
            _ => Engine::Tera,
        };
        for value in HOSTILE {
            let value = value.replace('@', COMMAND);
            let (out, ran) = run(mended, engine, &value);
            assert!(!ran, "{mended} with {value:?}");
            let json: serde_json::Value = serde_json::from_str(&out).unwrap();
            let text = json["text"].as_str().unwrap();
            assert_eq!(text.trim_end_matches(" failed"), value, "{mended}");
        }
    }
    // An hour's statistics and ids are no danger to JSON.
    let safe = "printf %s '{\"id\": \"{{ .SnapshotId }}\", \"n\": {{ .Attempt }}}'";
    assert!(warnings(safe).is_empty());
}
