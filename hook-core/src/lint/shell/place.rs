//! Where in a script a value stands, as the shell sees it.

use super::frame::{Closer, Frame, Head};
use super::lexer::Lexer;

/// What a value becomes part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Place {
    /// The body of a here-document that the shell leaves alone.
    QuotedDocument,
    /// A comment.
    Comment,
    /// The body of a here-document in which the shell expands variables and commands.
    Document,
    /// `'…'`
    Single,
    /// `$'…'`
    DollarSingle,
    /// `"…"`
    Double,
    /// Arithmetic.
    Arithmetic,
    /// No quotes, and a `\`, `$` or `<<` before it that changes what its own quotes mean.
    Prefixed,
    /// No quotes.
    Unquoted,
    /// An argument that another shell reads as code.
    Code {
        /// Whether that shell is on another machine.
        remote: bool,
        /// Whether the argument is quoted here, which does not matter there.
        quoted: bool,
    },
}

/// A place and what is around it that the shell looks at before it looks at quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    /// The place.
    pub(crate) place: Place,
    /// Whether it is within a here-document, which a line ends wherever it stands.
    pub(crate) in_document: bool,
    /// Whether it is between backticks, which the next backtick ends.
    pub(crate) in_backticks: bool,
    /// Whether it is in a here-document that a shell reads as code, and whether that shell
    /// is on another machine.
    pub(crate) read_as_code: Option<bool>,
}

/// Where a value stands that comes next, and within what.
pub(crate) fn spot(lexer: &Lexer) -> Spot {
    let stack = lexer.stack();
    let has = |is: fn(&Frame) -> bool| stack.iter().any(is);
    Spot {
        place: of(lexer),
        in_document: has(|frame| matches!(frame, Frame::Document(_))),
        read_as_code: stack.iter().find_map(|frame| match frame {
            Frame::Document(document) => match document.reader {
                Head::Shell => Some(false),
                Head::Remote { .. } | Head::RemoteCode => Some(true),
                _ => None,
            },
            _ => None,
        }),
        in_backticks: has(
            |frame| matches!(frame, Frame::Commands(c) if c.closer == Closer::Backtick),
        ),
    }
}

fn of(lexer: &Lexer) -> Place {
    let stack = lexer.stack();
    if matches!(stack.last(), Some(Frame::Comment)) {
        return Place::Comment;
    }
    let mut inner = stack.iter().rev();
    let place = match inner.next() {
        Some(Frame::Single) => Place::Single,
        Some(Frame::DollarSingle) => Place::DollarSingle,
        Some(Frame::Double) => Place::Double,
        Some(Frame::Arithmetic(_)) => Place::Arithmetic,
        Some(Frame::Comment) => Place::Comment,
        Some(Frame::Document(document)) if document.quoted => Place::QuotedDocument,
        Some(Frame::Document(_)) => Place::Document,
        Some(Frame::Parameter) => match inner.find(|frame| !matches!(frame, Frame::Parameter)) {
            Some(Frame::Double | Frame::Document(_)) => Place::Double,
            _ => Place::Unquoted,
        },
        Some(Frame::Commands(_)) if lexer.is_prefixed() => Place::Prefixed,
        // No value can be known to end where its document should.
        Some(Frame::Delimiter(_)) => Place::Prefixed,
        Some(Frame::Commands(_)) | None => Place::Unquoted,
    };
    let remote = stack.iter().find_map(|frame| match frame {
        Frame::Commands(commands) => match commands.head {
            Head::Code | Head::CodeWord => Some(false),
            Head::RemoteCode => Some(true),
            _ => None,
        },
        _ => None,
    });
    let quoted = place != Place::Unquoted;
    remote.map_or(place, |remote| Place::Code { remote, quoted })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts where each `@` of a script stands.
    #[track_caller]
    fn check(script: &str, want: &[Place]) {
        let mut lexer = Lexer::default();
        let mut found = Vec::new();
        for (i, text) in script.split('@').enumerate() {
            if i > 0 {
                lexer.before_hole();
                found.push(of(&lexer));
                lexer.hole();
            }
            lexer.text(text);
        }
        assert_eq!(found, want, "{script:?}");
    }

    #[test]
    fn quotes() {
        use Place::{Comment, DollarSingle, Double, Single, Unquoted};
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
            &[Place::Prefixed, Place::Prefixed, Double],
        );
        check("echo > \"@\" 2>&1 >@", &[Double, Unquoted]);
    }

    #[test]
    fn substitutions() {
        use Place::{Arithmetic, Double, Single, Unquoted};
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
        use Place::{Comment, Document, Double, QuotedDocument, Single, Unquoted};
        check(
            "cat <<EOF @\n@ '@'\n$(echo '@')\nEOF\n'@'",
            &[Unquoted, Document, Document, Single, Single],
        );
        check(
            "cat <<'EOF'\n@ \"$(@\nEOF\n@",
            &[QuotedDocument, QuotedDocument, Unquoted],
        );
        check("cat <<\\EOF\n@\nEOF\n@", &[QuotedDocument, Unquoted]);
        check(
            "cat <<-\"E F\" | x\n\t@\n\tE F\n@",
            &[QuotedDocument, Unquoted],
        );
        check(
            "cat <<A <<'B'\n@\nA\n@\nB\n@",
            &[Document, QuotedDocument, Unquoted],
        );
        check(
            "cat <<EOF\nEOFX\n EOF\n@EOF\nEOF@\n@\nEOF\n@",
            &[Document, Document, Document, Unquoted],
        );
        check("x=$(cat <<EOF\n@\nEOF\n)@", &[Document, Unquoted]);
        check("cat <<< \"@\" # @\n@", &[Double, Comment, Unquoted]);
        check("cat <<EOF\n# @\nEOF\n", &[Document]);
        check("cat <<@\ncat <<'@", &[Place::Prefixed, Document]);
        check("cat <<E\n$(echo '@\nE\n@", &[Single, Unquoted]);
        check("cat <<E\nx\\\nE\n@\nE\n@", &[Document, Unquoted]);
        check(
            "cat <<A; cat <<B\n$(cat <<C\n@\nC\n)\nA\n@\nB\n@",
            &[Document, Document, Unquoted],
        );
    }

    #[test]
    fn code_for_another_shell() {
        use Place::{Double, Single, Unquoted};
        const fn code(remote: bool, quoted: bool) -> Place {
            Place::Code { remote, quoted }
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
        check("curl -d '@' # eval @\n", &[Single, Place::Comment]);
    }

    #[test]
    fn odd_scripts_leave_some_state() {
        for script in [
            ")))", "``", "${", "$((", "<<", "<<'", "'", "\"`", "case", "((", "$(`\"${'",
        ] {
            let mut lexer = Lexer::default();
            lexer.text(script);
            lexer.hole();
            lexer.text("\n");
            of(&lexer);
        }
        let mut deep = Lexer::default();
        deep.text(&"$(\"".repeat(10_000));
        assert!(deep.stack().len() <= 64);
    }
}
