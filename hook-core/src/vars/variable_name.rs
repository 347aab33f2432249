//! Names of the environment variables of a hook.

use std::collections::BTreeMap;

/// Prefix of every environment variable that hookd sets for a script.
pub const PREFIX: &str = "HOOK_";

/// Variables that hookd sets for every hook, without [`PREFIX`], besides those of labels.
pub(crate) const OWN_VARIABLES: [&str; 16] = [
    "RUN_ID",
    "NAME",
    "CONDITION",
    "EVENT",
    "TASK",
    "REPO_ID",
    "REPO_URI",
    "PLAN_ID",
    "SNAPSHOT_ID",
    "ERROR",
    "DURATION_SECONDS",
    "ATTEMPT",
    "TRIGGER",
    "OPERATION_ID",
    "EVENT_FILE",
    "TRUNCATED",
];
const OF_LABELS: &str = "LABEL_";

/// Returns whether hookd sets this variable for every hook, or for a label.
pub(crate) fn is_own_variable(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|own| OWN_VARIABLES.contains(&own) || own.starts_with(OF_LABELS))
}

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
    format!("{PREFIX}{OF_LABELS}{}", name.collect::<String>())
}

/// Returns two labels that become the same environment variable, and its name; `None` if there
/// are none.
#[must_use]
pub fn colliding_labels<'l>(
    labels: impl IntoIterator<Item = &'l String>,
) -> Option<(&'l str, &'l str, String)> {
    let mut taken = BTreeMap::new();
    labels.into_iter().find_map(|label| {
        let variable = label_variable(label);
        let other = taken.insert(variable.clone(), label.as_str())?;
        Some((other, label.as_str(), variable))
    })
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

    #[test]
    fn labels_collide_by_their_variable() {
        let labels = ["a", "a-b", "b", "a.b"].map(str::to_owned);
        let variable = "HOOK_LABEL_A_B".to_owned();
        assert_eq!(colliding_labels(&labels), Some(("a-b", "a.b", variable)));
        assert_eq!(colliding_labels(&labels[..3]), None);
    }
}
