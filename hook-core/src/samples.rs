//! Sample events of a hook, in which everything that may be missing is missing once.
//!
//! Many faults of templates show only with some events: `{{ slice .SnapshotId 0 8 }}` fails if
//! no snapshot was made. Rendering a hook with samples finds these before an event does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::catalog::Catalog;
use crate::condition::Condition;
use crate::hook::{CommandAction, Hook, Scope};
use crate::template::{Engine, TemplateError};
use crate::vars::{PlanVars, RepoVars, SnapshotStats, Time, Vars};

/// Time for rendering the samples of all hooks of a config. Hooks whose turn comes later are not
/// rendered.
pub(crate) const LIMIT: Duration = Duration::from_secs(2);
/// Time that the samples of one hook may take.
const HOOK_LIMIT: Duration = Duration::from_millis(500);
/// Most optional values of which every combination is tried.
const COMBINED: usize = 4;

/// Most bytes of all samples of one hook.
const MAX_BYTES: usize = 16 << 20;

/// Value that is missing in some events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Optional {
    /// Its name in Go templates.
    pub(crate) go: &'static str,
    /// Its name in Tera templates.
    pub(crate) tera: &'static str,
    clear: fn(&mut Vars),
}

const TASK: Optional = Optional {
    go: "Task",
    tera: "task",
    clear: |vars| vars.task.clear(),
};
const ERROR: Optional = Optional {
    go: "Error",
    tera: "error",
    clear: |vars| vars.error.clear(),
};
const SNAPSHOT_ID: Optional = Optional {
    go: "SnapshotId",
    tera: "snapshot_id",
    clear: |vars| vars.snapshot_id.clear(),
};
const SNAPSHOT_STATS: Optional = Optional {
    go: "SnapshotStats",
    tera: "snapshot_stats",
    clear: |vars| vars.snapshot_stats = None,
};
const OPERATION_ID: Optional = Optional {
    go: "OperationId",
    tera: "operation_id",
    clear: |vars| vars.operation_id.clear(),
};
const REPO: Optional = Optional {
    go: "Repo",
    tera: "repo",
    clear: |vars| vars.repo = None,
};
/// A plan is never nil, but an event without one has a plan without id and paths.
const PLAN: Optional = Optional {
    go: "Plan",
    tera: "plan",
    clear: |vars| vars.plan = Some(Arc::default()),
};

impl Optional {
    fn is_used(self, source: &str) -> bool {
        source.contains(self.go) || source.contains(self.tera)
    }
}

/// A hook's script for a sample event.
#[derive(Debug)]
pub(crate) struct Sample {
    /// The condition that the hook matched.
    pub(crate) condition: Condition,
    /// The values that the template uses and the event lacks.
    pub(crate) missing: Vec<Optional>,
    /// The script.
    pub(crate) script: Result<Vec<u8>, TemplateError>,
}

/// Returns a hook's scripts for its sample events, those that lack least first.
///
/// A template without placeholders has one. None are rendered after `deadline`. The secrets of the
/// repository are samples, too, so that no message about a script can show one.
pub(crate) fn samples(
    catalog: &Catalog,
    hook: &Hook,
    command: &CommandAction,
    deadline: Instant,
) -> Vec<Sample> {
    let template = &command.template;
    let source = template.source();
    let deadline = deadline.min(Instant::now() + HOOK_LIMIT);
    let (full, of_scope) = target(catalog, &hook.scope);
    let is_fixed =
        template.engine() == Engine::None || !source.contains("{{") && !source.contains("{%");
    let conditions = match is_fixed {
        true => hook.conditions.get(..1).unwrap_or_default(),
        false => &hook.conditions,
    };
    let mut samples = Vec::new();
    let mut bytes = 0;
    for condition in conditions {
        let mut of_end = vec![SNAPSHOT_ID, SNAPSHOT_STATS];
        // A failure always has an error.
        if !condition.is_failure() {
            of_end.insert(0, ERROR);
        }
        let (mut always, mut maybe) = match condition.is_start() {
            true => (of_end, vec![TASK, OPERATION_ID]),
            false => (Vec::new(), [&of_end[..], &[TASK, OPERATION_ID]].concat()),
        };
        // A plan without a repository never has one.
        match full.repo {
            None => always.push(REPO),
            Some(_) => maybe.extend(&of_scope),
        }
        maybe.retain(|value| value.is_used(source));
        for missing in combinations(&maybe) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || bytes > MAX_BYTES {
                return samples;
            }
            let mut vars = Vars {
                event: Some(*condition),
                ..full.clone()
            };
            let used = always.iter().copied().filter(|value| value.is_used(source));
            for value in always.iter().chain(&missing) {
                (value.clear)(&mut vars);
            }
            let script = template.render_within(&vars, left);
            bytes += script.as_ref().map_or(0, Vec::len);
            samples.push(Sample {
                condition: *condition,
                missing: used.chain(missing).collect(),
                script,
            });
        }
    }
    samples
}

