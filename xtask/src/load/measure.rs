//! Measurements, and the table that compares two sides.

use std::fmt::Write as _;
use std::time::Duration;

/// Runs of one side: their duration together, and the latency of each.
#[derive(Default)]
pub(crate) struct Side {
    pub(crate) took: Duration,
    pub(crate) latencies: Vec<Duration>,
}

impl Side {
    /// Adds further runs.
    pub(crate) fn add(&mut self, more: Side) {
        self.took += more.took;
        self.latencies.extend(more.latencies);
        self.latencies.sort_unstable();
    }

    fn runs_per_second(&self) -> f64 {
        // As many as fit a u32 were asked for, and f64 holds those exactly.
        let runs = u32::try_from(self.latencies.len()).unwrap_or(u32::MAX);
        f64::from(runs) / self.took.as_secs_f64()
    }

    /// Returns a percentile of the latencies by nearest rank, in ms.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.latencies.len() * percent).div_ceil(100);
        let latency = self.latencies.get(rank.saturating_sub(1));
        latency.map_or(f64::NAN, |latency| latency.as_secs_f64() * 1000.0)
    }
}

/// Returns the table, one quantity a row.
pub(crate) fn table(hookd: &Side, bare: &Side) -> String {
    let rows = [
        ("runs/s", hookd.runs_per_second(), bare.runs_per_second()),
        ("p50 ms", hookd.percentile(50), bare.percentile(50)),
        ("p99 ms", hookd.percentile(99), bare.percentile(99)),
    ];
    let mut table = format!("{:<8} {:>10} {:>10} {:>8}", "", "hookd", "bare", "ratio");
    for (name, hookd, bare) in rows {
        let ratio = hookd / bare;
        // Writing to a string does not fail.
        let _ = write!(table, "\n{name:<8} {hookd:>10.2} {bare:>10.2} {ratio:>8.2}");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(latencies: impl Iterator<Item = u64>) -> Side {
        let mut side = Side::default();
        side.add(Side {
            took: Duration::from_secs(2),
            latencies: latencies.map(Duration::from_millis).collect(),
        });
        side
    }

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let side = side((1..=200).rev());
        assert_eq!(side.percentile(50), 100.0);
        assert_eq!(side.percentile(99), 198.0);
        assert_eq!(side.runs_per_second(), 100.0);
    }

    #[test]
    fn the_table_sets_both_sides_and_their_ratio_beside_each_other() {
        let table = table(&side([2, 2, 4].into_iter()), &side([1].into_iter()));
        assert_eq!(
            table,
            "              hookd       bare    ratio\n\
             runs/s         1.50       0.50     3.00\n\
             p50 ms         2.00       1.00     2.00\n\
             p99 ms         4.00       1.00     4.00"
        );
    }
}
