//! Runs kept in memory: all that are under way, and the latest that have ended.

mod plan;
mod run;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use uuid::Uuid;

use self::plan::Plan;
use self::run::{Run, is, within};
use super::run::lacking;
use super::stats::{self, HookRun};
use super::{
    Admitted, Durability, End, Filter, HookResult, HookStats, Info, Kept, NewRun, Page, Pruned,
    Record, RequestKey, RetentionOf, StatsFilter, Store, StoreError,
};
use crate::limits::{MAX_BYTES_IN_MEMORY, MAX_COUNTED_HOOK_RUNS, MAX_PAGE, MAX_RUNS_IN_MEMORY};

/// A store in memory, for embedded use and for trying out.
///
/// The oldest ended runs go when there are more than [`MAX_RUNS_IN_MEMORY`], or when they
/// take more than [`MAX_BYTES_IN_MEMORY`].
#[derive(Debug)]
pub struct MemoryStore {
    inner: Mutex<Inner>,
    /// How many ended runs are kept, and how many bytes of them.
    bounds: (usize, usize),
}

#[derive(Debug, Default)]
struct Inner {
    runs: BTreeMap<Uuid, Run>,
    /// By the id of a request, the run that it asked for.
    requests: HashMap<Uuid, Uuid>,
    /// In the order in which they ended.
    ended: VecDeque<Uuid>,
    ended_bytes: usize,
    closed: bool,
}

impl Default for MemoryStore {
    fn default() -> Self {
        MemoryStore::with_bounds(MAX_RUNS_IN_MEMORY, MAX_BYTES_IN_MEMORY)
    }
}

impl MemoryStore {
    /// A store that keeps at most so many ended runs, and so many bytes of them.
    #[must_use]
    pub fn with_bounds(runs: usize, bytes: usize) -> MemoryStore {
        MemoryStore {
            inner: Mutex::default(),
            bounds: (runs, bytes),
        }
    }

    fn lock(&self) -> Result<MutexGuard<'_, Inner>, StoreError> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.closed {
            return Err(StoreError::Closed);
        }
        Ok(inner)
    }

    /// The newest run before that one that passes a filter, but for its output.
    fn next(&self, filter: &Filter, before: Option<Uuid>) -> Result<Option<Found>, StoreError> {
        let inner = self.lock()?;
        let end = before.map_or(Bound::Unbounded, Bound::Excluded);
        let mut runs = inner.runs.range((Bound::Unbounded, end)).rev();
        let found = runs.find(|(id, run)| run.passes(**id, filter));
        Ok(found.map(|(id, run)| Found {
            kept: run.kept(*id),
            records: match filter.output {
                Some(_) => run.records.clone(),
                None => Vec::new(),
            },
        }))
    }
}

/// A run that may be on a page.
struct Found {
    kept: Kept,
    /// Its journal, if that is to be searched.
    records: Vec<Record>,
}

#[tonic::async_trait]
impl Store for MemoryStore {
    async fn admit(&self, new: NewRun) -> Result<Admitted, StoreError> {
        let mut inner = self.lock()?;
        match new.request.as_ref().map(|request| inner.asked(request)) {
            None | Some(Admitted::New) => {}
            Some(known) => return Ok(known),
        }
        lacking(0, std::slice::from_ref(&new.first))?;
        if inner.runs.contains_key(&new.id) {
            return Err(StoreError::failed(format!("there is a run {}", new.id)));
        }
        if let Some(request) = &new.request {
            inner.requests.insert(request.id, new.id);
        }
        let bytes = new.bytes();
        let run = Run {
            request: new.request,
            about: new.about,
            started_at: new.started_at,
            records: vec![new.first],
            glance: new.glance,
            end: None,
            hooks: Vec::new(),
            bytes,
        };
        inner.runs.insert(new.id, run);
        Ok(Admitted::New)
    }

    async fn find(&self, request: &RequestKey) -> Result<Admitted, StoreError> {
        Ok(self.lock()?.asked(request))
    }

    async fn append(&self, run: Uuid, records: &[Record]) -> Result<(), StoreError> {
        let mut inner = self.lock()?;
        let kept = inner.runs.get_mut(&run);
        let kept = kept.ok_or_else(|| StoreError::no_run(run))?;
        kept.append(run, records)
    }

    async fn finish(&self, run: Uuid, records: &[Record], end: End) -> Result<(), StoreError> {
        let mut inner = self.lock()?;
        let kept = inner.runs.get_mut(&run);
        let kept = kept.ok_or_else(|| StoreError::no_run(run))?;
        if kept.ended() == Some(end.state) && lacking(kept.last(), records)?.is_empty() {
            return Ok(());
        }
        if kept.end.is_some() {
            return Err(StoreError::has_ended(run));
        }
        kept.append(run, records)?;
        kept.bytes += end.bytes();
        kept.end = Some((end.state, end.at));
        kept.glance = end.glance;
        kept.hooks = end.hooks;
        inner.ended_bytes += kept.memory();
        inner.ended.push_back(run);
        let (max_runs, max_bytes) = self.bounds;
        while inner.ended.len() > 1
            && (inner.ended.len() > max_runs || inner.ended_bytes > max_bytes)
            && let Some(oldest) = inner.ended.pop_front()
        {
            inner.forget(oldest);
        }
        Ok(())
    }

