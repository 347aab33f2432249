//! Every limit has an error of its own.

use go_template::Template;
use go_template::model::Type;

use go_template_fuzz::order::{ORDER, Order, OrderName, render};

/// Expects an error with this text, or any output if there is no text.
#[track_caller]
fn check(template: &str, expect: Option<&str>) {
    if let Ok(parsed) = Template::parse("template", template) {
        let _ = parsed.check(Type::Struct(&ORDER), &[]);
    }
    let result = render(template, &Order::of(OrderName::Zero));
    let shown: String = template.chars().take(60).collect();
    match (&result, expect) {
        (Ok(_), None) => {}
        (Err(e), Some(text)) => assert!(e.fault.message.contains(text), "{shown}: {e:?}"),
        _ => panic!("{shown}: {:?}, want {expect:?}", result.map(|o| o.len())),
    }
}

fn nested(open: &str, inside: &str, close: &str, depth: usize) -> String {
    open.repeat(depth) + inside + &close.repeat(depth)
}

#[test]
fn nesting() {
    check(&nested("{{if 1}}", "x", "{{end}}", 50_000), None);
    check(
        &nested("{{range 1}}", "x", "{{else}}y{{end}}", 50_000),
        None,
    );
    check(
        &nested("{{with 1}}", "x", "{{end}}", 100_001),
        Some("more than 100000 blocks"),
    );
    check(
        &nested("{{if 1}}", "", "", 120_000),
        Some("more than 100000 blocks"),
    );
    let parens = |depth| format!("{{{{{}}}}}", nested("(", "1", ")", depth));
    check(&parens(500), None);
    check(&parens(501), Some("more than 500 parentheses"));
    check(&parens(100_000), Some("more than 500 parentheses"));
    let calls = |depth| format!("{{{{{}}}}}", nested("(print ", "1", ")", depth));
    check(&calls(500), None);
    check(
        &format!("{{{{{}1}}}}", "not (".repeat(20_000)),
        Some("more than 500 parentheses"),
    );
    let chains = |depth| format!("{{{{{}}}}}", nested("(", "$", ".X)", depth));
    check(&chains(500), Some("X"));
}

#[test]
fn many_of_everything() {
    check(&"{{if 1}}x{{else if 2}}y{{end}}".repeat(10_000), None);
    check(
        &format!("{{{{if 0}}}}{}{{{{end}}}}", "{{else if 0}}x".repeat(20_000)),
        None,
    );
    check(&format!("{{{{print{}}}}}", " 1".repeat(120_000)), None);
    check(&format!("{{{{1{}}}}}", " | print".repeat(20_000)), None);
    check(
        &format!("{{{{$x{}}}}}", ".A".repeat(20_000)),
        Some("not declared"),
    );
    check(
        &format!("{{{{$x := .Labels}}}}{{{{$x{}}}}}", ".A".repeat(20_000)),
        None,
    );
    let variables: String = (0..10_000)
        .map(|i| format!("{{{{$v{i} := {i}}}}}"))
        .collect();
    check(&format!("{variables}{}", "{{$v0}}".repeat(10_000)), None);
    let defines: String = (0..10_000)
        .map(|i| format!("{{{{define \"d{i}\"}}}}x{{{{end}}}}"))
        .collect();
    check(&defines, None);
    check(
        &"{{define \"a\"}}{{end}}{{template \"a\"}}".repeat(10_000),
        None,
    );
}

#[test]
fn calls_of_templates() {
    check(
        "{{define \"a\"}}{{template \"a\"}}{{end}}{{template \"a\"}}",
        Some("call each other"),
    );
    check("{{template \"template\" .}}", Some("call each other"));
    let deep = "{{define \"n\"}}{{if .}}{{template \"n\" (slice . 1)}}{{else}}end{{end}}{{end}}\
                {{template \"n\" (printf \"%20000s\" \"\")}}";
    check(deep, None);
    // Two calls in each of 64 templates are 2^64 calls.
    let doubling: String = (0..64)
        .map(|i| {
            format!(
                "{{{{define \"t{i}\"}}}}{0}{0}{{{{end}}}}",
                format!("{{{{template \"t{}\"}}}}", i + 1)
            )
        })
        .collect();
    check(
        &format!("{doubling}{{{{define \"t64\"}}}}{{{{end}}}}{{{{template \"t0\"}}}}"),
        Some("more work"),
    );
}

#[test]
fn loops() {
    check("{{range 100000}}{{end}}", None);
    check(
        "{{range 9000000000000000000}}{{end}}",
        Some("turn more than"),
    );
    check(
        "{{range 10000}}{{range 10000}}{{end}}{{end}}",
        Some("turn more than"),
    );
}

/// Long work within a single iteration counts as well.
#[test]
fn work_in_loops() {
    let check_looped = |inside: String| {
        let template = format!("{{{{range 1000000}}}}{inside}{{{{end}}}}");
        check(&template, Some("more work"));
    };
    check_looped(format!("{{{{if or {}}}}}{{{{end}}}}", "0 ".repeat(20_000)));
    check_looped(format!(
        "{{{{if 0}}}}{}{{{{end}}}}",
        "{{else if 0}}".repeat(20_000)
    ));
    check_looped(format!(
        "{{{{if $.Labels.a{}}}}}{{{{end}}}}",
        ".b".repeat(20_000)
    ));
    check_looped("{{$x := printf \"%.900f\" 1e-300}}".to_owned());
    // A `break` finds its loop through any number of blocks.
    let breaks = "{{break}}".repeat(200_000);
    let blocks = nested("{{if .}}", &breaks, "{{end}}", 90_000);
    check(&format!("{{{{range 1}}}}{blocks}{{{{end}}}}"), None);
}

#[test]
fn sizes() {
    check("{{printf \"%9999999s%9999999s\" 1 2}}", Some("longer than"));
    check(
        "{{range 100}}{{printf \"%1000000s\" \"\"}}{{end}}",
        Some("the output is longer"),
    );
    check(
        "{{$s := \"xxxxxxxx\"}}{{range 64}}{{$s = print $s $s}}{{end}}",
        Some("longer than"),
    );
    check(
        "{{range 100}}{{len (printf \"%1000000s\" \"\")}}{{end}}",
        None,
    );
    check(
        "{{range 1000}}{{len (printf \"%1000000s\" \"\")}}{{end}}",
        Some("more work"),
    );
    check(&"x".repeat((4 << 20) + 1), Some("longer than"));
    check(&"x".repeat(4 << 20), None);
}
