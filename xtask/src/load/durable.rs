//! The cost of storing runs: the same runs in turns with a store in memory, one that survives
//! a crash of hookd, and one that survives a crash of the machine.

use std::fmt::Write as _;

use anyhow::Result;
use hookd_test_support::Setup;

use super::agents::Agents;
use super::{WARM_UP, config, share, stop};

/// The number of rounds. Other load of the machine hits some of them, and the median is
/// reported.
const ROUNDS: u32 = 15;
/// The numbers of concurrent runs.
const CONCURRENCY: [u32; 3] = [1, 8, 64];
/// The sides and their flags of hookd; the others are compared with the first.
const SIDES: [(&str, [&str; 2]); 3] = [
    ("memory", ["--store", "memory"]),
    ("process", ["--durability", "process"]),
    ("power", ["--durability", "power"]),
];

/// Measures `runs` runs of each side at each concurrency; returns a table.
pub(super) async fn measure(runs: u32) -> Result<String> {
    let mut table = format!("{:<8}", "at once");
    for (name, _) in SIDES {
        // Writing to a string does not fail.
        let _ = write!(table, " {:>14}", format!("{name} runs/s"));
    }
    for (name, _) in &SIDES[1..] {
        let _ = write!(table, " {:>14}", format!("{name} ratio"));
    }
    for concurrency in CONCURRENCY {
        let _ = write!(table, "\n{concurrency:<8}");
        let rates = rates(runs, concurrency).await?;
        for side in 0..SIDES.len() {
            let rate = median(rates.iter().map(|round| round[side]).collect());
            let _ = write!(table, " {rate:>14.1}");
        }
        for side in 1..SIDES.len() {
            let ratio = median(rates.iter().map(|round| round[side] / round[0]).collect());
            let _ = write!(table, " {ratio:>14.2}");
        }
    }
    Ok(table)
}

/// Returns the runs per second of each side, round by round.
async fn rates(runs: u32, concurrency: u32) -> Result<Vec<[f64; SIDES.len()]>> {
    let mut sides = Vec::new();
    for (_, [flag, value]) in SIDES {
        let daemon = Setup::new(&config()).arg(flag).arg(value).start();
        let agents = Agents::connect(&daemon, concurrency).await;
        agents.fire(WARM_UP.max(concurrency)).await?;
        sides.push((daemon, agents));
    }
    let mut rates = Vec::new();
    for round in 0..ROUNDS {
        let runs = share(runs, ROUNDS, round).max(concurrency);
        let mut rate = [0.0; SIDES.len()];
        for (rate, (_, agents)) in rate.iter_mut().zip(&sides) {
            *rate = f64::from(runs) / agents.fire(runs).await?.took.as_secs_f64();
        }
        rates.push(rate);
    }
    for (daemon, _) in sides {
        stop(daemon)?;
    }
    Ok(rates)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_what_most_rounds_come_near_to() {
        assert_eq!(median(vec![0.9, 40.0, 1.0, 0.1, 1.1]), 1.0);
    }
}
