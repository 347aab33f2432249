//! The example config contains the documented hooks, word for word.

use crate::hook::Action;
use crate::load::parse;

const EXAMPLE: &str = include_str!("../../../../examples/hooks.yaml");

#[test]
fn the_example_holds_the_documented_scripts() {
    let loaded = parse("examples/hooks.yaml", EXAMPLE.as_bytes()).unwrap();
    for (name, script) in [
        (
            "healthcheck",
            include_str!("../../../testdata/documented/healthcheck.sh"),
        ),
        (
            "notification",
            include_str!("../../../testdata/documented/notification.sh"),
        ),
        (
            "internet",
            include_str!("../../../testdata/documented/internet.sh"),
        ),
        (
            "directory",
            include_str!("../../../testdata/documented/directory.sh"),
        ),
        (
            "battery",
            include_str!("../../../testdata/documented/battery.sh"),
        ),
    ] {
        let hook = loaded.catalog.hook(name).unwrap();
        let Action::Command(command) = &hook.action else {
            panic!("{name} runs no command")
        };
        assert_eq!(command.template.source(), script, "{name}");
    }
    assert_eq!(loaded.catalog.all_hooks().count(), 5);
    // The only warning is the one that the comment on the notification mentions.
    for warning in &loaded.warnings {
        assert_eq!(warning.hook.as_deref(), Some("notification"));
        assert_eq!(warning.code, "value-in-code");
    }
    assert_eq!(loaded.warnings.len(), 2);
}
