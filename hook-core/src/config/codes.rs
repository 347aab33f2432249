//! The stable codes of faults.

/// The file is not one document of YAML or JSON.
pub const SYNTAX: &str = "syntax";
/// A tab where YAML wants spaces.
pub const TAB: &str = "tab";
/// The file is not UTF-8.
pub const NOT_UTF8: &str = "not-utf8";
/// A NUL character, which no script and no setting can hold.
pub const NUL: &str = "nul";
/// The file exceeds the limits on size, depth or number of values.
pub const TOO_LARGE: &str = "too-large";
/// The file is empty.
pub const EMPTY_FILE: &str = "empty-file";
/// More than one YAML document.
pub const SEVERAL_DOCUMENTS: &str = "several-documents";
/// A key twice in one mapping.
pub const DUPLICATE_KEY: &str = "duplicate-key";
/// A key that is unknown at this place.
pub const UNKNOWN_KEY: &str = "unknown-key";
/// A required key that is missing.
pub const MISSING_KEY: &str = "missing-key";
/// A value of another type than its key wants.
pub const WRONG_TYPE: &str = "wrong-type";
/// A value of the right type that is not allowed for its key.
pub const BAD_VALUE: &str = "bad-value";
/// A secret that is too short to be masked.
pub const SHORT_SECRET: &str = "short-secret";
/// A duration that can't be read.
pub const BAD_DURATION: &str = "bad-duration";
/// A number of bytes that can't be read.
pub const BAD_SIZE: &str = "bad-size";
/// A value beyond its bounds.
pub const OUT_OF_RANGE: &str = "out-of-range";
/// A condition that does not exist, or `CONDITION_UNKNOWN`.
pub const UNKNOWN_CONDITION: &str = "unknown-condition";
/// A condition twice in one hook.
pub const DUPLICATE_CONDITION: &str = "duplicate-condition";
/// A hook without a condition.
pub const NO_CONDITION: &str = "no-condition";
/// A hook without an action.
pub const NO_ACTION: &str = "no-action";
/// A hook with more than one action.
pub const SEVERAL_ACTIONS: &str = "several-actions";
/// A script in the language of another template engine than the hook's.
pub const OTHER_ENGINE: &str = "other-engine";
/// An action of Backrest that this version does not run.
pub const UNSUPPORTED_ACTION: &str = "unsupported-action";
/// An error behaviour that does not exist.
pub const UNKNOWN_POLICY: &str = "unknown-policy";
/// A template language that does not exist.
pub const UNKNOWN_ENGINE: &str = "unknown-engine";
/// Any other name that is not in its closed set.
pub const UNKNOWN_NAME: &str = "unknown-name";
/// Two repos, or two plans, with the same id.
pub const DUPLICATE_ID: &str = "duplicate-id";
/// Two hooks with the same name.
pub const DUPLICATE_NAME: &str = "duplicate-name";
/// A plan whose repo does not exist.
pub const UNKNOWN_REPO: &str = "unknown-repo";
/// A name of a lock that serves a plan and a hook.
pub const LOCK_OF_BOTH: &str = "lock-of-both";
/// Two verdicts for one exit code.
pub const OVERLAPPING_EXIT_CODES: &str = "overlapping-exit-codes";
/// A script without a command.
pub const EMPTY_COMMAND: &str = "empty-command";
/// A `#!` line without an interpreter, or without a script after it.
pub const BAD_SHEBANG: &str = "bad-shebang";
/// A line of a script that ends with `\r\n`.
pub const CRLF: &str = "crlf";
/// A template that can't be read.
pub const TEMPLATE: &str = "template";
/// A setting of Backrest that has no effect here.
pub const BACKREST_SETTING: &str = "backrest-setting";
/// A privilege or limit that hookd cannot give a hook on this machine.
pub const NOT_POSSIBLE: &str = "not-possible";
/// A schedule, which hookd does not keep.
pub const SCHEDULE: &str = "schedule";
