//! The context of a hole, as the shell sees it.

use super::frame::{Closer, Frame};
use super::lexer::ShellLexer;
use super::program::CodeReader;

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
}

/// The context of a hole, and the constructs around it that the value can end even from within
/// quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct HoleContext {
    pub(crate) context: ShellContext,
    /// True in a here-document, which a line of the value can end.
    pub(crate) in_document: bool,
    /// True between backticks, which the next backtick ends.
    pub(crate) in_backticks: bool,
    /// The code that the value becomes part of, if another program reads it as code.
    pub(crate) code: Option<CodeContext>,
    /// True in a string of JSON, false elsewhere in JSON; `None` if the text is not JSON.
    pub(crate) in_json_string: Option<bool>,
}

/// The context of a value in code that is not the script's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CodeContext {
    pub(crate) reader: CodeReader,
    /// True if the reader lacks the environment of the script.
    pub(crate) clears: bool,
    /// True if the reader starts another that reads the value as code once more.
    pub(crate) is_nested: bool,
    /// True if the value gets there by a substitution or a pipe.
    pub(crate) is_carried: bool,
    /// True in an argument, false on standard input.
    pub(crate) is_word: bool,
    /// The character before the value in the code.
    pub(crate) before: Option<char>,
}

/// Returns the context of a hole that comes next.
pub(crate) fn hole_context(lexer: &ShellLexer) -> HoleContext {
    let stack = lexer.stack();
    let has = |is: fn(&Frame) -> bool| stack.iter().any(is);
    let code = code_context(stack);
    HoleContext {
        context: shell_context(lexer),
        in_document: has(|frame| matches!(frame, Frame::HereDocument(_))),
        in_backticks: has(
            |frame| matches!(frame, Frame::CommandList(c) if c.closer == Closer::Backtick),
        ),
        code,
        in_json_string: in_json_string(stack).filter(|_| code.is_none()),
    }
}

fn code_context(stack: &[Frame]) -> Option<CodeContext> {
    stack.iter().rev().find_map(|frame| match frame {
        Frame::CommandList(commands) => Some(commands.word_reader().map(|word| CodeContext {
            reader: word.reader,
            clears: word.clears,
            is_nested: word.is_nested,
            is_carried: false,
            is_word: true,
            before: commands.content.last,
        })),
        Frame::HereDocument(document) => Some(document.reader.map(|reader| CodeContext {
            reader: reader.reader,
            clears: reader.clears,
            is_nested: false,
            is_carried: false,
            is_word: false,
            before: document.content.last,
        })),
        Frame::Comment => Some(None),
        _ => None,
    })?
}

fn in_json_string(stack: &[Frame]) -> Option<bool> {
    stack.iter().rev().find_map(|frame| match frame {
        Frame::CommandList(commands) => Some(commands.content.in_json_string()),
        Frame::HereDocument(document) => Some(document.content.in_json_string()),
        Frame::Comment | Frame::Arithmetic(_) => Some(None),
        _ => None,
    })?
}

fn shell_context(lexer: &ShellLexer) -> ShellContext {
    match lexer.stack().last() {
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
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn lexer() -> ShellLexer {
        ShellLexer::new(BTreeSet::from(["HOOK_TASK".to_owned()]))
    }

    /// Asserts the context of each `@` of a script.
    #[track_caller]
    fn check(script: &str, want: &[ShellContext]) {
        let mut lexer = lexer();
        let mut found = Vec::new();
        for (i, text) in script.split('@').enumerate() {
            if i > 0 {
                lexer.before_hole();
                found.push(shell_context(&lexer));
                lexer.hole(None);
            }
            lexer.text(0, text);
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
    fn odd_scripts_leave_some_state() {
        for script in [
            ")))", "``", "${", "$((", "<<", "<<'", "'", "\"`", "case", "((", "$(`\"${'",
        ] {
            let mut lexer = lexer();
            lexer.text(0, script);
            lexer.hole(None);
            lexer.text(0, "\n");
            shell_context(&lexer);
        }
        let mut deep = lexer();
        deep.text(0, &"$(\"".repeat(10_000));
        assert!(deep.stack().len() <= 64);
    }
}
