//! Settings of hooks that the `defaults` section can set for all hooks.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use process_supervisor::{HandOver, Privileges, ScriptLimits};

use super::mapping::Mapping;
use super::value::Value;
use super::{codes, environment, privileges};
use crate::hook::EnvValue;
use crate::template::Engine;

/// The bounds of the time that a hook may run.
const TIMEOUT: RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_secs(7 * 86_400);
/// The bounds of the time that a hook may have between TERM and KILL.
const GRACE: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(3600);
/// The bounds of the kept output of one hook, in bytes.
const MAX_OUTPUT: RangeInclusive<u64> = 0..=1 << 30;

/// The settings that hooks inherit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defaults {
    pub(crate) limits: ScriptLimits,
    pub(crate) engine: Engine,
    /// The way in which the interpreter gets the script.
    pub(crate) via: Option<HandOver>,
    pub(crate) env: BTreeMap<String, EnvValue>,
    /// True if the hook does not get hookd's own environment.
    pub(crate) clean_env: bool,
    /// The user, resource limits and priorities of the hook.
    pub(crate) privileges: Privileges,
    pub(crate) working_directory: Option<PathBuf>,
}

/// Reads the `defaults` section.
pub(crate) fn read(value: Value<'_>) -> Defaults {
    let read = value.mapping("`defaults`", |mapping| {
        let base = Defaults::default();
        Defaults {
            engine: engine(mapping).unwrap_or(base.engine),
            via: via(mapping).unwrap_or(base.via),
            ..settings(mapping, base)
        }
    });
    read.unwrap_or_default()
}

/// Reads the settings that hooks and `defaults` share; missing ones are taken from `base`.
pub(crate) fn settings(mapping: &mut Mapping<'_>, base: Defaults) -> Defaults {
    let mut env = base.env;
    env.extend(
        mapping
            .get("env")
            .map(environment::variables)
            .unwrap_or_default(),
    );
    let folder = mapping.get("workingDirectory");
    Defaults {
        limits: ScriptLimits {
            timeout: mapping
                .duration("timeout", TIMEOUT)
                .unwrap_or(base.limits.timeout),
            grace: mapping
                .duration("grace", GRACE)
                .unwrap_or(base.limits.grace),
            max_output: mapping
                .size("maxOutput", MAX_OUTPUT)
                .unwrap_or(base.limits.max_output),
            kill_leaked: mapping
                .boolean("killLeaked")
                .unwrap_or(base.limits.kill_leaked),
        },
        env,
        clean_env: mapping.boolean("cleanEnv").unwrap_or(base.clean_env),
        privileges: privileges::read(mapping, base.privileges),
        working_directory: folder
            .and_then(|folder| folder.absolute_path())
            .or(base.working_directory),
        engine: base.engine,
        via: base.via,
    }
}

/// Reads a `templateEngine`.
pub(crate) fn engine(mapping: &mut Mapping<'_>) -> Option<Engine> {
    let all = Engine::ALL.map(|engine| (engine.name(), engine));
    mapping
        .get("templateEngine")?
        .choice("a template engine", codes::UNKNOWN_ENGINE, all)
}

/// Reads a `scriptVia`.
pub(crate) fn via(mapping: &mut Mapping<'_>) -> Option<Option<HandOver>> {
    let all = [
        ("AUTO", None),
        ("FILE", Some(HandOver::File)),
        ("STDIN", Some(HandOver::Stdin)),
    ];
    mapping
        .get("scriptVia")?
        .choice("a way to hand over a script", codes::UNKNOWN_NAME, all)
}
