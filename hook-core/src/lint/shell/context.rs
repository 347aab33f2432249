//! The context of a hole, as the shell sees it.

use super::frame::{Closer, CommandState, Frame};
use super::lexer::ShellLexer;

/// The innermost construct of the shell that a value becomes part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ShellContext {
    /// The body of a here-document that the shell leaves alone.
    QuotedHereDocument,
    Comment,
    /// The body of a here-document in which the shell expands variables and commands.
    HereDocument,
    /// `'…'`
    Single,
    /// `$'…'`
    DollarSingle,
    /// `"…"`
    Double,
    Arithmetic,
    /// No quotes, but after a `\`, `$` or `<<`, which changes the meaning of the value's own
    /// quotes.
    Prefixed,
    Unquoted,
    /// An argument that another shell reads as code.
    Code {
        /// True if that shell is on another machine.
        remote: bool,
        /// True if the argument is quoted here, which does not matter to that shell.
        quoted: bool,
    },
}

/// The context of a hole, and the constructs around it that the value can end even from within
/// quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HoleContext {
    pub(crate) context: ShellContext,
    /// True in a here-document, which a line of the value can end.
    pub(crate) in_document: bool,
    /// True between backticks, which the next backtick ends.
    pub(crate) in_backticks: bool,
    /// `None` unless a shell reads the here-document around it as code; else true if that
    /// shell is on another machine.
    pub(crate) read_as_code: Option<bool>,
}

/// Returns the context of a hole that comes next.
pub(crate) fn hole_context(lexer: &ShellLexer) -> HoleContext {
    let stack = lexer.stack();
    let has = |is: fn(&Frame) -> bool| stack.iter().any(is);
    HoleContext {
        context: shell_context(lexer),
        in_document: has(|frame| matches!(frame, Frame::HereDocument(_))),
        read_as_code: stack.iter().find_map(|frame| match frame {
            Frame::HereDocument(document) => match document.reader {
                CommandState::Shell => Some(false),
                CommandState::Remote { .. } | CommandState::RemoteCode => Some(true),
                _ => None,
            },
            _ => None,
        }),
        in_backticks: has(
            |frame| matches!(frame, Frame::CommandList(c) if c.closer == Closer::Backtick),
        ),
    }
}