/// Returns the variables of an event that has everything, and what an event of the scope may lack.
fn target(catalog: &Catalog, scope: &Scope) -> (Vars, Vec<Optional>) {
    let first_plan = |of: &dyn Fn(&&Arc<PlanVars>) -> bool| catalog.plans().find(of).cloned();
    let (plan, repo, optional) = match scope {
        Scope::Global => {
            let plan = first_plan(&|plan| !plan.repo.is_empty());
            let plan = plan.or_else(|| first_plan(&|_| true));
            let repo = plan.as_ref().and_then(|plan| catalog.repo(&plan.repo));
            let repo = repo.or_else(|| catalog.repos().next()).cloned();
            (plan, repo, vec![REPO, PLAN])
        }
        Scope::Repo(id) => {
            let plan = first_plan(&|plan| plan.repo == *id);
            (plan, catalog.repo(id).cloned(), vec![PLAN])
        }
        Scope::Plan(id) => {
            let plan = catalog.plan(id).cloned();
            let repo = plan.as_ref().and_then(|plan| catalog.repo(&plan.repo));
            let repo = repo.cloned();
            (plan, repo, Vec::new())
        }
    };
    // A config whose plans are still to come may have any.
    let any_repo = || Arc::<RepoVars>::default();
    let is_plans = matches!(scope, Scope::Plan(_));
    let vars = Vars {
        task: "sample task".to_owned(),
        repo: repo
            .or_else(|| (!is_plans).then(any_repo))
            .map(|repo| Arc::new(without_secrets(&repo))),
        plan: plan.or_else(|| Some(Arc::new(sample_plan()))),
        snapshot_id: SNAPSHOT.to_owned(),
        snapshot_stats: Some(Arc::new(SnapshotStats {
            message_type: "summary".to_owned(),
            files_new: 12,
            data_added: 123_456_789,
            total_duration: 61.5,
            snapshot_id: SNAPSHOT.to_owned(),
            ..SnapshotStats::default()
        })),
        cur_time: Time::from(jiff::Timestamp::UNIX_EPOCH),
        error: "sample error".to_owned(),
        attempt: 1,
        operation_id: "sample-operation".to_owned(),
        ..Vars::default()
    };
    (vars, optional)
}

/// The id of the sample snapshot, as long as restic's.
const SNAPSHOT: &str = "4f1ae8c0d3b2967e5a1c6d8f90b7e2344f1ae8c0d3b2967e5a1c6d8f90b7e234";

fn without_secrets(repo: &RepoVars) -> RepoVars {
    let hidden = |_: &String| "SAMPLE=sample".to_owned();
    RepoVars {
        uri: "sample:repo".to_owned(),
        password: "sample-password".to_owned(),
        env: repo.env.iter().map(hidden).collect(),
        ..repo.clone()
    }
}

fn sample_plan() -> PlanVars {
    PlanVars {
        id: "sample-plan".to_owned(),
        repo: "sample-repo".to_owned(),
        paths: vec!["/sample".to_owned()],
        ..PlanVars::default()
    }
}

/// Returns combinations of missing values, the smaller ones first: every one if they are few,
/// else none, each alone, all but each, and all.
fn combinations(values: &[Optional]) -> Vec<Vec<Optional>> {
    let all = (1_u32 << values.len()) - 1;
    let mut masks: Vec<u32> = match values.len() {
        0..=COMBINED => (0..=all).collect(),
        count => {
            let single = (0..count).map(|i| 1 << i);
            let others = single.clone().map(|mask| all & !mask);
            [0].into_iter()
                .chain(single)
                .chain(others)
                .chain([all])
                .collect()
        }
    };
    masks.sort_by_key(|mask| mask.count_ones());
    let chosen = |mask: &u32| {
        let values = values.iter().enumerate();
        let values = values.filter(|(i, _)| mask & (1 << i) != 0);
        values.map(|(_, value)| *value).collect()
    };
    masks.iter().map(chosen).collect()
}
