//! Following links, but for those by which another user could choose what is read or replaced.

use std::io;
use std::path::{Component, Path, PathBuf};

/// Most links on the way to a file, as Linux has it.
const MAX_LINKS: usize = 40;

/// Returns the path to which the links of a path lead.
/// Fails if one of them belongs neither to root nor to this process's user, or leads nowhere.
pub fn follow(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let mut real = PathBuf::new();
    let mut links = 0;
    // In reverse order, so that the parts of a link can be put in its place.
    let mut rest = reversed(&path);
    while let Some(part) = rest.pop() {
        let found = match Path::new(&part).components().next() {
            None | Some(Component::CurDir) => continue,
            Some(Component::ParentDir) => {
                real.pop();
                continue;
            }
            Some(_) => {
                real.push(&part);
                real.symlink_metadata()?
            }
        };
        if found.is_symlink() {
            links += 1;
            if links > MAX_LINKS {
                return Err(io::Error::other("too many links lead to it"));
            }
            if !is_trusted(&found) {
                let link = real.display();
                let fault = format!("the link {link} belongs to another user: name its target");
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, fault));
            }
            rest.extend(reversed(&real.read_link()?));
            real.pop();
        }
    }
    Ok(real)
}

fn reversed(path: &Path) -> Vec<PathBuf> {
    let parts = path.components().rev();
    parts.map(|part| PathBuf::from(part.as_os_str())).collect()
}

#[cfg(unix)]
fn is_trusted(link: &std::fs::Metadata) -> bool {
    let owner = std::os::unix::fs::MetadataExt::uid(link);
    owner == 0 || owner == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_trusted(_: &std::fs::Metadata) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::{lchown, symlink};

    use super::*;

    #[test]
    fn a_path_leads_where_the_system_says() {
        let folder = tempfile::tempdir().expect("made");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("a/b")).expect("made");
        fs::write(at("a/b/file"), "").expect("written");
        symlink("a/b", at("relative")).expect("made");
        symlink(at("relative"), at("absolute")).expect("made");
        symlink("../../absolute/./file", at("a/b/back")).expect("made");
        symlink("loop", at("loop")).expect("made");
        for name in [
            "a/b/file",
            "absolute/file",
            "a/b/back",
            "relative/../b/back",
        ] {
            let real = fs::canonicalize(at(name)).expect("it leads there");
            assert_eq!(follow(&at(name)).expect("it leads there"), real, "{name}");
        }
        for name in ["none", "relative/none", "loop"] {
            assert!(follow(&at(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn links_of_other_users_are_not_followed() {
        let folder = tempfile::tempdir().expect("made");
        let link = folder.path().join("link");
        symlink("/etc/passwd", &link).expect("made");
        assert!(follow(&link).is_ok());
        if lchown(&link, Some(65534), None).is_ok() {
            let refused = follow(&link).expect_err("it is refused").to_string();
            assert!(refused.contains("belongs to another user"), "{refused}");
        }
    }
}
