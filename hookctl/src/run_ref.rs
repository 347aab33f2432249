//! Names of runs on the command line: an id, the beginning of one, or `last`.

use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::{GetRunRequest, ListRunsRequest, Run};
use tonic::Code;
use tonic::transport::Channel;

use crate::connect::{answer, answer_status};
use crate::failure::Failure;
use crate::status;

/// How many candidates an ambiguous name is answered with.
const CANDIDATES: usize = 5;
/// How many runs are asked for: one more, to know whether there are others.
const PAGE: u32 = CANDIDATES as u32 + 1;

/// Finds the run that is meant.
///
/// # Errors
/// If there is none, or more than one.
pub(crate) async fn find(
    client: &mut HookServiceClient<Channel>,
    name: &str,
) -> Result<Run, Failure> {
    if name == "last" {
        return last(client).await;
    }
    let request = GetRunRequest {
        run_id: name.to_owned(),
    };
    match answer_status(client.get_run(request)).await {
        Ok(found) => found.run.ok_or_else(|| unknown(name)),
        // What is no id may still be the beginning of one.
        Err(refusal) if matches!(refusal.code(), Code::NotFound | Code::InvalidArgument) => {
            by_beginning(client, name).await
        }
        Err(refusal) => Err(status::failure(&refusal)),
    }
}

async fn last(client: &mut HookServiceClient<Channel>) -> Result<Run, Failure> {
    let request = ListRunsRequest {
        page_size: 1,
        ..ListRunsRequest::default()
    };
    let page = answer(client.list_runs(request)).await?;
    page.runs.into_iter().next().ok_or_else(|| {
        Failure::bad_data("there is no last run: none has taken place")
            .help("`hookctl run CONDITION` starts one")
    })
}

async fn by_beginning(client: &mut HookServiceClient<Channel>, name: &str) -> Result<Run, Failure> {
    let mut request = ListRunsRequest {
        page_size: PAGE,
        run_id_prefix: name.to_owned(),
        ..ListRunsRequest::default()
    };
    let mut found: Vec<Run> = Vec::new();
    loop {
        let page = match answer_status(client.list_runs(request.clone())).await {
            Ok(page) => page,
            // No id begins so.
            Err(refusal) if refusal.code() == Code::InvalidArgument => return Err(unknown(name)),
            Err(refusal) => return Err(status::failure(&refusal)),
        };
        found.extend(page.runs);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() || found.len() > CANDIDATES {
            return only(found, name);
        }
    }
}

fn only(mut found: Vec<Run>, name: &str) -> Result<Run, Failure> {
    match (found.pop(), found.is_empty()) {
        (None, _) => Err(unknown(name)),
        (Some(run), true) => Ok(run),
        (Some(oldest), false) => {
            found.push(oldest);
            let more = found.len() > CANDIDATES;
            let ids: Vec<&str> = found
                .iter()
                .take(CANDIDATES)
                .map(|run| &*run.run_id)
                .collect();
            let what = format!(
                "`{name}` is ambiguous; it may be\n  {}{}",
                ids.join("\n  "),
                if more { "\n  or another" } else { "" },
            );
            Err(Failure::bad_data(what).help("give more of the id"))
        }
    }
}

fn unknown(name: &str) -> Failure {
    Failure::bad_data(format!("there is no run `{name}`"))
        .help("`hookctl runs` shows the runs that are kept; `last` is the newest")
}

/// How much of each id has to be shown so that they can be told apart: enough for a
/// time to the millisecond, which is what run ids begin with, or more.
#[must_use]
pub(crate) fn telling_length<'id>(ids: impl IntoIterator<Item = &'id str>) -> usize {
    const SHORTEST: usize = 13;
    let mut ids: Vec<&str> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let common = |pair: &[&str]| -> usize {
        let (a, b) = (pair[0].chars(), pair[1].chars());
        a.zip(b).take_while(|(a, b)| a == b).count()
    };
    let longest = ids.windows(2).map(common).max().unwrap_or(0);
    SHORTEST.max(longest + 1)
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
        assert_eq!(none.what(), "there is no run `a`");
        let two = only(runs(&["a1", "a2"]), "a").unwrap_err();
        assert_eq!(two.what(), "`a` is ambiguous; it may be\n  a1\n  a2");
        let many = only(runs(&["1", "2", "3", "4", "5", "6"]), "").unwrap_err();
        assert!(many.what().ends_with("5\n  or another"), "{}", many.what());
    }

    #[test]
    fn ids_are_shown_as_long_as_needed() {
        assert_eq!(
            telling_length(["0192f0c1-abcd-7000", "0192f0c1-abce-7000"]),
            13
        );
        assert_eq!(
            telling_length(["0192f0c1-abcd-7000", "0192f0c1-abcd-7001"]),
            18
        );
        assert_eq!(telling_length([]), 13);
    }
}
