//! Escapes: the spellings that shells, JSON, URLs and others give a text within their quotes.

use crate::vars::{apple_script_escape, power_shell_escape, url_escape};

/// Spelling of a text in some syntax.
pub(super) type Escape = fn(&str) -> String;

/// Spellings of which each can be within another, as in a JSON text that a shell quotes.
pub(super) const NESTING: [Escape; 6] = [
    posix_shell,
    bash_single_quoted,
    bash_backslashes,
    bash_ansi_c,
    json,
    json_of_go,
];

/// Spellings that enclose those of [`NESTING`].
pub(super) const ENCLOSING: [Escape; 3] = [posix_shell, bash_single_quoted, json];

/// All other spellings.
pub(super) const OTHERS: [Escape; 22] = [
    dash_quoted,
    double_quoted,
    bash_ansi_c_ascii,
    zsh_ansi_c,
    json_ascii,
    json_slashes,
    go_quoted,
    doubled_quotes,
    apple_script,
    url_upper,
    url_lower,
    url_plus,
    url_component,
    url_path,
    url_path_plus,
    js_of_go,
    html,
    html_of_python,
    html_of_tera,
    html_of_php,
    html_of_browsers,
    xml,
];

/// `'it'"'"'s'`: by hookd and Python.
fn posix_shell(text: &str) -> String {
    text.replace('\'', r#"'"'"'"#)
}

/// The same with one pair of double quotes for all quotes in a row: by dash.
fn dash_quoted(text: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len() + 16);
    while let Some(at) = rest.find('\'') {
        let (before, quotes) = rest.split_at(at);
        rest = quotes.trim_start_matches('\'');
        let quotes = &quotes[..quotes.len() - rest.len()];
        out += &format!("{before}'\"{quotes}\"'");
    }
    out + rest
}

/// `'it'\''s'`: by bash, in `set -x` and `${x@Q}`, and by zsh.
fn bash_single_quoted(text: &str) -> String {
    text.replace('\'', r"'\''")
}

/// `it\'s`: by `printf %q` of bash.
fn bash_backslashes(text: &str) -> String {
    spelled(text, |c, out| {
        if c.is_ascii_punctuation() && !"#%+-./:=@_~".contains(c) || " \t".contains(c) {
            out.push('\\');
        }
        out.push(c);
    })
}

/// `$'it\'s'`: by bash, of a text with control characters.
fn bash_ansi_c(text: &str) -> String {
    spelled(text, |c, out| match c {
        '\'' | '\\' => out.extend(['\\', c]),
        '\x07' => *out += r"\a",
        '\x08' => *out += r"\b",
        '\t' => *out += r"\t",
        '\n' => *out += r"\n",
        '\x0b' => *out += r"\v",
        '\x0c' => *out += r"\f",
        '\r' => *out += r"\r",
        '\x1b' => *out += r"\E",
        c if c.is_ascii_control() => *out += &format!("\\{:03o}", u32::from(c)),
        c => out.push(c),
    })
}

/// The same where the language knows ASCII alone.
fn bash_ansi_c_ascii(text: &str) -> String {
    spelled(&bash_ansi_c(text), |c, out| match c.is_ascii() {
        true => out.push(c),
        false => c
            .encode_utf8(&mut [0; 4])
            .bytes()
            .for_each(|byte| *out += &format!("\\{byte:03o}")),
    })
}

/// The same with `\C-[` for control characters: by zsh.
fn zsh_ansi_c(text: &str) -> String {
    spelled(text, |c, out| match c {
        '\t' => *out += r"\t",
        '\n' => *out += r"\n",
        '\r' => *out += r"\r",
        '\'' | '\\' => out.extend(['\\', c]),
        '\0'..='\x1f' => *out += &format!("\\C-{}", char::from(c as u8 + b'@')),
        c => out.push(c),
    })
}

/// `"it's \$5"`: by `declare -p` of bash and `export -p` of dash.
fn double_quoted(text: &str) -> String {
    spelled(text, |c, out| {
        if "$`\"\\".contains(c) {
            out.push('\\');
        }
        out.push(c);
    })
}

/// JSON with the fewest escapes, as most programs write it.
fn json(text: &str) -> String {
    within_quotes(serde_json::to_vec(text).unwrap_or_default())
}

/// JSON of Go, which is safe within HTML.
fn json_of_go(text: &str) -> String {
    spelled(&json(text), |c, out| match c {
        '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => *out += &format!("\\u{:04x}", u32::from(c)),
        c => out.push(c),
    })
}

