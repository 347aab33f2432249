//! The cases in which a hook was rendered, and which of them come to the same.

use hookd_proto::v1::{Condition, RenderedHook};
use serde::{Serialize, Serializer};

use super::{DISABLED, body, how};
use crate::output::{Paint, Tone, safe, words};

/// What an event is like, and what comes of it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Case {
    /// What happened.
    #[serde(serialize_with = "full_name")]
    pub condition: i32,
    /// Whether there was an error.
    pub error: bool,
    /// Whether there were snapshot statistics.
    pub statistics: bool,
    /// The hook as it would run.
    pub rendered: RenderedHook,
}

/// As in the contract: a condition of the future is its number.
fn full_name<S: Serializer>(condition: &i32, serializer: S) -> Result<S::Ok, S::Error> {
    match Condition::try_from(*condition) {
        Ok(known) => serializer.serialize_str(known.as_str_name()),
        Err(_) => serializer.serialize_i32(*condition),
    }
}

impl Case {
    /// Whether the same would run. The condition that the hook matched is no part of it:
    /// what the script makes of it shows in the script.
    fn runs_the_same(&self, other: &Case) -> bool {
        let (a, b) = (&self.rendered, &other.rendered);
        a.script == b.script
            && a.interpreter == b.interpreter
            && a.script_via == b.script_via
            && a.failure == b.failure
    }
}

/// The cases of each hook with its different scripts, each shown once.
pub(super) fn show(cases: &[Case], paint: Paint) -> String {
    let mut shown = String::new();
    for of_hook in cases.chunk_by(|a, b| a.rendered.hook == b.rendered.hook) {
        let groups = grouped(of_hook);
        let Some(Case { rendered: hook, .. }) = of_hook.first() else {
            continue;
        };
        if !shown.is_empty() {
            shown.push('\n');
        }
        let name = paint.text(Tone::Strong, &safe::text(&hook.hook));
        shown.push_str(&format!(
            "{name}: {} in {}",
            words::count(groups.len(), "result"),
            words::count(of_hook.len(), "case")
        ));
        if hook.disabled {
            shown.push_str(&paint.text(Tone::Dim, DISABLED));
        }
        shown.push('\n');
        for group in groups {
            shown.push('\n');
            shown.push_str(&show_group(&group, of_hook, paint));
        }
    }
    shown
}

/// Cases that come to the same, in the order of the first of each.
fn grouped(cases: &[Case]) -> Vec<Vec<&Case>> {
    let mut groups: Vec<Vec<&Case>> = Vec::new();
    for case in cases {
        let same = groups
            .iter_mut()
            .find(|group| group.first().is_some_and(|first| first.runs_the_same(case)));
        match same {
            Some(group) => group.push(case),
            None => groups.push(vec![case]),
        }
    }
    groups
}

fn show_group(group: &[&Case], all: &[Case], paint: Paint) -> String {
    let mut shown = String::new();
    for (conditions, when) in told(group, all) {
        let conditions = words::conditions(&conditions);
        shown.push_str(&format!(
            "{conditions}: {}\n",
            paint.text(Tone::Hint, &when)
        ));
    }
    let Some(Case { rendered: hook, .. }) = group.first() else {
        return shown;
    };
    if let Some(how) = how(hook) {
        shown.push_str(&format!("  {}\n", paint.text(Tone::Dim, &how)));
    }
    shown.push_str(&body(hook, paint));
    shown
}

/// The cases of a group in words: conditions of which the same can be said, and that.
fn told(group: &[&Case], all: &[Case]) -> Vec<(Vec<i32>, String)> {
    let mut told: Vec<(Vec<i32>, String)> = Vec::new();
    for of_condition in group.chunk_by(|a, b| a.condition == b.condition) {
        let Some(condition) = of_condition.first().map(|case| case.condition) else {
            continue;
        };
        let possible: Vec<_> = all.iter().filter(|c| c.condition == condition).collect();
        let when = when(of_condition, &possible);
        match told.iter_mut().find(|(_, said)| *said == when) {
            Some((conditions, _)) => conditions.push(condition),
            None => told.push((vec![condition], when)),
        }
    }
    told
}

/// Whether a case is of a kind.
type Test = fn(&Case) -> bool;

/// Which of the possible cases these are, in as few words as say it.
fn when(these: &[&Case], possible: &[&Case]) -> String {
    let tests: [(&str, Test); 5] = [
        ("always", |_| true),
        ("with an error", |case| case.error),
        ("without an error", |case| !case.error),
        ("with statistics", |case| case.statistics),
        ("without statistics", |case| !case.statistics),
    ];
    // The cases of a group are among the possible ones, so counting them is enough once
    // all of them pass.
    let is_exactly = |test: &Test| {
        these.iter().all(|case| test(case))
            && these.len() == possible.iter().filter(|case| test(case)).count()
    };
    if let Some((said, _)) = tests.iter().find(|(_, test)| is_exactly(test)) {
        return (*said).to_owned();
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
            let told = told(group, cases).into_iter();
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
        assert_eq!(
            show(&all, Paint::PLAIN),
            "a: 2 results in 4 cases\n\n\
             SNAPSHOT_END: without statistics\n  \
             faulty template, line 2, column 3: there is nothing\n\n\
             SNAPSHOT_END: with statistics\n  | fine\n"
        );
        let json = serde_json::to_value(&all[0]).unwrap();
        assert_eq!(json["condition"], "CONDITION_SNAPSHOT_END");
        assert_eq!(json["rendered"]["failure"]["failedToRender"]["line"], 2);
    }
}