fn shell_context(lexer: &ShellLexer) -> ShellContext {
    let stack = lexer.stack();
    if matches!(stack.last(), Some(Frame::Comment)) {
        return ShellContext::Comment;
    }
    let context = match stack.last() {
        Some(Frame::Single) => ShellContext::Single,
        Some(Frame::DollarSingle) => ShellContext::DollarSingle,
        Some(Frame::Double) => ShellContext::Double,
        Some(Frame::Arithmetic(_)) => ShellContext::Arithmetic,
        Some(Frame::Comment) => ShellContext::Comment,
        Some(Frame::HereDocument(document)) if document.quoted => ShellContext::QuotedHereDocument,
        Some(Frame::HereDocument(_)) => ShellContext::HereDocument,
        Some(Frame::Parameter) if lexer.within_double() => ShellContext::Double,
        Some(Frame::Parameter) => ShellContext::Unquoted,
        Some(Frame::CommandList(_)) if lexer.is_prefixed() => ShellContext::Prefixed,
        // A value in a delimiter may end the document anywhere.
        Some(Frame::HereDelimiter(_)) => ShellContext::Prefixed,
        Some(Frame::CommandList(_)) | None => ShellContext::Unquoted,
    };
    let remote = stack.iter().find_map(|frame| match frame {
        Frame::CommandList(commands) => match commands.head {
            CommandState::Code | CommandState::CodeWord => Some(false),
            CommandState::RemoteCode => Some(true),
            _ => None,
        },
        _ => None,
    });
    let quoted = context != ShellContext::Unquoted;
    remote.map_or(context, |remote| ShellContext::Code { remote, quoted })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts the context of each `@` of a script.
    #[track_caller]
    fn check(script: &str, want: &[ShellContext]) {
        let mut lexer = ShellLexer::default();
        let mut found = Vec::new();
        for (i, text) in script.split('@').enumerate() {
            if i > 0 {
                lexer.before_hole();
                found.push(shell_context(&lexer));
                lexer.hole();
            }
            lexer.text(text);
        }
        assert_eq!(found, want, "{script:?}");
    }

    #[test]
    fn quotes() {
        use ShellContext::{Comment, DollarSingle, Double, Single, Unquoted};
        check(
            "echo @ \"@\" '@' $'@\\'@' @",
            &[
                Unquoted,
                Double,
                Single,
                DollarSingle,
                DollarSingle,
                Unquoted,
            ],
        );
        check("echo \"a'@'\" '\"@\"'@", &[Double, Single, Unquoted]);
        check(
            "echo \\\"@ \\'@ \"\\\"@\" '\\'@",
            &[Unquoted, Unquoted, Double, Unquoted],
        );
        check("echo a#@ # @ '\n@", &[Unquoted, Comment, Unquoted]);
        check("#!/bin/sh it's\necho @", &[Unquoted]);
        check("echo it\\'s $# \"$#\" @", &[Unquoted]);
        check("x=\"cost 5$\"@ \"$$\"@", &[Unquoted, Unquoted]);
        check("echo $\"@\" @", &[Double, Unquoted]);
        check("a=\"@\" b='@' c=@ cmd", &[Double, Single, Unquoted]);
        check("echo \"one\n'@'\ntwo\"@", &[Double, Unquoted]);
        check("echo a\\\n@", &[Unquoted]);
        check(
            "echo \\@ $@ \"$@\"",
            &[ShellContext::Prefixed, ShellContext::Prefixed, Double],
        );
        check("echo > \"@\" 2>&1 >@", &[Double, Unquoted]);
    }

    #[test]
    fn substitutions() {
        use ShellContext::{Arithmetic, Double, Single, Unquoted};
        check(
            "echo \"$(echo @ \"@\" '@' \")\" )@\"@",
            &[Unquoted, Double, Single, Double, Unquoted],
        );
        check(
            "echo `echo @ \"@\"`@ \"`echo @`@\"",
            &[Unquoted, Double, Unquoted, Unquoted, Double],
        );
        check(
            "echo \"${x:-@}@\" ${x:-'@'}@",
            &[Double, Double, Single, Unquoted],
        );
        check("echo \"${x:-'@'}\" @", &[Double, Unquoted]);
        check(
            "echo $((@ + (@)))@ \"$((@))@\"",
            &[Arithmetic, Arithmetic, Unquoted, Arithmetic, Double],
        );
        check("((x = @)); echo @", &[Arithmetic, Unquoted]);
        check(
            "( echo '@' ) ; echo @ | (cat \"@\")",
            &[Single, Unquoted, Double],
        );
        check(
            "diff <(echo '@') >(cat \"@\") @",
            &[Single, Double, Unquoted],
        );
        check(
            "x=$(case $y in a) echo @;; b|c) echo \"@\";; esac) ; '@'",
            &[Unquoted, Double, Single],
        );
        check(
            "f() { echo \"@\"; }; a=(1 '@') @",
            &[Double, Single, Unquoted],
        );
        check(
            "if [[ \"@\" =~ ^a(b|c)$ ]]; then '@'; fi",
            &[Double, Single],
        );
        check("echo $(( 1 << 2 )) @\n@", &[Unquoted, Unquoted]);
    }

    #[test]
    fn here_documents() {
        use ShellContext::{Comment, Double, HereDocument, QuotedHereDocument, Single, Unquoted};
        check(
            "cat <<EOF @\n@ '@'\n$(echo '@')\nEOF\n'@'",
            &[Unquoted, HereDocument, HereDocument, Single, Single],
        );
        check(
            "cat <<'EOF'\n@ \"$(@\nEOF\n@",
            &[QuotedHereDocument, QuotedHereDocument, Unquoted],
        );
        check("cat <<\\EOF\n@\nEOF\n@", &[QuotedHereDocument, Unquoted]);
        check(
            "cat <<-\"E F\" | x\n\t@\n\tE F\n@",
            &[QuotedHereDocument, Unquoted],
        );
        check(
            "cat <<A <<'B'\n@\nA\n@\nB\n@",
            &[HereDocument, QuotedHereDocument, Unquoted],
        );
        check(
            "cat <<EOF\nEOFX\n EOF\n@EOF\nEOF@\n@\nEOF\n@",
            &[HereDocument, HereDocument, HereDocument, Unquoted],
        );
        check("x=$(cat <<EOF\n@\nEOF\n)@", &[HereDocument, Unquoted]);
        check("cat <<< \"@\" # @\n@", &[Double, Comment, Unquoted]);
        check("cat <<EOF\n# @\nEOF\n", &[HereDocument]);
        check("cat <<@\ncat <<'@", &[ShellContext::Prefixed, HereDocument]);
        check("cat <<E\n$(echo '@\nE\n@", &[Single, Unquoted]);
        check("cat <<E\nx\\\nE\n@\nE\n@", &[HereDocument, Unquoted]);
        check(
            "cat <<A; cat <<B\n$(cat <<C\n@\nC\n)\nA\n@\nB\n@",
            &[HereDocument, HereDocument, Unquoted],
        );
    }

    #[test]
    fn code_for_another_shell() {
        use ShellContext::{Double, Single, Unquoted};
        const fn code(remote: bool, quoted: bool) -> ShellContext {
            ShellContext::Code { remote, quoted }
        }
        check(
            "eval \"@\" @; echo \"@\"",
            &[code(false, true), code(false, false), Double],
        );
        check(
            "sh -c 'echo @' '@' @",
            &[code(false, true), Single, Unquoted],
        );
        check("sudo -u x /bin/bash -lc \"@\"", &[code(false, true)]);
        check("ls | xargs -n1 sh -c '@'", &[code(false, true)]);
        check(
            "ssh -p 22 -o A=b host \"rm '@'\" @ && echo '@'",
            &[code(true, true), code(true, false), Single],
        );
        check("ssh @ ls", &[Unquoted]);
        check(
            "trap '@' EXIT; trap - EXIT '@'",
            &[code(false, true), Single],
        );
        check("echo ssh host '@'; grep sh -c '@'", &[Single, Single]);
        check("if ssh host '@'; then x; fi", &[code(true, true)]);
        check("A=b ssh host @", &[code(true, false)]);
        check("eval \"$(echo '@')\"", &[code(false, true)]);
        check("docker exec db sh -c 'psql \"@\"'", &[code(false, true)]);
        check("curl -d '@' # eval @\n", &[Single, ShellContext::Comment]);
    }

    #[test]
    fn odd_scripts_leave_some_state() {
        for script in [
            ")))", "``", "${", "$((", "<<", "<<'", "'", "\"`", "case", "((", "$(`\"${'",
        ] {
            let mut lexer = ShellLexer::default();
            lexer.text(script);
            lexer.hole();
            lexer.text("\n");
            shell_context(&lexer);
        }
        let mut deep = ShellLexer::default();
        deep.text(&"$(\"".repeat(10_000));
        assert!(deep.stack().len() <= 64);
    }
}
