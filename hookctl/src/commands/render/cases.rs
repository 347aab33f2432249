//! The cases in which a hook was rendered, grouped by their result.

use hookd_proto::v1::{Condition, RenderedHook};
use serde::{Serialize, Serializer};

use super::{body, command, disabled, name};
use crate::output::{Tone, words};

/// A kind of event, and the hook rendered for it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Case {
    #[serde(serialize_with = "full_name")]
    pub condition: i32,
    pub error: bool,
    pub statistics: bool,
    pub rendered: RenderedHook,
}

/// Serializes a condition by its name in the API; a condition of a later version by its number.
fn full_name<S: Serializer>(condition: &i32, serializer: S) -> Result<S::Ok, S::Error> {
    match Condition::try_from(*condition) {
        Ok(known) => serializer.serialize_str(known.as_str_name()),
        Err(_) => serializer.serialize_i32(*condition),
    }
}

impl Case {
    /// Returns whether both would run the same. The matched condition matters only if it appears in
    /// the script.
    fn runs_the_same(&self, other: &Case) -> bool {
        let (a, b) = (&self.rendered, &other.rendered);
        a.script == b.script
            && a.interpreter == b.interpreter
            && a.script_via == b.script_via
            && a.failure == b.failure
    }
}

/// Returns the different scripts of each hook, each with the cases that lead to it.
pub(super) fn show(cases: &[Case]) -> String {
    let hooks = cases.chunk_by(|a, b| a.rendered.hook == b.rendered.hook);
    let hooks = hooks.map(|of_hook| {
        let (hook, groups) = (&of_hook[0].rendered, grouped(of_hook));
        let results = words::count(groups.len(), "result");
        let count = words::count(of_hook.len(), "case");
        let groups = groups.iter().map(|group| show_group(group, of_hook));
        let groups = groups.collect::<String>();
        format!(
            "{}: {results} in {count}{}\n{groups}",
            name(hook),
            disabled(hook)
        )
    });
    hooks.collect::<Vec<_>>().join("\n")
}

/// Groups the cases by their result, in the order of the first case of each.
fn grouped(cases: &[Case]) -> Vec<Vec<&Case>> {
    let mut groups: Vec<Vec<&Case>> = Vec::new();
    for case in cases {
        match groups.iter_mut().find(|group| group[0].runs_the_same(case)) {
            Some(group) => group.push(case),
            None => groups.push(vec![case]),
        }
    }
    groups
}

fn show_group(group: &[&Case], all: &[Case]) -> String {
    let hook = &group[0].rendered;
    let mut shown = "\n".to_owned();
    for (conditions, when) in described(group, all) {
        let conditions = words::conditions(&conditions);
        shown.push_str(&format!("{conditions}: {}\n", Tone::Hint.paint(&when)));
    }
    if let Some(command) = command(hook) {
        shown.push_str(&format!("  {}\n", Tone::Dim.paint(&command)));
    }
    shown + &body(hook)
}

/// Describes the cases of a group: for each description, its conditions.
fn described(group: &[&Case], all: &[Case]) -> Vec<(Vec<i32>, String)> {
    let mut described: Vec<(Vec<i32>, String)> = Vec::new();
    for of_condition in group.chunk_by(|a, b| a.condition == b.condition) {
        let condition = of_condition[0].condition;
        let possible: Vec<_> = all.iter().filter(|c| c.condition == condition).collect();
        let when = when(of_condition, &possible);
        match described.iter_mut().find(|(_, known)| *known == when) {
            Some((conditions, _)) => conditions.push(condition),
            None => described.push((vec![condition], when)),
        }
    }
    described
}

type CaseTest = fn(&Case) -> bool;

