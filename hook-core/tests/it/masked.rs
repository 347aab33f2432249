//! Forms of a secret as other programs write them, which masking has to know.

use std::process::Command;

use hook_core::run::mask::Mask;

use crate::skips::skip;

const SECRETS: [&str; 4] = [
    "it's a \"$ecret\" <ü> /\\ &!",
    "two\tparts''of\u{1b}it",
    "#~plain-but-%41long+=@:,",
    "many lines, the first\nand the 'second'\nof them",
];

/// Programs that write the secret in `$S`.
const WRITERS: &[(&str, &str)] = &[
    ("bash", r#"printf '%q' "$S""#),
    ("bash", r#"printf 'x%qx' "$S""#),
    ("bash", r#"LC_ALL=C; printf '%q' "$S""#),
    ("bash", r#"echo "${S@Q}""#),
    ("bash", r#"echo "${S@A}""#),
    ("bash", "declare -p S"),
    ("bash", "export -p | grep -A9 ' S='"),
    ("bash", "set | grep ^S="),
    ("bash", r#"exec 2>&1; set -x; : "$S""#),
    ("bash", r#"exec 2>&1; set -x; [ "$S" = x ]"#),
    ("bash", r#"exec 2>&1; set -x; bash -c ": ${S@Q}""#),
    ("bash", r#"printf '%s' "$S" | base64"#),
    ("bash", r#"printf 'x%s' "$S" | base64 -w0"#),
    ("bash", r#"printf 'xx%s' "$S" | base64 -w0"#),
    ("bash", r#"printf '%s' "$S" | od -An -v -tx1 | tr -d ' \n'"#),
    ("bash", r#"printf '%051d%s' 1 "$S" | base64 | tail -c +61"#),
    ("bash", r#"printf '%050d%s' 1 "$S" | base64 | tail -c +61"#),
    ("bash", r#"printf '%s' "$S" | od -An -v -tx1"#),
    ("dash", r#"exec 2>&1; set -x; : "$S""#),
    ("dash", "set | grep -A9 ^S="),
    ("dash", "export -p | grep -A9 ' S='"),
    ("zsh", r#"exec 2>&1; set -x; : "$S""#),
    ("zsh", r#"print -r -- ${(qq)S}"#),
    (
        "python3",
        "import os,json; print(json.dumps(os.environ['S']))",
    ),
    (
        "python3",
        "import os,json; print(json.dumps(os.environ['S'], ensure_ascii=False))",
    ),
    (
        "python3",
        "import os,shlex; print(shlex.quote(os.environ['S']))",
    ),
    (
        "python3",
        "import os,urllib.parse as u; print(u.quote(os.environ['S'], safe=''))",
    ),
    (
        "python3",
        "import os,urllib.parse as u; print(u.quote_plus(os.environ['S']))",
    ),
    (
        "python3",
        "import os,urllib.parse as u; print(u.quote(os.environ['S']))",
    ),
    (
        "python3",
        "import os,html; print(html.escape(os.environ['S']))",
    ),
    ("python3", "import os; print(os.environb[b'S'].hex(' '))"),
    (
        "python3",
        "import os,base64; print(base64.urlsafe_b64encode(os.environb[b'S']))",
    ),
    ("jq", "env.S"),
    ("jq", "env.S | @sh"),
    ("jq", "env.S | @uri"),
    ("jq", "env.S | @base64"),
    ("jq", "{ a: env.S } | tojson"),
];

/// Returns what a program writes; `None` if it is not installed.
fn written(program: &str, code: &str, secret: &str) -> Option<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut command = Command::new(program);
    match program {
        "jq" => command.args(["-n", code]),
        _ => command.args(["-c", code]),
    };
    let output = command
        .env_clear()
        .env("PATH", path)
        .env("S", secret)
        .env("LC_ALL", "C.UTF-8")
        .output();
    let output = output.ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn what_other_programs_write_is_masked() {
    let mask = Mask::new(SECRETS);
    let mut tried = 0;
    let mut shown = Vec::new();
    for (program, code) in WRITERS {
        for secret in SECRETS {
            let Some(text) = written(program, code, secret) else {
                skip(&format!("masked-{program}: {program} is not installed"));
                continue;
            };
            tried += 1;
            assert!(!text.is_empty(), "{program}: {code}");
            let masked = mask.apply_text(&text);
            // No more than some letters of what is around it, and the command itself.
            let rest = masked.replace('*', "");
            let of_secret: Vec<&str> = [
                "ecret", "parts", "of\u{1b}", "plain", "long", "many", "first", "second", "them",
            ]
            .into_iter()
            .filter(|part| rest.contains(part))
            .collect();
            if !of_secret.is_empty() || rest.len() > 40 || !masked.contains("****") {
                shown.push(format!("{program}: {code}\n  {text:?}\n  {masked:?}"));
            }
        }
    }
    assert!(shown.is_empty(), "{}", shown.join("\n"));
    assert!(tried > 0, "none of the programs is installed");
}
