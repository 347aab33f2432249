//! The template languages to choose from.

use std::fmt;
use std::str::FromStr;

/// The language of a template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Engine {
    /// Go's `text/template`, the language of Backrest's hooks.
    #[default]
    Go,
    /// Tera, where every interpolation is quoted for the shell unless it says `| raw`.
    Tera,
    /// No template: the text is used as it is.
    None,
}

/// An unknown name of a template language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown template language `{name}`, expected one of GO, TERA, NONE")]
pub struct UnknownEngine {
    /// The name as it was given.
    pub name: String,
}

impl Engine {
    /// Every language.
    pub const ALL: [Engine; 3] = [Engine::Go, Engine::Tera, Engine::None];

    /// The name in a config file: `GO`, `TERA` or `NONE`.
    #[must_use]
    pub const fn config_name(self) -> &'static str {
        match self {
            Engine::Go => "GO",
            Engine::Tera => "TERA",
            Engine::None => "NONE",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Engine::Go => "go",
            Engine::Tera => "tera",
            Engine::None => "none",
        })
    }
}

impl FromStr for Engine {
    type Err = UnknownEngine;

    /// Reads the name of a config file, in upper or lower case.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Engine::ALL
            .into_iter()
            .find(|e| e.config_name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownEngine {
                name: name.to_owned(),
            })
    }
}