/// Returns the shortest description of these cases among the possible ones.
fn when(these: &[&Case], possible: &[&Case]) -> String {
    let tests: [(&str, CaseTest); 5] = [
        ("always", |_| true),
        ("with an error", |case| case.error),
        ("without an error", |case| !case.error),
        ("with statistics", |case| case.statistics),
        ("without statistics", |case| !case.statistics),
    ];
    for (description, test) in tests {
        // These cases are among the possible ones, so comparing their number is enough.
        let passing = possible.iter().filter(|case| test(case)).count();
        if these.iter().all(|case| test(case)) && these.len() == passing {
            return description.to_owned();
        }
    }
    let each = these
        .iter()
        .map(|case| match (case.error, case.statistics) {
            (true, true) => "with an error and statistics",
            (true, false) => "with an error but no statistics",
            (false, true) => "with statistics but no error",
            (false, false) => "with neither an error nor statistics",
        });
    each.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{Outcome, outcome};

    use super::*;
    use crate::output::plain;

    fn cases(condition: Condition, script: fn(bool, bool) -> &'static str) -> Vec<Case> {
        let has_statistics = condition == Condition::SnapshotEnd;
        let all = [(false, false), (false, true), (true, false), (true, true)];
        let possible = all.into_iter().filter(|(_, s)| has_statistics || !s);
        let case = |(error, statistics)| Case {
            condition: condition.into(),
            error,
            statistics,
            rendered: RenderedHook {
                hook: "a".to_owned(),
                condition: condition.into(),
                script: script(error, statistics).into(),
                ..RenderedHook::default()
            },
        };
        possible.map(case).collect()
    }

    fn said(cases: &[Case]) -> Vec<(String, Vec<String>)> {
        let groups = grouped(cases);
        let say = |group: &Vec<&Case>| {
            let told = described(group, cases).into_iter();
            let lines = told.map(|(of, when)| format!("{}: {when}", words::conditions(&of)));
            let script = String::from_utf8_lossy(&group[0].rendered.script).into_owned();
            (script, lines.collect())
        };
        groups.iter().map(say).collect()
    }

    #[test]
    fn the_same_is_shown_once_with_what_leads_to_it() {
        type Script = fn(bool, bool) -> &'static str;
        let check = |script: Script, expect: &[(&str, &[&str])]| {
            let mut all = cases(Condition::SnapshotEnd, script);
            all.extend(cases(Condition::PruneError, script));
            let expect = expect.iter().map(|(script, lines)| {
                let lines = lines.iter().map(ToString::to_string).collect();
                ((*script).to_owned(), lines)
            });
            assert_eq!(said(&all), expect.collect::<Vec<_>>());
        };
        check(|_, _| "x", &[("x", &["SNAPSHOT_END, PRUNE_ERROR: always"])]);
        check(
            |error, _| if error { "bad" } else { "good" },
            &[
                ("good", &["SNAPSHOT_END, PRUNE_ERROR: without an error"]),
                ("bad", &["SNAPSHOT_END, PRUNE_ERROR: with an error"]),
            ],
        );
        check(
            |_, statistics| if statistics { "size" } else { "none" },
            &[
                (
                    "none",
                    &["SNAPSHOT_END: without statistics", "PRUNE_ERROR: always"],
                ),
                ("size", &["SNAPSHOT_END: with statistics"]),
            ],
        );
        check(
            |error, statistics| if error && statistics { "both" } else { "not" },
            &[
                (
                    "not",
                    &[
                        "SNAPSHOT_END: with neither an error nor statistics; \
                         with statistics but no error; with an error but no statistics",
                        "PRUNE_ERROR: always",
                    ],
                ),
                ("both", &["SNAPSHOT_END: with an error and statistics"]),
            ],
        );
    }

    #[test]
    fn faults_are_shown_with_their_place() {
        let mut all = cases(Condition::SnapshotEnd, |_, _| "fine");
        for case in all.iter_mut().filter(|case| !case.statistics) {
            case.rendered.script.clear();
            case.rendered.failure = Some(Outcome {
                outcome: Some(outcome::Outcome::FailedToRender(outcome::FailedToRender {
                    message: "there is nothing".to_owned(),
                    line: 2,
                    column: 3,
                })),
            });
        }
        insta::assert_snapshot!(plain(&show(&all)), @r"
        a: 2 results in 4 cases

        SNAPSHOT_END: without statistics
          faulty template, line 2, column 3: there is nothing

        SNAPSHOT_END: with statistics
          | fine
        ");
        let json = serde_json::to_value(&all[0]).unwrap();
        assert_eq!(json["condition"], "CONDITION_SNAPSHOT_END");
        assert_eq!(json["rendered"]["failure"]["failedToRender"]["line"], 2);
    }
}
