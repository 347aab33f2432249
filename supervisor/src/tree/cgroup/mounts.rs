//! Folders of cgroups, from `/proc/self/mountinfo` and `/proc/self/cgroup`.
//!
//! On a hybrid system the unified hierarchy is in a subfolder of `/sys/fs/cgroup`, and controllers
//! may belong to separate hierarchies of version 1.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Folders of the cgroups that this process is in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mounts {
    /// In the unified hierarchy.
    pub(super) unified: Option<PathBuf>,
    /// In hierarchies of version 1, by controller.
    pub(super) separate: Vec<(String, PathBuf)>,
}

impl Mounts {
    /// Returns the folders; they are read at the first call.
    pub(super) fn get() -> &'static Mounts {
        static MOUNTS: OnceLock<Mounts> = OnceLock::new();
        MOUNTS.get_or_init(|| {
            let read = |path| std::fs::read_to_string(path).unwrap_or_default();
            parse(&read("/proc/self/mountinfo"), &read("/proc/self/cgroup"))
        })
    }

    /// Returns the folder in the hierarchy of version 1 that has this controller.
    pub(super) fn separate(&self, controller: &str) -> Option<&Path> {
        let mut all = self.separate.iter();
        Some(&all.find(|(name, _)| name == controller)?.1)
    }
}

fn parse(mountinfo: &str, cgroup: &str) -> Mounts {
    let mut mounts = Mounts::default();
    for line in mountinfo.lines() {
        let Some(mount) = Mount::parse(line) else {
            continue;
        };
        // `0::/path` is the unified hierarchy, `4:memory:/path` one of version 1.
        for line in cgroup.lines() {
            let mut fields = line.splitn(3, ':');
            let (Some(id), Some(controllers), Some(path)) =
                (fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            let Some(folder) = mount.folder(path) else {
                continue;
            };
            if mount.kind == "cgroup2" && id == "0" && controllers.is_empty() {
                mounts.unified.get_or_insert(folder);
            } else if mount.kind == "cgroup" && id != "0" {
                let names = controllers.split(',');
                for name in names.filter(|name| mount.options.split(',').any(|o| o == *name)) {
                    mounts.separate.push((name.to_owned(), folder.clone()));
                }
            }
        }
    }
    mounts
}

struct Mount<'a> {
    root: String,
    point: String,
    kind: &'a str,
    options: &'a str,
}

impl<'a> Mount<'a> {
    /// Parses a line: `31 23 0:28 ROOT POINT OPTIONS … - KIND SOURCE OPTIONS`.
    fn parse(line: &'a str) -> Option<Mount<'a>> {
        let (location, kind) = line.split_once(" - ")?;
        let mut location = location.split(' ').skip(3);
        let mut kind = kind.split(' ');
        Some(Mount {
            root: unescape(location.next()?),
            point: unescape(location.next()?),
            kind: kind.next()?,
            options: kind.nth(1)?,
        })
    }

    /// Returns the folder of a cgroup under this mount; `None` if it is outside.
    fn folder(&self, cgroup: &str) -> Option<PathBuf> {
        let below = Path::new(cgroup).strip_prefix(&self.root).ok()?;
        if below.components().any(|part| part.as_os_str() == "..") {
            return None;
        }
        let folder = Path::new(&self.point).join(below);
        // Joining an empty path would add a slash.
        Some(folder.components().collect())
    }
}

/// Undoes the octal escapes of spaces, tabs, newlines and backslashes.
fn unescape(field: &str) -> String {
    let escapes = [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ];
    escapes.iter().fold(field.to_owned(), |field, (from, to)| {
        field.replace(from, to)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mountinfo: &str, cgroup: &str, unified: Option<&str>, separate: &[(&str, &str)]) {
        let expect = Mounts {
            unified: unified.map(PathBuf::from),
            separate: separate
                .iter()
                .map(|(name, path)| ((*name).to_owned(), PathBuf::from(path)))
                .collect(),
        };
        assert_eq!(parse(mountinfo, cgroup), expect);
    }

    #[test]
    fn a_unified_system() {
        check(
            "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
            "0::/system.slice/app.service\n",
            Some("/sys/fs/cgroup/system.slice/app.service"),
            &[],
        );
    }

    #[test]
    fn a_hybrid_system() {
        check(
            "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
             36 31 0:33 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
             40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n\
             41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
            "9:name=systemd:/\n4:memory:/a/b\n1:cpu,cpuacct:/\n0::/\n",
            Some("/sys/fs/cgroup/unified"),
            &[
                ("memory", "/sys/fs/cgroup/memory/a/b"),
                ("cpu", "/sys/fs/cgroup/cpu,cpuacct"),
                ("cpuacct", "/sys/fs/cgroup/cpu,cpuacct"),
                ("name=systemd", "/sys/fs/cgroup/systemd"),
            ],
        );
    }

    #[test]
    fn mounts_of_a_part() {
        let mount = "30 23 0:26 /a\\040b /cg\\040roup rw - cgroup2 cgroup2 rw\n";
        check(mount, "0::/a b/c\n", Some("/cg roup/c"), &[]);
        check(mount, "0::/a b\n", Some("/cg roup"), &[]);
        check(mount, "0::/other\n", None, &[]);
        let mount = "30 23 0:26 / /cgroup rw - cgroup2 cgroup2 rw\n";
        check(mount, "0::/../../outside\n", None, &[]);
    }

    #[test]
    fn none_at_all() {
        check("", "", None, &[]);
        check("no mount\n1 2 3 - \n", "x\n0:\n", None, &[]);
    }
}
