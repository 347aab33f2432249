//! What each variable of a template can hold.

use std::sync::Arc;

use super::chars::Chars;
use super::piece::Value;
use crate::config::Catalog;
use crate::hook::{Hook, Scope};
use crate::vars::{PlanVars, RepoVars};

/// What a part of a template stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// All variables.
    Root,
    /// The repo.
    Repo,
    /// The plan.
    Plan,
    /// The statistics of the snapshot.
    Stats,
    /// The agent's labels.
    Labels,
    /// Several values.
    List(Value),
    /// One value.
    One(Value),
}

/// The repos and plans that a hook can meet. They are known, so what their settings can
/// hold is known, too.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    repos: Vec<Arc<RepoVars>>,
    plans: Vec<Arc<PlanVars>>,
}

impl Vocabulary {
    /// What a hook can meet.
    pub(crate) fn of(hook: &Hook, catalog: &Catalog) -> Vocabulary {
        let (repos, plans): (Vec<_>, Vec<_>) = match &hook.scope {
            Scope::Global => (catalog.repos().collect(), catalog.plans().collect()),
            Scope::Repo(id) => (
                catalog.repo(id).into_iter().collect(),
                catalog.plans().filter(|plan| plan.repo == *id).collect(),
            ),
            Scope::Plan(id) => {
                let plan = catalog.plan(id);
                let repo = plan.and_then(|plan| catalog.repo(&plan.repo));
                (repo.into_iter().collect(), plan.into_iter().collect())
            }
        };
        Vocabulary {
            repos: repos.into_iter().cloned().collect(),
            plans: plans.into_iter().cloned().collect(),
        }
    }

    /// The member of that name.
    pub(crate) fn member(&self, of: &Shape, name: &str) -> Shape {
        let value = match of {
            Shape::Root => return root(name),
            Shape::Labels => Value::free().in_variable(label_variable(name)),
            Shape::Repo => return self.repo(name),
            Shape::Plan => return self.plan(name),
            Shape::Stats => match name.strip_prefix("Get").unwrap_or(name) {
                "MessageType" | "During" | "Item" | "Action" | "ExitError" | "Message" => {
                    Value::free()
                }
                "Error" | "CurrentFiles" => return Shape::List(Value::free()),
                // Numbers, and the id of the snapshot.
                _ => Value::safe(),
            },
            // The methods of times, durations and enums, or the depths of an unknown value.
            Shape::List(value) | Shape::One(value) => Value::of(value.chars),
        };
        Shape::One(value)
    }

    fn repo(&self, name: &str) -> Shape {
        let name = name.strip_prefix("Get").unwrap_or(name);
        let value = |get: fn(&RepoVars) -> &String| known(self.repos.iter().map(|r| get(r)));
        Shape::One(match name {
            "Id" => value(|r| &r.id).in_variable("HOOK_REPO_ID"),
            "Uri" => value(|r| &r.uri).in_variable("HOOK_REPO_URI"),
            "Guid" => value(|r| &r.guid),
            "Password" => value(|r| &r.password),
            "OriginInstanceId" => value(|r| &r.origin_instance_id),
            "Env" => return Shape::List(known(self.repos.iter().flat_map(|r| &r.env))),
            "Flags" => return Shape::List(known(self.repos.iter().flat_map(|r| &r.flags))),
            // Numbers, truth values and names of closed sets.
            _ => Value::safe(),
        })
    }

    fn plan(&self, name: &str) -> Shape {
        let name = name.strip_prefix("Get").unwrap_or(name);
        let list = |get: fn(&PlanVars) -> &Vec<String>| {
            Shape::List(known(self.plans.iter().flat_map(|p| get(p))))
        };
        Shape::One(match name {
            "Id" => known(self.plans.iter().map(|p| &p.id)).in_variable("HOOK_PLAN_ID"),
            "Repo" => known(self.plans.iter().map(|p| &p.repo)).in_variable("HOOK_REPO_ID"),
            "Paths" => return list(|p| &p.paths),
            "Excludes" => return list(|p| &p.excludes),
            "Iexcludes" => return list(|p| &p.iexcludes),
            "BackupFlags" => return list(|p| &p.backup_flags),
            _ => Value::safe(),
        })
    }

    /// What is printed of a shape.
    pub(crate) fn printed(&self, shape: &Shape) -> Value {
        match shape {
            Shape::One(value) => value.clone(),
            Shape::List(value) => Value::of(value.chars.and(Chars::SPACE).and(Chars::PATTERN)),
            Shape::Root | Shape::Repo | Shape::Plan | Shape::Stats | Shape::Labels => Value::free(),
        }
    }
}

/// What settings can hold that are known. Without a repo or plan no event gets here.
fn known<'s>(texts: impl Iterator<Item = &'s String>) -> Value {
    Value::of(texts.fold(Chars::NONE, |set, text| set.and(Chars::of(text))))
}

fn root(name: &str) -> Shape {
    Shape::One(match name {
        "Repo" => return Shape::Repo,
        "Plan" => return Shape::Plan,
        "SnapshotStats" => return Shape::Stats,
        "Labels" => return Shape::Labels,
        "Task" => Value::free().in_variable("HOOK_TASK"),
        "Error" => Value::free().in_variable("HOOK_ERROR"),
        "OperationId" => Value::free().in_variable("HOOK_OPERATION_ID"),
        "Summary" => Value::free(),
        // Ids of snapshots are hexadecimal; events, triggers, attempts, times and
        // durations are of closed alphabets, spaces and colons at most.
        "SnapshotId" | "Event" | "Trigger" | "Attempt" | "CurTime" | "Duration" | "EventName"
        | "IsError" | "FormatTime" | "FormatDuration" | "FormatSizeBytes" | "UrlEscape" => {
            Value::safe()
        }
        _ => Value::free(),
    })
}

/// The variable of the environment that holds a label.
fn label_variable(name: &str) -> String {
    let upper = name.chars().map(|c| match c {
        c if c.is_ascii_alphanumeric() => c.to_ascii_uppercase(),
        _ => '_',
    });
    format!("HOOK_LABEL_{}", upper.collect::<String>())
}
