//! `docs/api.md`: the gRPC contract, from its .proto files and their comments.

use std::cmp::Reverse;
use std::fmt::Write as _;

use anyhow::Result;
use conformance::repo;
use prost_reflect::{
    EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor, MethodDescriptor,
};

const PACKAGE: &str = "hookd.v1";

const HEAD: &str = "\
# gRPC contract `hookd.v1`

<!-- Written by `cargo xtask docs` from proto/hookd/v1; edit the comments there. -->

Beside these services a daemon serves `grpc.health.v1.Health` and server reflection.
";

pub(crate) fn page() -> Result<String> {
    let files = files()?;
    let mut page = HEAD.to_owned();
    // Services first, for readers come to call something.
    for service in files.iter().flat_map(FileDescriptor::services) {
        let comment = comment(&service.parent_file(), service.path());
        writeln!(page, "\n## {}\n\n{comment}\n", service.name())?;
        writeln!(page, "| rpc | does |\n|---|---|")?;
        for method in service.methods() {
            let does = cell(&service.parent_file(), method.path());
            writeln!(page, "| {} | {does} |", signature(&method))?;
        }
    }
    for file in &files {
        if file.messages().len() + file.enums().len() == 0 {
            continue;
        }
        let name = file.name().rsplit('/').next().unwrap_or_default();
        writeln!(page, "\n## {name}")?;
        for message in file.messages() {
            describe_message(&message, &mut page)?;
        }
        for enumeration in file.enums() {
            describe_enum(&enumeration, &mut page)?;
        }
    }
    Ok(page)
}

/// Compiles the contract with its comments. Files with services come first, that of agents
/// before that of administrators, then the others by name.
fn files() -> Result<Vec<FileDescriptor>> {
    let include = repo::root().join("proto");
    let mut paths = repo::shell()?.read_dir(include.join("hookd/v1"))?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "proto")
    });
    let mut compiler = protox::Compiler::new([include])?;
    compiler.include_source_info(true).open_files(&paths)?;
    let pool = compiler.descriptor_pool();
    let ours = |file: &FileDescriptor| file.package_name() == PACKAGE;
    let mut files: Vec<_> = pool.files().filter(ours).collect();
    files.sort_by_key(|file| {
        let methods: usize = file.services().map(|service| service.methods().len()).sum();
        (Reverse(methods), file.name().to_owned())
    });
    Ok(files)
}

fn signature(method: &MethodDescriptor) -> String {
    let side = |streams: bool, message: &MessageDescriptor| {
        let stream = if streams { "stream of " } else { "" };
        format!("{stream}{}", reference(message.full_name()))
    };
    let input = side(method.is_client_streaming(), &method.input());
    let output = side(method.is_server_streaming(), &method.output());
    format!("`{}` {input} → {output}", method.name())
}

/// Adds a message and the types that are declared in it.
fn describe_message(message: &MessageDescriptor, page: &mut String) -> Result<()> {
    if message.is_map_entry() {
        return Ok(());
    }
    let file = message.parent_file();
    let comment = comment(&file, message.path());
    writeln!(page, "\n### {}\n\n{comment}", short(message.full_name()))?;
    if message.fields().len() > 0 {
        writeln!(page, "\n| field | number | type | is |\n|---|---|---|---|")?;
    }
    for field in message.fields() {
        let one_of = field.containing_oneof().filter(|one| !one.is_synthetic());
        let one_of = one_of.map_or(String::new(), |one| format!("*One of `{}`.* ", one.name()));
        let (kind, is) = (kind(&field), cell(&file, field.path()));
        let (name, number) = (field.name(), field.number());
        writeln!(page, "| `{name}` | {number} | {kind} | {one_of}{is} |")?;
    }
    for message in message.child_messages() {
        describe_message(&message, page)?;
    }
    for enumeration in message.child_enums() {
        describe_enum(&enumeration, page)?;
    }
    Ok(())
}

fn describe_enum(enumeration: &EnumDescriptor, page: &mut String) -> Result<()> {
    let file = enumeration.parent_file();
    let comment = comment(&file, enumeration.path());
    writeln!(
        page,
        "\n### {}\n\n{comment}",
        short(enumeration.full_name())
    )?;
    writeln!(page, "\n| value | number | means |\n|---|---|---|")?;
    for value in enumeration.values() {
        let means = cell(&file, value.path());
        writeln!(
            page,
            "| `{}` | {} | {means} |",
            value.name(),
            value.number()
        )?;
    }
    Ok(())
}

/// Returns the type of a field as the reference page shows it.
fn kind(field: &FieldDescriptor) -> String {
    let kind = match field.kind() {
        Kind::Message(entry) if field.is_map() => {
            let (key, value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
            return format!("map of {} to {}", self::kind(&key), self::kind(&value));
        }
        Kind::Message(message) => reference(message.full_name()),
        Kind::Enum(enumeration) => reference(enumeration.full_name()),
        scalar => format!("`{scalar:?}`"),
    };
    if field.is_list() {
        format!("list of {kind}")
    } else if field.field_descriptor_proto().proto3_optional() {
        format!("optional {kind}")
    } else {
        kind
    }
}

/// Returns a link to a type of the contract, or the name of a type from elsewhere.
fn reference(full_name: &str) -> String {
    match short(full_name) {
        name if name == full_name => format!("`{full_name}`"),
        // A heading's anchor is its text in lower case, without the dots.
        name => format!("[{name}](#{})", name.to_lowercase().replace('.', "")),
    }
}

/// Returns the name of a type of the contract without its package.
fn short(full_name: &str) -> &str {
    let in_package = full_name.strip_prefix(PACKAGE);
    in_package.map_or(full_name, |name| name.trim_start_matches('.'))
}

/// Returns the comment at a path of a file as paragraphs, without lines for the linter.
fn comment(file: &FileDescriptor, path: &[i32]) -> String {
    let locations = file.file_descriptor_proto().source_code_info.iter();
    let mut locations = locations.flat_map(|info| &info.location);
    let text = locations.find(|location| location.path == path);
    let text = text.map_or("", |location| location.leading_comments());
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.starts_with("buf:lint:"));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Returns the comment at a path of a file as one line, for a table.
fn cell(file: &FileDescriptor, path: &[i32]) -> String {
    let words = comment(file, path);
    let words: Vec<_> = words.split_whitespace().collect();
    words.join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_is_told_with_its_comments_and_links() {
        let page = page().unwrap();
        for expected in [
            "## HookService\n\nRuns hooks, and shows past and current runs.",
            "| `RunHooks` [RunHooksRequest](#runhooksrequest) → stream of [RunHooksResponse]",
            "### Hook.Webhook.Method\n",
            "| `ON_ERROR_FATAL` | 2 | ",
            "map of `string` to `string`",
            "*One of `entry`.* ",
        ] {
            assert!(page.contains(expected), "{expected} is missing");
        }
        for unwanted in ["LabelsEntry", "buf:lint", "|  |"] {
            assert!(!page.contains(unwanted), "{unwanted} is there");
        }
    }
}
