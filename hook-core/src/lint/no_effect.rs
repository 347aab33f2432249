//! Settings that are valid and change nothing.

use super::warning;
use crate::diagnostic::Diagnostic;
use crate::hook::{Hook, Verdict};
use crate::on_error::OnError;

pub(crate) const CODE: &str = "no-effect";

/// Warns of CANCEL and RETRY on a hook without a START condition, since they steer an operation
/// that has not begun; and of `maxAttempts` without a retry policy, which is all it bounds.
pub(crate) fn check(hook: &Hook) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let starts = hook.conditions.iter().any(|c| c.is_start());
    let mut warn = |at, message: String, remedy: &str| {
        warnings.push(warning(hook, at, CODE, message, remedy.to_owned()));
    };
    if !starts && hook.on_error.needs_start() {
        let message = format!("`{}` does nothing here: no START condition", hook.on_error);
        let remedy = "only a hook that runs before the operation can steer it; \
                      `ON_ERROR_FATAL` reports a failure at any time";
        warn(hook.source.on_error, message, remedy);
    }
    let mut verdicts = hook.exit_codes.iter().map(|(_, verdict)| *verdict);
    let steering = verdicts.find_map(|verdict| match verdict {
        Verdict::Failed(policy) if policy.needs_start() => Some(policy),
        _ => None,
    });
    if let (false, Some(policy)) = (starts, steering) {
        let message = format!("verdict `{policy}` does nothing here: no START condition");
        let remedy = "only a hook that runs before the operation can steer it; \
                      `WARN` and `FATAL` work at any time";
        warn(hook.source.exit_codes, message, remedy);
    }
    let any_retry = hook.policies().any(OnError::is_retry);
    if hook.max_attempts.is_some() && !any_retry {
        let remedy = "it bounds the `ON_ERROR_RETRY_…` policies; \
                      to run the same hook again, use `retries`";
        let message = "`maxAttempts` does nothing here: no policy retries".to_owned();
        warn(hook.source.max_attempts, message, remedy);
    }
    warnings
}
