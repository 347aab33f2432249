//! Names of variables and keys that say that their value is a secret.

/// Words that mark a value as secret.
const WORDS: [&str; 14] = [
    "AUTH",
    "AUTHORIZATION",
    "CRED",
    "CREDENTIAL",
    "KEY",
    "OAUTH",
    "PASS",
    "PASSCODE",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PW",
    "SECRET",
    "TOKEN",
];

/// Ends of words that do the same, as in `PGPASSWORD`.
const ENDS: [&str; 14] = [
    "ACCESSKEY",
    "APIKEY",
    "AUTHKEY",
    "CREDENTIAL",
    "DBPASS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PRIVATEKEY",
    "SECRET",
    "SECRETKEY",
    "SSHPASS",
    "TOKEN",
    "USERPASS",
];

/// Beginnings of words that do the same, as in a misspelt `passwort`.
const BEGINNINGS: [&str; 3] = ["PASSPHR", "PASSWD", "PASSWOR"];

/// Last words of names whose value tells where or how to get a secret.
const REFERENCES: [&str; 9] = [
    "CMD",
    "COMMAND",
    "DIR",
    "FILE",
    "PASSCOMMAND",
    "PASSFILE",
    "PATH",
    "SOCK",
    "SOCKET",
];

/// Other last words of names that have no secret value.
const NO_SECRETS: [&str; 2] = ["COUNT", "ID"];

/// Last words of names of addresses, which may hold a secret.
const ADDRESSES: [&str; 2] = ["URI", "URL"];

/// Folders at the root of a file system. Other texts that begin with `/` may be secrets in base64.
const ROOTS: [&str; 30] = [
    "Library", "Users", "Volumes", "backup", "backups", "bin", "boot", "config", "data", "dev",
    "etc", "home", "lib", "media", "mnt", "nix", "opt", "private", "proc", "root", "run",
    "secrets", "share", "snap", "srv", "sys", "tmp", "usr", "var", "volume1",
];

/// Returns whether a variable or key of that name holds a secret.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let is_last = |known: &[&str]| words.last().is_some_and(|last| known.contains(&&**last));
    names_secret(&words) && !is_last(&REFERENCES) && !is_last(&NO_SECRETS) && !is_last(&ADDRESSES)
}

/// Returns whether this value of a variable or key of that name is a secret.
#[must_use]
pub fn is_secret(name: &str, value: &str) -> bool {
    let words = words(name);
    let is_address = words
        .last()
        .is_some_and(|last| ADDRESSES.contains(&&**last));
    match is_address {
        true => names_secret(&words) && has_user_info(value),
        false => is_secret_name(name) && !is_path(value),
    }
}

/// Returns whether the value of a variable tells where or how to get a secret.
#[must_use]
pub fn is_reference(name: &str, value: &str) -> bool {
    let words = words(name);
    is_path(value)
        || words
            .last()
            .is_some_and(|last| REFERENCES.contains(&&**last))
}

/// Returns whether a value is the absolute path of a file.
#[must_use]
pub fn is_path(value: &str) -> bool {
    let root = value
        .strip_prefix('/')
        .and_then(|rest| rest.split_once('/'));
    root.is_some_and(|(root, rest)| ROOTS.contains(&root) && !rest.contains(['\n', '\r']))
}

fn names_secret(words: &[String]) -> bool {
    let is_secret = |word: &str| {
        let is_reference = || REFERENCES.iter().any(|end| word.ends_with(end));
        // `PWD` alone is the working directory.
        WORDS.contains(&word)
            || ENDS.iter().any(|end| word.ends_with(end))
            || BEGINNINGS.iter().any(|start| word.starts_with(start)) && !is_reference()
            || word == "PWD" && words.len() > 1
    };
    let mut words = words.iter();
    words.any(|word| is_secret(word) || word.strip_suffix('S').is_some_and(is_secret))
}

fn has_user_info(address: &str) -> bool {
    let rest = address.split_once("://").map(|(_, rest)| rest);
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    host.is_some_and(|host| host.contains('@'))
}

/// Returns the words of a name such as `API_KEY`, `api-key`, `apiKey` or `APIKey2`, in upper case
/// and without digits at their end.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let is_lower = |other: Option<&char>| other.is_some_and(|c| c.is_ascii_lowercase());
        let begins = letter.is_ascii_uppercase()
            && (before.is_some_and(|c| !c.is_ascii_uppercase()) || is_lower(letters.get(at + 1)));
        if begins || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.push(letter.to_ascii_uppercase());
        }
    }
    for word in &mut words {
        word.truncate(word.trim_end_matches(|c: char| c.is_ascii_digit()).len());
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for name in [
            "PASS",
            "PASSWORD",
            "RESTIC_PASSWORD",
            "PGPASSWORD",
            "MYSQL_PWD",
            "SSHPASS",
            "SMTP_PASS",
            "AWS_SECRET_ACCESS_KEY",
            "B2_ACCOUNT_KEY",
            "API_KEY",
            "APIKEY",
            "X-Api-Key",
            "apiKey",
            "APIKey",
            "TOKEN",
            "TOKEN2",
            "GITHUB_TOKENS",
            "AUTHTOKEN",
            "access_token",
            "auth",
            "Authorization",
            "OAUTH2",
            "passwordBcrypt",
            "PGPassword",
            "BORG_PASSPHRASE",
            "CREDENTIALS",
            "GPG_PW",
            "secret",
            "SECRET_KEY_BASE",
            "passwort",
        ] {
            assert!(is_secret_name(name), "{name}");
            assert!(is_secret(name, "hunter2"), "{name}");
            assert!(is_secret(name, "/9j4AAQSkZJRgABAQ/x"), "{name}");
            assert!(is_secret(name, "/etc/a\nb"), "{name}");
            assert!(!is_secret(name, "/etc/restic/pw"), "{name}");
        }
        for name in [
            "RESTIC_PASSWORD_FILE",
            "PGPASSFILE",
            "SSH_AUTH_SOCK",
            "BORG_PASSCOMMAND",
            "RESTIC_PASSWORD_COMMAND",
            "TOKEN_CMD",
            "KEY_PATH",
            "TOKEN_URL",
            "KEY_ID",
            "AWS_ACCESS_KEY_ID",
            "PASS_COUNT",
            "KEYMAP",
            "COMPASS",
            "BYPASS",
            "AUTHOR",
            "MONKEY",
            "KEYBOARD",
            "PASSAGE",
            "PASSWORDFILE",
            "PWD",
            "OLDPWD",
            "passwordFile",
            "HOST",
            "",
            "_",
        ] {
            assert!(!is_secret_name(name), "{name}");
            assert!(!is_secret(name, "hunter2"), "{name}");
        }
    }

    #[test]
    fn addresses_with_a_user_are_secrets_if_their_name_says_so() {
        for (name, address, expect) in [
            ("TOKEN_URL", "https://id.example.org/token", false),
            ("TOKEN_URL", "https://id.example.org/a@b", false),
            ("TOKEN_URL", "https://abc@id.example.org/", true),
            ("PING_URL", "https://abc@id.example.org/", false),
        ] {
            assert_eq!(is_secret(name, address), expect, "{name}={address}");
        }
    }
}
