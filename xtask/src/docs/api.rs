//! `docs/api.md`: the gRPC contract as its .proto files and their comments tell it.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context as _, Result};
use conformance::repo;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    MethodDescriptorProto,
};

use super::comments::Comments;

const PACKAGE: &str = "hookd.v1";

const HEAD: &str = "\
# gRPC contract `hookd.v1`

<!-- Written by `cargo xtask docs` from proto/hookd/v1; edit the comments there. -->

Beside these services a daemon serves `grpc.health.v1.Health` and server reflection.
";

// The numbers by which source information names the parts of a descriptor.
const FILE_MESSAGE: i32 = 4;
const FILE_ENUM: i32 = 5;
const FILE_SERVICE: i32 = 6;
const SERVICE_METHOD: i32 = 2;
const MESSAGE_FIELD: i32 = 2;
const MESSAGE_NESTED: i32 = 3;
const MESSAGE_ENUM: i32 = 4;
const ENUM_VALUE: i32 = 2;

/// The page.
pub(crate) fn page() -> Result<String> {
    let files = files()?;
    let mut page = HEAD.to_owned();
    // Services first, for readers come to call something.
    for file in &files {
        services(file, &mut page)?;
    }
    for file in &files {
        if file.message_type.is_empty() && file.enum_type.is_empty() {
            continue;
        }
        let name = file.name().rsplit('/').next().unwrap_or_default();
        writeln!(page, "\n## {name}")?;
        let comments = Comments::of(file);
        for (message, number) in file.message_type.iter().zip(0..) {
            describe_message(message, "", &comments, &[FILE_MESSAGE, number], &mut page)?;
        }
        for (kind, number) in file.enum_type.iter().zip(0..) {
            describe_enum(kind, "", &comments, &[FILE_ENUM, number], &mut page)?;
        }
    }
    Ok(page)
}

/// Compiles the contract, comments included; services first, then by name.
fn files() -> Result<Vec<FileDescriptorProto>> {
    let include = repo::root().join("proto");
    let folder = include.join("hookd/v1");
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).context("cannot list the contract")? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            paths.push(path);
        }
    }
    paths.sort();
    let mut compiler = protox::Compiler::new([include])?;
    compiler.include_source_info(true).open_files(&paths)?;
    let mut files = compiler.file_descriptor_set().file;
    files.retain(|file| file.package() == PACKAGE);
    // Agents before admins: the larger service is what most have come for.
    files.sort_by_key(|file| {
        let methods = file.service.iter().map(|s| s.method.len()).sum::<usize>();
        (std::cmp::Reverse(methods), file.name().to_owned())
    });
    Ok(files)
}

fn services(file: &FileDescriptorProto, page: &mut String) -> Result<()> {
    let comments = Comments::of(file);
    for (service, number) in file.service.iter().zip(0..) {
        let path = [FILE_SERVICE, number];
        writeln!(page, "\n## {}\n\n{}\n", service.name(), comments.at(&path))?;
        writeln!(page, "| rpc | does |\n|---|---|")?;
        for (method, number) in service.method.iter().zip(0..) {
            let path = [&path[..], &[SERVICE_METHOD, number]].concat();
            let does = comments.cell(&path);
            writeln!(page, "| {} | {does} |", signature(method))?;
        }
    }
    Ok(())
}

fn signature(method: &MethodDescriptorProto) -> String {
    let side = |streams: bool, name: &str| {
        let stream = if streams { "stream of " } else { "" };
        format!("{stream}{}", reference(name))
    };
    let input = side(method.client_streaming(), method.input_type());
    let output = side(method.server_streaming(), method.output_type());
    format!("`{}` {input} → {output}", method.name())
}

