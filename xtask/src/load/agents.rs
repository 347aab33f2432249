//! The agents: one connection for each concurrent run, which sends event after event and
//! reads each journal to its end.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{Condition, DecisionKind, Event, RunHooksRequest};
use hookd_test_support::TestDaemon;
use tokio::task::JoinSet;
use tonic::transport::Channel;

use super::measure::Turn;
use super::{PLAN, share};

/// The time limit of one run.
const PATIENCE: Duration = Duration::from_secs(60);

type Client = HookServiceClient<Channel>;

/// Connected agents.
pub(crate) struct Agents(Vec<Client>);

impl Agents {
    /// Connects `count` agents.
    pub(crate) async fn connect(daemon: &TestDaemon, count: u32) -> Self {
        let mut clients = Vec::new();
        for _ in 0..count {
            clients.push(daemon.hooks().await);
        }
        Self(clients)
    }

    /// Fires `runs` events, shared out between the agents.
    pub(crate) async fn fire(&self, runs: u32) -> Result<Turn> {
        let agents = u32::try_from(self.0.len())?;
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for (client, part) in self.0.iter().zip(0..) {
            tasks.spawn(one_after_another(client.clone(), share(runs, agents, part)));
        }
        let mut latencies = Vec::new();
        while let Some(ended) = tasks.join_next().await {
            latencies.extend(ended.context("an agent panicked")??);
        }
        let took = start.elapsed();
        Ok(Turn { took, latencies })
    }
}

async fn one_after_another(mut client: Client, runs: u32) -> Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        tokio::time::timeout(PATIENCE, fire_one(&mut client))
            .await
            .context("a run does not end")??;
        latencies.push(start.elapsed());
    }
    Ok(latencies)
}

/// Fires one event and reads its journal. Fails unless the run succeeds, because a failure
/// would be measured as a fast run.
async fn fire_one(client: &mut Client) -> Result<()> {
    let event = Event {
        condition: Condition::SnapshotStart.into(),
        plan_id: PLAN.to_owned(),
        task: "load".to_owned(),
        ..Event::default()
    };
    let request = RunHooksRequest {
        event: Some(event),
        ..RunHooksRequest::default()
    };
    let mut journal = client.run_hooks(request).await?.into_inner();
    let (mut output, mut decision) = (Vec::new(), None);
    while let Some(response) = journal.message().await? {
        match response.entry.and_then(|entry| entry.entry) {
            Some(Entry::HookOutput(written)) => output.extend_from_slice(&written.data),
            Some(Entry::RunFinished(finished)) => decision = finished.decision,
            _ => {}
        }
    }
    let decision = decision.context("the run ended without a decision")?;
    if decision.kind() != DecisionKind::Proceed || output != b"done\n" {
        bail!("the run failed: {}", decision.reason);
    }
    Ok(())
}
