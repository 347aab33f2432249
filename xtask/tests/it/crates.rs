//! The crates that each crate may know; ARCHITECTURE.md has the reasons.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// For each crate of the workspace the crates of ours that it may depend on, and those that
/// only its tests may use.
const MAY_KNOW: [(&str, &[&str], &[&str]); 12] = [
    ("hookd-proto", &[], &[]),
    ("go-template", &[], &["go-template-fuzz"]),
    ("go-template-fuzz", &["go-template"], &[]),
    ("process-supervisor", &[], &[]),
    ("hook-core", &["go-template", "process-supervisor"], &[]),
    (
        "hookd",
        &["hook-core", "hookd-proto", "process-supervisor"],
        &["hookd-test-support"],
    ),
    ("hookd-client", &["hookd-proto"], &["hookd"]),
    (
        "hookctl",
        &["hookd", "hookd-client", "hookd-proto"],
        &["hookd-test-support"],
    ),
    ("hookd-test-support", &["hookd-proto"], &[]),
    ("hookd-fuzz", &["hook-core"], &[]),
    ("conformance", &["hookd-proto", "hookd-test-support"], &[]),
    (
        "xtask",
        &["conformance", "hookd-proto", "hookd-test-support"],
        &[],
    ),
];

#[test]
fn no_crate_depends_on_one_that_it_must_not_know() {
    let mut metadata = MetadataCommand::new();
    let packages = metadata.no_deps().exec().unwrap().packages;
    let ours: BTreeSet<_> = packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let listed: BTreeSet<_> = MAY_KNOW.iter().map(|(name, ..)| *name).collect();
    assert_eq!(ours, listed, "MAY_KNOW lists every crate of the workspace");

    let mut wrong = Vec::new();
    for package in &packages {
        let (_, always, in_tests) = MAY_KNOW
            .iter()
            .find(|(name, ..)| package.name == *name)
            .unwrap();
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            let may = always.contains(&name)
                || dependency.kind == DependencyKind::Development && in_tests.contains(&name);
            if ours.contains(name) && !may {
                wrong.push(format!("{} depends on {name}", package.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