/// JSON in ASCII, as Python writes it.
fn json_ascii(text: &str) -> String {
    spelled(&json(text), |c, out| match c.is_ascii() {
        true => out.push(c),
        false => c
            .encode_utf16(&mut [0; 2])
            .iter()
            .for_each(|unit| *out += &format!("\\u{unit:04x}")),
    })
}

/// JSON with `\/`, as PHP writes it.
fn json_slashes(text: &str) -> String {
    json(text).replace('/', r"\/")
}

/// A literal of Go, by `printf "%q"` of a template.
fn go_quoted(text: &str) -> String {
    spelled(text, |c, out| match c {
        '"' | '\\' => out.extend(['\\', c]),
        '\x07' => *out += r"\a",
        '\x08' => *out += r"\b",
        '\t' => *out += r"\t",
        '\n' => *out += r"\n",
        '\x0b' => *out += r"\v",
        '\x0c' => *out += r"\f",
        '\r' => *out += r"\r",
        c if c.is_ascii_control() => *out += &format!("\\x{:02x}", u32::from(c)),
        c => out.push(c),
    })
}

/// `'it''s'`: by PowerShell, SQL and YAML.
fn doubled_quotes(text: &str) -> String {
    within_quotes(power_shell_escape(text).into_bytes())
}

fn apple_script(text: &str) -> String {
    within_quotes(apple_script_escape(text.as_bytes()))
}

fn url_upper(text: &str) -> String {
    url_escape(text.as_bytes())
}

fn url_lower(text: &str) -> String {
    let mut digits = 0;
    spelled(&url_upper(text), |c, out| {
        digits = if c == '%' { 3 } else { digits };
        out.push(if digits > 0 {
            c.to_ascii_lowercase()
        } else {
            c
        });
        digits = u32::saturating_sub(digits, 1);
    })
}

/// A form of a web page, and `QueryEscape` of Go.
fn url_plus(text: &str) -> String {
    url_upper(text).replace("%20", "+")
}

/// `encodeURIComponent` of browsers.
fn url_component(text: &str) -> String {
    let kept = [
        ("%21", "!"),
        ("%27", "'"),
        ("%28", "("),
        ("%29", ")"),
        ("%2A", "*"),
    ];
    let escaped = url_upper(text);
    kept.iter()
        .fold(escaped, |text, (from, to)| text.replace(from, to))
}

/// `quote` of Python, which keeps `/`.
fn url_path(text: &str) -> String {
    url_upper(text).replace("%2F", "/")
}

fn url_path_plus(text: &str) -> String {
    url_plus(text).replace("%2F", "/")
}

/// A string of JavaScript, as `js` of a Go template writes it.
fn js_of_go(text: &str) -> String {
    spelled(text, |c, out| match c {
        '\\' | '\'' | '"' => out.extend(['\\', c]),
        '<' | '>' | '&' | '=' => *out += &format!("\\u{:04X}", u32::from(c)),
        c if c.is_control() => *out += &format!("\\u{:04X}", u32::from(c)),
        c => out.push(c),
    })
}

/// HTML, as `html` of a Go template writes it.
fn html(text: &str) -> String {
    html_with(text, "&#34;", "&#39;")
}

fn html_of_python(text: &str) -> String {
    html_with(text, "&quot;", "&#x27;")
}

fn html_of_tera(text: &str) -> String {
    html_of_python(text).replace('/', "&#x2F;")
}

fn html_of_php(text: &str) -> String {
    html_with(text, "&quot;", "&#039;")
}

fn html_of_browsers(text: &str) -> String {
    html_with(text, "&quot;", "&#39;")
}

fn xml(text: &str) -> String {
    html_with(text, "&quot;", "&apos;")
}

/// HTML with these spellings of `"` and `'`.
fn html_with(text: &str, double_quote: &str, single_quote: &str) -> String {
    spelled(text, |c, out| match c {
        '&' => *out += "&amp;",
        '<' => *out += "&lt;",
        '>' => *out += "&gt;",
        '"' => *out += double_quote,
        '\'' => *out += single_quote,
        c => out.push(c),
    })
}

fn spelled(text: &str, mut spell: impl FnMut(char, &mut String)) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| spell(c, &mut out));
    out
}

/// Removes the quotes around a text.
fn within_quotes(quoted: Vec<u8>) -> String {
    let inner = quoted.get(1..quoted.len().saturating_sub(1));
    String::from_utf8_lossy(inner.unwrap_or_default()).into_owned()
}
