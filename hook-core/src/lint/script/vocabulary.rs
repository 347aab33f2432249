//! The values that the variables of a template can have.

use std::collections::{BTreeSet, HashMap};

use super::char_set::CharSet;
use super::piece::ValueTraits;
use crate::vars::{PlanVars, RepoVars, label_variable};

/// The kind of value that an expression refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Root,
    Repo,
    Plan,
    /// The statistics of the snapshot.
    Stats,
    /// The agent's labels.
    Labels,
    /// Several values.
    List(ValueTraits),
    One(ValueTraits),
}

/// The values that the variables of a hook can have. The repos and plans that it can run for
/// are known, and so are their settings.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    repo: HashMap<&'static str, Shape>,
    plan: HashMap<&'static str, Shape>,
}

impl Vocabulary {
    /// Returns the vocabulary of a hook with events of these repos and plans.
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

    /// Returns the names of the environment variables that can hold a character with a meaning
    /// to a shell, besides those of labels.
    pub(crate) fn variables(&self) -> BTreeSet<String> {
        let of_event = ["Task", "Error", "OperationId"].map(|name| self.member(&Shape::Root, name));
        let settings = self.repo.values().chain(self.plan.values()).cloned();
        let names = of_event
            .into_iter()
            .chain(settings)
            .filter_map(|shape| match shape {
                Shape::One(value) if !value.chars.is_empty() => value.variable,
                _ => None,
            });
        names.collect()
    }

    pub(crate) fn member(&self, of: &Shape, name: &str) -> Shape {
        let value = match of {
            Shape::Root => return root(name),
            Shape::Labels => ValueTraits::free().in_variable(label_variable(name)),
            Shape::Repo => return setting(&self.repo, name),
            Shape::Plan => return setting(&self.plan, name),
            Shape::Stats => match name.strip_prefix("Get").unwrap_or(name) {
                "MessageType" | "During" | "Item" | "Action" | "ExitError" | "Message" => {
                    ValueTraits::free()
                }
                "Error" | "CurrentFiles" => return Shape::List(ValueTraits::free()),
                // Numbers, and the id of the snapshot.
                _ => ValueTraits::safe(),
            },
            // Methods of times, durations and enums, or parts of an unknown value.
            Shape::List(value) | Shape::One(value) => ValueTraits::of(value.chars),
        };
        Shape::One(value)
    }

    /// Returns the traits of the printed form of a value.
    pub(crate) fn printed(&self, shape: &Shape) -> ValueTraits {
        match shape {
            Shape::One(value) => value.clone(),
            Shape::List(value) => {
                ValueTraits::of(value.chars.union(CharSet::SPACE).union(CharSet::PATTERN))
            }
            Shape::Root | Shape::Repo | Shape::Plan | Shape::Stats | Shape::Labels => {
                ValueTraits::free()
            }
        }
    }
}

/// Returns a setting of a repo or plan. Settings that are not text are numbers, truth values
/// and names of closed sets.
fn setting(of: &HashMap<&'static str, Shape>, name: &str) -> Shape {
    let name = name.strip_prefix("Get").unwrap_or(name);
    of.get(name)
        .cloned()
        .unwrap_or(Shape::One(ValueTraits::safe()))
}

/// Returns the characters that the known settings contain; none if there is no repo or plan,
/// as no event can occur then.
fn known<'s>(texts: impl Iterator<Item = &'s String>) -> ValueTraits {
    ValueTraits::of(texts.fold(CharSet::EMPTY, |set, text| set.union(CharSet::of(text))))
}

fn root(name: &str) -> Shape {
    Shape::One(match name {
        "Repo" => return Shape::Repo,
        "Plan" => return Shape::Plan,
        "SnapshotStats" => return Shape::Stats,
        "Labels" => return Shape::Labels,
        "Task" => ValueTraits::free().in_variable("HOOK_TASK"),
        "Error" => ValueTraits::free().in_variable("HOOK_ERROR"),
        "OperationId" => ValueTraits::free().in_variable("HOOK_OPERATION_ID"),
        "Summary" => ValueTraits::free(),
        // Ids of snapshots are hexadecimal; events, triggers, attempts, times and
        // durations are of closed alphabets, spaces and colons at most.
        "SnapshotId" | "Event" | "Trigger" | "Attempt" | "CurTime" | "Duration" | "EventName"
        | "IsError" | "FormatTime" | "FormatDuration" | "FormatSizeBytes" | "UrlEscape" => {
            ValueTraits::safe()
        }
        _ => ValueTraits::free(),
    })
}
