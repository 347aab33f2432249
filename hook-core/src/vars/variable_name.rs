//! Names of the environment variables of a hook.

/// Prefix of every environment variable that hookd sets for a script.
pub const PREFIX: &str = "HOOK_";

/// Returns the name of the environment variable for a label: in upper case, with `_` for
/// anything but letters and digits.
#[must_use]
pub fn label_variable(label: &str) -> String {
    let name = label.chars().map(|c| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    });
    format!("{PREFIX}LABEL_{}", name.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_portable_variable_names() {
        for (label, variable) in [
            ("host", "HOOK_LABEL_HOST"),
            ("host.name-2", "HOOK_LABEL_HOST_NAME_2"),
            ("größe", "HOOK_LABEL_GR__E"),
        ] {
            assert_eq!(label_variable(label), variable);
        }
    }
}