/// Adds a message and what is declared in it.
fn describe_message(
    message: &DescriptorProto,
    outer: &str,
    comments: &Comments<'_>,
    path: &[i32],
    page: &mut String,
) -> Result<()> {
    // A map's entries are a message that nobody writes.
    if message.options.as_ref().is_some_and(|o| o.map_entry()) {
        return Ok(());
    }
    let name = format!("{outer}{}", message.name());
    writeln!(page, "\n### {name}\n\n{}", comments.at(path))?;
    if !message.field.is_empty() {
        writeln!(page, "\n| field | number | type | is |\n|---|---|---|---|")?;
    }
    for (field, number) in message.field.iter().zip(0..) {
        let path = [path, &[MESSAGE_FIELD, number]].concat();
        let one_of = one_of(message, field);
        let (kind, is) = (kind(message, field), comments.cell(&path));
        let (name, number) = (field.name(), field.number());
        writeln!(page, "| `{name}` | {number} | {kind} | {one_of}{is} |")?;
    }
    let outer = format!("{name}.");
    for (message, number) in message.nested_type.iter().zip(0..) {
        let path = [path, &[MESSAGE_NESTED, number]].concat();
        describe_message(message, &outer, comments, &path, page)?;
    }
    for (kind, number) in message.enum_type.iter().zip(0..) {
        let path = [path, &[MESSAGE_ENUM, number]].concat();
        describe_enum(kind, &outer, comments, &path, page)?;
    }
    Ok(())
}

fn describe_enum(
    kind: &EnumDescriptorProto,
    outer: &str,
    comments: &Comments<'_>,
    path: &[i32],
    page: &mut String,
) -> Result<()> {
    writeln!(
        page,
        "\n### {outer}{}\n\n{}",
        kind.name(),
        comments.at(path)
    )?;
    writeln!(page, "\n| value | number | means |\n|---|---|---|")?;
    for (value, place) in kind.value.iter().zip(0..) {
        let means = comments.cell(&[path, &[ENUM_VALUE, place]].concat());
        let (name, number) = (value.name(), value.number());
        writeln!(page, "| `{name}` | {number} | {means} |")?;
    }
    Ok(())
}

/// Says of which oneof a field is a case.
fn one_of(message: &DescriptorProto, field: &FieldDescriptorProto) -> String {
    if field.proto3_optional() {
        return String::new();
    }
    let declared = field
        .oneof_index
        .and_then(|index| message.oneof_decl.get(usize::try_from(index).ok()?));
    declared.map_or(String::new(), |one| format!("*One of `{}`.* ", one.name()))
}

/// A field's type as a reader thinks of it.
fn kind(message: &DescriptorProto, field: &FieldDescriptorProto) -> String {
    if let Some((key, value)) = map_entry(message, field) {
        return format!("map of {} to {}", kind(message, key), kind(message, value));
    }
    let kind = match field.r#type() {
        Type::Message | Type::Enum | Type::Group => reference(field.type_name()),
        scalar => {
            let name = scalar.as_str_name().trim_start_matches("TYPE_");
            format!("`{}`", name.to_lowercase())
        }
    };
    match (field.label(), field.proto3_optional()) {
        (Label::Repeated, _) => format!("list of {kind}"),
        (_, true) => format!("optional {kind}"),
        _ => kind,
    }
}

/// The key and the value of a map field.
fn map_entry<'a>(
    message: &'a DescriptorProto,
    field: &FieldDescriptorProto,
) -> Option<(&'a FieldDescriptorProto, &'a FieldDescriptorProto)> {
    let name = field.type_name().rsplit('.').next()?;
    let nested = message.nested_type.iter().find(|m| m.name() == name)?;
    if !nested.options.as_ref()?.map_entry() {
        return None;
    }
    Some((nested.field.first()?, nested.field.get(1)?))
}

/// A link to a type of the contract, or the name of one from elsewhere.
fn reference(full_name: &str) -> String {
    let full_name = full_name.trim_start_matches('.');
    match full_name.strip_prefix(PACKAGE) {
        Some(name) => {
            let name = name.trim_start_matches('.');
            // A heading's anchor is its text in lower case, without the dots.
            let anchor = name.to_lowercase().replace('.', "");
            format!("[{name}](#{anchor})")
        }
        None => format!("`{full_name}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_is_told_with_its_comments_and_links() {
        let page = page().unwrap();
        for expected in [
            "## HookService\n\nRuns hooks and shows what they did.",
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
