//! The agents: one connection for each concurrent run, which sends event after event and
//! reads each journal to its end.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::{Condition, DecisionKind, OutputStream};
use hookd_test_support::{TestDaemon, decision, event, output, request, run};
use tokio::task::JoinSet;
use tonic::transport::Channel;

use super::measure::Side;
use super::share;

pub(crate) struct Agents(Vec<HookServiceClient<Channel>>);

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
    pub(crate) async fn fire(&self, runs: u32) -> Result<Side> {
        let agents = u32::try_from(self.0.len())?;
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for (client, part) in self.0.iter().zip(0..) {
            tasks.spawn(fire_in_turn(client.clone(), share(runs, agents, part)));
        }
        let mut latencies = Vec::new();
        while let Some(ended) = tasks.join_next().await {
            latencies.extend(ended.context("an agent panicked")??);
        }
        let took = start.elapsed();
        Ok(Side { took, latencies })
    }
}

/// Fires one event after another. Fails unless every run succeeds, because a failure would
/// be measured as a fast run.
async fn fire_in_turn(mut client: HookServiceClient<Channel>, runs: u32) -> Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        let entries = run(&mut client, request(event(Condition::SnapshotStart))).await;
        latencies.push(start.elapsed());
        let (decision, output) = (
            decision(&entries),
            output(&entries, 0, OutputStream::Stdout),
        );
        let succeeded = decision.kind() == DecisionKind::Proceed && output == b"done\n";
        ensure!(succeeded, "the run failed: {}", decision.reason);
    }
    Ok(latencies)
}
