//! What each variable of a template can hold.

use std::collections::HashMap;

use super::chars::Chars;
use super::piece::Value;
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

/// What the variables of a hook can hold. The repos and plans that it can meet are known,
/// so what their settings can hold is known, too.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    repo: HashMap<&'static str, Shape>,
    plan: HashMap<&'static str, Shape>,
}

impl Vocabulary {
    /// What a hook can meet that meets these repos and plans.
    pub(crate) fn new(repos: &[&RepoVars], plans: &[&PlanVars]) -> Vocabulary {
        let of_repos = |get: fn(&RepoVars) -> &String| known(repos.iter().map(|r| get(r)));
        let of_plans = |get: fn(&PlanVars) -> &String| known(plans.iter().map(|p| get(p)));
        let repo_lists = |get: fn(&RepoVars) -> &Vec<String>| {
            Shape::List(known(repos.iter().flat_map(|r| get(r))))
        };
        let plan_lists = |get: fn(&PlanVars) -> &Vec<String>| {
            Shape::List(known(plans.iter().flat_map(|p| get(p))))
        };
        let one = Shape::One;
        Vocabulary {
            repo: HashMap::from([
                ("Id", one(of_repos(|r| &r.id).in_variable("HOOK_REPO_ID"))),
                (
                    "Uri",
                    one(of_repos(|r| &r.uri).in_variable("HOOK_REPO_URI")),
                ),
                ("Guid", one(of_repos(|r| &r.guid))),
                ("Password", one(of_repos(|r| &r.password))),
                ("OriginInstanceId", one(of_repos(|r| &r.origin_instance_id))),
                ("Env", repo_lists(|r| &r.env)),
                ("Flags", repo_lists(|r| &r.flags)),
            ]),
            plan: HashMap::from([
                ("Id", one(of_plans(|p| &p.id).in_variable("HOOK_PLAN_ID"))),
                (
                    "Repo",
                    one(of_plans(|p| &p.repo).in_variable("HOOK_REPO_ID")),
                ),
                ("Paths", plan_lists(|p| &p.paths)),
                ("Excludes", plan_lists(|p| &p.excludes)),
                ("Iexcludes", plan_lists(|p| &p.iexcludes)),
                ("BackupFlags", plan_lists(|p| &p.backup_flags)),
            ]),
        }
    }

    /// The member of that name.
    pub(crate) fn member(&self, of: &Shape, name: &str) -> Shape {
        let value = match of {
            Shape::Root => return root(name),
            Shape::Labels => Value::free().in_variable(label_variable(name)),
            Shape::Repo => return setting(&self.repo, name),
            Shape::Plan => return setting(&self.plan, name),
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

    /// What is printed of a shape.
    pub(crate) fn printed(&self, shape: &Shape) -> Value {
        match shape {
            Shape::One(value) => value.clone(),
            Shape::List(value) => Value::of(value.chars.and(Chars::SPACE).and(Chars::PATTERN)),
            Shape::Root | Shape::Repo | Shape::Plan | Shape::Stats | Shape::Labels => Value::free(),
        }
    }
}

/// A setting of a repo or plan. Those that are not text are numbers, truth values and
/// names of closed sets.
fn setting(of: &HashMap<&'static str, Shape>, name: &str) -> Shape {
    let name = name.strip_prefix("Get").unwrap_or(name);
    of.get(name).cloned().unwrap_or(Shape::One(Value::safe()))
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
