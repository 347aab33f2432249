//! Programs that run another program, which stands behind their options and operands.

use std::collections::VecDeque;

use crate::options::Options;

/// Programs that run the command behind their options as the same user, with the same files and
/// the same stdin.
struct Wrapper {
    /// The names of the programs, separated by spaces.
    names: &'static str,
    options: Options,
    /// The number of operands before the command.
    operands: usize,
}

const WRAPPERS: [Wrapper; 12] = [
    Wrapper {
        names: "nohup chronic dbus-run-session ssh-agent",
        options: Options::NONE,
        operands: 0,
    },
    Wrapper {
        names: "nice",
        options: Options {
            flags: "0123456789",
            valued: "n",
            long_valued: "--adjustment",
            ..Options::NONE
        },
        operands: 0,
    },
    Wrapper {
        names: "ionice",
        options: Options {
            flags: "t",
            valued: "cn",
            long: "--ignore",
            long_valued: "--class --classdata",
            ..Options::NONE
        },
        operands: 0,
    },
    Wrapper {
        names: "timeout",
        options: Options {
            flags: "fpv",
            valued: "ks",
            long: "--foreground --preserve-status --verbose",
            long_valued: "--kill-after --signal",
            ..Options::NONE
        },
        operands: 1,
    },
    Wrapper {
        names: "setsid",
        options: Options {
            flags: "cw",
            long: "--ctty --wait",
            ..Options::NONE
        },
        operands: 0,
    },
    Wrapper {
        names: "stdbuf",
        options: Options {
            valued: "ioe",
            long_valued: "--input --output --error",
            ..Options::NONE
        },
        operands: 0,
    },
    Wrapper {
        names: "chrt",
        options: Options {
            flags: "abdefioRrv",
            valued: "TPD",
            long: "--batch --fifo --idle --other --rr --deadline --reset-on-fork --verbose",
            ..Options::NONE
        },
        operands: 1,
    },
    Wrapper {
        names: "taskset",
        options: Options {
            flags: "ac",
            long: "--all-tasks --cpu-list",
            ..Options::NONE
        },
        operands: 1,
    },
    Wrapper {
        names: "setpriv",
        options: Options {
            long: "--no-new-privs --nnp --keep-groups --clear-groups --init-groups",
            long_valued: "--inh-caps --ambient-caps --bounding-set --securebits --pdeathsig \
                          --selinux-label --apparmor-profile",
            ..Options::NONE
        },
        operands: 0,
    },
    Wrapper {
        names: "flock",
        options: Options {
            flags: "senuxoF",
            valued: "wE",
            long: "--shared --exclusive --nonblock --close --no-fork --verbose",
            long_valued: "--wait --timeout --conflict-exit-code",
            ..Options::NONE
        },
        operands: 1,
    },
    Wrapper {
        names: "systemd-inhibit",
        options: Options {
            long: "--no-ask-password",
            long_valued: "--what --who --why --mode",
            ..Options::NONE
        },
        operands: 0,
    },
    Wrapper {
        names: "caffeinate",
        options: Options {
            flags: "dimsu",
            valued: "t",
            ..Options::NONE
        },
        operands: 0,
    },
];

/// Programs that can run a command as a user who cannot read the script.
const CHANGES_USER: &str = "sudo doas runuser su setpriv chpst setuidgid envuidgid gosu su-exec";

/// Programs that run a command where the script's file is not: on another machine, in a
/// container.
const ELSEWHERE: &str = "ssh rsh mosh docker podman nerdctl kubectl oc lxc incus pct vagrant \
                         machinectl systemd-run systemd-nspawn nsenter chroot";

/// Returns the command that a program runs, if it is known to run one; `None` in `Some` if an
/// option of it is unknown.
pub(crate) fn wrapped(name: &str, arguments: &[String]) -> Option<Option<Vec<String>>> {
    if name == "env" {
        return Some(behind_env(arguments));
    }
    let wrapper = WRAPPERS
        .iter()
        .find(|wrapper| is_among(wrapper.names, name))?;
    let command = || {
        let rest = wrapper.options.operands(arguments)?;
        let command = rest.get(wrapper.operands..)?;
        (!command.is_empty()).then(|| command.to_vec())
    };
    Some(command())
}

/// Returns whether a program can run a command as a user who cannot read the script.
pub(crate) fn changes_user(name: &str) -> bool {
    is_among(CHANGES_USER, name)
}

/// Returns whether a program runs a command where the script's file is not.
pub(crate) fn runs_elsewhere(name: &str) -> bool {
    is_among(ELSEWHERE, name)
}

fn is_among(names: &str, name: &str) -> bool {
    names.split_whitespace().any(|own| own == name)
}

/// Returns the command that `env` would run; `None` if an option of `env` is unknown.
fn behind_env(arguments: &[String]) -> Option<Vec<String>> {
    let mut words: VecDeque<String> = arguments.iter().cloned().collect();
    loop {
        let word = words.pop_front()?;
        if !word.starts_with('-') {
            words.push_front(word);
            break;
        }
        // The option, and its value if that is in the same word.
        let (option, value) = if word.starts_with("--") {
            word.split_once('=')
                .map_or((word.as_str(), None), |(o, v)| (o, Some(v)))
        } else {
            let letters = word[1..].trim_start_matches(['i', 'v']);
            match letters.chars().next() {
                None => ("-", None),
                Some(letter) => {
                    let (option, value) = letters.split_at(letter.len_utf8());
                    (option, Some(value).filter(|value| !value.is_empty()))
                }
            }
        };
        match (option, value) {
            ("--", None) => break,
            ("-" | "--ignore-environment" | "--debug", None) => {}
            ("u" | "C" | "--unset" | "--chdir", Some("")) => return None,
            ("u" | "C" | "--unset" | "--chdir", Some(_)) => {}
            ("u" | "C" | "--unset" | "--chdir", None) => {
                words.pop_front()?;
            }
            // The words in its value are again options and a command of `env`.
            ("S" | "--split-string", value) => {
                let line = value.map_or_else(|| words.pop_front(), |value| Some(value.to_owned()));
                for word in shlex::split(&line?)?.into_iter().rev() {
                    words.push_front(word);
                }
            }
            _ => return None,
        }
    }
    // Assignments stand before the command.
    let command = words.iter().position(|word| !word.contains('='))?;
    Some(words.into_iter().skip(command).collect())
}
