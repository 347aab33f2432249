//! Names of runs on the command line: an id, the beginning of one, or `last`.

use hookd_client::{Client, answer};
use hookd_proto::v1::{GetRunRequest, ListRunsRequest, Run};
use tonic::Code;
use uuid::Uuid;

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::run_pages::RunPages;

/// Most candidates that the error about an ambiguous name lists.
const CANDIDATES: usize = 5;

/// Returns the only run with this name.
pub(crate) async fn by_name(client: &Client, name: &str) -> Result<Run> {
    if Uuid::try_parse(name).is_ok() {
        // An id finds a run under way even if the store fails, so that it can be cancelled.
        let run_id = name.to_owned();
        return match answer(client.hooks().get_run(GetRunRequest { run_id })).await {
            Ok(found) => found.run.ok_or_else(|| unknown(name)),
            Err(refusal) if refusal.code() == Code::NotFound => Err(unknown(name)),
            Err(refusal) => Err(refusal.into()),
        };
    }
    let (prefix, limit) = match name {
        "last" => ("", 1),
        id => (id, CANDIDATES + 1),
    };
    let request = ListRunsRequest {
        run_id_prefix: prefix.to_owned(),
        ..ListRunsRequest::default()
    };
    let mut pages = RunPages::new(client.clone(), request, limit);
    let mut found = Vec::new();
    loop {
        match pages.next().await {
            Ok(Some(page)) => found.extend(page),
            Ok(None) => return only(found, name),
            // No id begins like this.
            Err(failure) if failure.exit == Exit::BadData => return Err(unknown(name)),
            Err(failure) => return Err(failure),
        }
    }
}

fn only(mut found: Vec<Run>, name: &str) -> Result<Run> {
    if found.len() > 1 {
        let more = match found.len() > CANDIDATES {
            true => "\n  or another",
            false => "",
        };
        let ids: Vec<&str> = found.iter().map(|run| &*run.run_id).collect();
        let ids = ids[..ids.len().min(CANDIDATES)].join("\n  ");
        let message = format!("`{name}` is ambiguous; it may be\n  {ids}{more}");
        return Err(Failure::bad_data(message).help("give more of the id"));
    }
    found.pop().ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> Failure {
    if name == "last" {
        return Failure::bad_data("there is no last run: none has taken place")
            .help("`hookctl run CONDITION` starts one");
    }
    Failure::bad_data(format!("there is no run `{name}`"))
        .help("`hookctl runs` shows the runs that are kept; `last` is the newest")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(ids: &[&str]) -> Vec<Run> {
        let run = |id: &&str| Run {
            run_id: (*id).to_owned(),
            ..Run::default()
        };
        ids.iter().map(run).collect()
    }

    #[test]
    fn ambiguity_is_an_error() {
        assert_eq!(only(runs(&["a1"]), "a").unwrap().run_id, "a1");
        let none = only(runs(&[]), "a").unwrap_err();
        assert_eq!(none.message, "there is no run `a`");
        let two = only(runs(&["a1", "a2"]), "a").unwrap_err();
        assert_eq!(two.message, "`a` is ambiguous; it may be\n  a1\n  a2");
        let many = only(runs(&["1", "2", "3", "4", "5", "6"]), "").unwrap_err();
        assert!(many.message.ends_with("5\n  or another"), "{many:?}");
    }
}
