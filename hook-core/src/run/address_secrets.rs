//! Secrets within addresses and within settings such as `host=db password=…`.

use std::collections::BTreeSet;

use crate::run::config_secrets::is_setting;
use crate::run::secret_names::is_secret_name;

/// Names of parameters that hold a secret, and are no such name for a variable.
const SECRET_PARAMETERS: [&str; 3] = ["pwd", "sig", "signature"];

/// Marks of addresses.
const OF_ADDRESSES: [&str; 4] = ["://", "rclone:", "@tcp(", "@unix("];

/// Returns the secrets in the addresses that a text holds: the passwords before `@`, and the
/// parameters with the name of a secret. Each also as it is without percent-encoding.
#[must_use]
pub fn secrets_of_addresses(text: &str) -> BTreeSet<String> {
    let is_address = |word: &&str| OF_ADDRESSES.iter().any(|mark| word.contains(mark));
    let words = text.split_whitespace().filter(is_address);
    let secrets = words.flat_map(|word| passwords(word).into_iter().chain(parameters(word)));
    decoded(secrets)
}

/// Returns the secrets of [`secrets_of_addresses`], and those of all other parameters.
#[must_use]
pub fn secrets_of_settings(text: &str) -> BTreeSet<String> {
    let passwords = text.split_whitespace().flat_map(passwords);
    decoded(passwords.chain(parameters(text)))
}

/// Returns what may be the password before the `@` of an address. It may itself hold `/` and
/// `@`, and so may what follows.
fn passwords(word: &str) -> Vec<&str> {
    let of_go = word.contains("@tcp(") || word.contains("@unix(");
    let addresses = word.match_indices("://").map(|(at, mark)| at + mark.len());
    let addresses = addresses.chain(of_go.then_some(0));
    let passwords = addresses.flat_map(|at| {
        let rest = &word[at..];
        let host = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        [rest.find('@'), host.rfind('@'), rest.rfind('@')]
            .into_iter()
            .flatten()
            .filter_map(|end| Some(rest[..end].split_once(':')?.1))
    });
    passwords.collect()
}

/// Returns the values of the parameters that are secrets, each up to every place that may be
/// its end.
fn parameters(text: &str) -> Vec<&str> {
    let is_name_part = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let mut values = Vec::new();
    for (at, _) in text.match_indices('=') {
        let (before, rest) = (&text[..at], &text[at + 1..]);
        let outside = before.trim_end_matches(is_name_part);
        let name = &before[outside.len()..];
        if !is_secret_parameter(name) {
            continue;
        }
        if let Some(value) = quoted(rest) {
            values.push(value);
            continue;
        }
        let is_end = |c: char| c.is_whitespace() || "&;#".contains(c);
        let value = rest.split(is_end).next().unwrap_or_default();
        values.push(value);
        values.extend(value.split(['"', '\'']).next());
        if outside.ends_with(',') {
            // A connection string of rclone.
            let value = value.split(',').next().unwrap_or_default();
            values.push(value);
            values.extend(value.split(':').next().filter(|_| !value.contains("://")));
        }
    }
    values.retain(|value| !is_setting("", value));
    values
}

/// Returns the text within the quotes that a text begins with. A quote within it is doubled.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| "\"'".contains(*c))?;
    let inner = &text[1..];
    let doubled = quote.to_string().repeat(2);
    let mut end = 0;
    loop {
        end += inner[end..].find(quote).unwrap_or(inner.len() - end);
        if !inner[end..].starts_with(&doubled) {
            return Some(&inner[..end]);
        }
        end += doubled.len();
    }
}

fn is_secret_parameter(name: &str) -> bool {
    let last = name.rsplit(['-', '_', '.']).next().unwrap_or_default();
    is_secret_name(name) || SECRET_PARAMETERS.contains(&last.to_ascii_lowercase().as_str())
}

/// Returns the secrets as they are, without percent-encoding, and without doubled quotes.
fn decoded<'a>(secrets: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    secrets
        .filter(|secret| !secret.is_empty())
        .flat_map(|secret| {
            let unquoted = secret.replace("\"\"", "\"").replace("''", "'");
            [secret.to_owned(), percent_decoded(secret), unquoted]
        })
        .collect()
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digits = text.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let decoded = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(decoded.unwrap_or(*byte));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_within_addresses() {
        let check = |text: &str, expect: &[&str]| {
            let secrets = secrets_of_addresses(text);
            assert_eq!(
                Vec::from_iter(secrets.iter().map(String::as_str)),
                expect,
                "{text}"
            );
        };
        check(
            "rest:https://anna:s3cr%40t@nas:8000/x",
            &["s3cr%40t", "s3cr@t"],
        );
        check("https://anna:a/b@c@nas/", &["a/b", "a/b@c"]);
        check("https://anna:hunter2@nas/?to=a@b", {
            &["hunter2", "hunter2@nas/?to=a"]
        });
        check("https://token@nas/", &[]);
        check("sftp:anna@nas:/backup", &[]);
        check("https://nas/?user=anna&api_key=abcd", &["abcd"]);
        check("https://nas/?sv=1&sig=a%2Bb&se=2", &["a%2Bb", "a+b"]);
        check("https://nas/?X-Amz-Signature=abcd&pwd=efgh", {
            &["abcd", "efgh"]
        });
        check("https://nas/?auth=true&pwd=none", &[]);
        check("/srv/backup", &[]);
        check("password=hunter2", &[]);
        check("s3:https://nas:9000/bucket", &[]);
        check("https://anna:100%@nas/", &["100%"]);
        check("redis://:hunter2@h:1/0", &["hunter2"]);
        check("anna:hunter2@tcp(h:3306)/db", &["hunter2"]);
        check("see https://a:one1@h/ and \"https://b:two2@h/\"", {
            &["one1", "two2"]
        });
        check("mongodb://a:one1@h,mongodb://b:two2@h", {
            &["one1", "one1@h,mongodb://b:two2", "two2"]
        });
        check(
            "rclone::webdav,url='https://h:1',user=u,pass=rclonepass99:path",
            &["rclonepass99", "rclonepass99:path"],
        );
        check("rclone::x,token=\"a,\"\"b\",secret=c,d=e:", {
            &["a,\"\"b", "a,\"b", "c", "c,d=e:"]
        });
        check("rclone::x,pass=\"ab\"\"", &["ab\"", "ab\"\""]);
        check("rclone::x,pass=\"", &[]);
    }

    #[test]
    fn secrets_within_settings() {
        let check = |text: &str, expect: &[&str]| {
            let secrets = secrets_of_settings(text);
            assert_eq!(
                Vec::from_iter(secrets.iter().map(String::as_str)),
                expect,
                "{text}"
            );
        };
        check("host=db user=u password=hunter2 x=y", &["hunter2"]);
        check("host=db password='one two' x=y", &["one two"]);
        check("Server=db;Pwd=hunter2;x=y", &["hunter2"]);
        check("--user=u --password=hunter2", &["hunter2"]);
        check("AccountKey=abcd==;x=y", &["abcd=="]);
        check("postgres://u:dsnSecret99@h/db", &["dsnSecret99"]);
        check("a=b, key=true", &[]);
    }
}