    async fn read(&self, run: Uuid, after: u64, bytes: usize) -> Result<Vec<Record>, StoreError> {
        let inner = self.lock()?;
        let Some(kept) = inner.runs.get(&run) else {
            return Ok(Vec::new());
        };
        let from = usize::try_from(after).unwrap_or(usize::MAX);
        let mut sum = 0;
        let fits = |record: &&Record| {
            let first = sum == 0;
            sum += record.bytes.len().max(1);
            first || sum <= bytes
        };
        let rest = kept.records.iter().skip(from);
        Ok(rest.take_while(fits).cloned().collect())
    }

    async fn get(&self, run: Uuid) -> Result<Option<Kept>, StoreError> {
        Ok(self.lock()?.runs.get(&run).map(|kept| kept.kept(run)))
    }

    async fn list(
        &self,
        filter: &Filter,
        before: Option<Uuid>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let limit = limit.clamp(1, MAX_PAGE as usize);
        let mut page = Page::default();
        let mut searched = 0;
        let mut last = before;
        while let Some(found) = self.next(filter, last)? {
            if page.runs.len() == limit {
                page.next = last;
                break;
            }
            if let Some(search) = &filter.output {
                if searched == search.budget {
                    page.next = last;
                    break;
                }
                searched += 1;
                last = Some(found.kept.id);
                if !(search.matches)(&found.records) {
                    continue;
                }
            }
            last = Some(found.kept.id);
            page.runs.push(found.kept);
        }
        Ok(page)
    }

    async fn unfinished(&self) -> Result<Vec<Uuid>, StoreError> {
        let inner = self.lock()?;
        let unfinished = inner.runs.iter().filter(|(_, run)| run.end.is_none());
        Ok(unfinished.map(|(id, _)| *id).collect())
    }

    async fn hook_stats(&self, filter: &StatsFilter) -> Result<Vec<HookStats>, StoreError> {
        let mut hooks: BTreeMap<String, Vec<HookRun>> = BTreeMap::new();
        let wanted = |run: &&Run| {
            is(filter.repo.as_ref(), &run.about.repo) && is(filter.plan.as_ref(), &run.about.plan)
        };
        for run in self.lock()?.runs.values().rev().filter(wanted) {
            for hook in run.hooks.iter().rev() {
                let counts = hook.result != HookResult::Skipped
                    && is(filter.hook.as_ref(), &hook.hook)
                    && within(hook.at, filter.since, filter.until);
                if !counts {
                    continue;
                }
                let runs = hooks.entry(hook.hook.clone()).or_default();
                if runs.len() < MAX_COUNTED_HOOK_RUNS {
                    runs.push(HookRun {
                        at: hook.at,
                        elapsed: hook.elapsed,
                        result: hook.result,
                        outcome: hook.outcome.clone(),
                    });
                }
            }
        }
        let oldest_first = |mut runs: Vec<HookRun>| {
            runs.reverse();
            runs
        };
        Ok(hooks
            .into_iter()
            .map(|(hook, runs)| stats::of(hook, oldest_first(runs)))
            .collect())
    }

    async fn prune(
        &self,
        retention: &dyn RetentionOf,
        dry_run: bool,
    ) -> Result<Vec<Pruned>, StoreError> {
        let now = Timestamp::now();
        let mut inner = self.lock()?;
        let mut plans: BTreeMap<(&str, &str), Plan> = BTreeMap::new();
        for (id, run) in inner.runs.iter().rev() {
            let (repo, plan) = (run.about.repo.as_str(), run.about.plan.as_str());
            plans
                .entry((repo, plan))
                .or_insert_with(|| Plan::new(retention.retention(repo, plan)))
                .add(*id, run, now);
        }
        let mut gone = Vec::new();
        let mut pruned = Vec::new();
        for ((repo, plan), counted) in plans {
            if counted.gone.is_empty() {
                continue;
            }
            pruned.push(Pruned {
                plan: plan.to_owned(),
                repo: repo.to_owned(),
                runs: counted.gone.len() as u64,
                bytes: counted.gone_bytes,
                left: counted.left,
            });
            gone.extend(counted.gone);
        }
        if !dry_run {
            for id in &gone {
                inner.forget(*id);
            }
            let Inner { runs, ended, .. } = &mut *inner;
            ended.retain(|id| runs.contains_key(id));
        }
        Ok(pruned)
    }

    async fn backup(&self, _to: &Path) -> Result<(), StoreError> {
        Err(StoreError::Unsupported {
            message: "runs are kept in memory: there is no file to copy".into(),
        })
    }

    async fn info(&self) -> Result<Info, StoreError> {
        let inner = self.lock()?;
        Ok(Info {
            kind: "memory",
            path: None,
            durability: Durability::None,
            schema: 0,
            bytes: inner.runs.values().map(|run| run.memory() as u64).sum(),
            runs: inner.runs.len() as u64,
            oldest: inner.runs.values().next().map(|run| run.started_at),
        })
    }

    async fn close(&self) -> Result<(), StoreError> {
        if let Ok(mut inner) = self.lock() {
            *inner = Inner {
                closed: true,
                ..Inner::default()
            };
        }
        Ok(())
    }
}

impl Inner {
    /// The run that a request asked for.
    fn asked(&self, request: &RequestKey) -> Admitted {
        let Some(id) = self.requests.get(&request.id) else {
            return Admitted::New;
        };
        let run = self.runs.get(id);
        match run.is_some_and(|run| run.request.as_ref() == Some(request)) {
            true => Admitted::Same(*id),
            false => Admitted::Other,
        }
    }

    /// Removes an ended run, but for its place among the ended.
    fn forget(&mut self, id: Uuid) {
        let Some(run) = self.runs.remove(&id) else {
            return;
        };
        self.ended_bytes -= run.memory();
        if let Some(request) = run.request {
            self.requests.remove(&request.id);
        }
    }
}
