//! Literals in every notation, and actions with them.

use super::pieces::{LAYOUT_PIECES, TEXT_PIECES};
use super::random::Random;

/// An action with a number.
pub(super) fn number(random: &mut Random) -> String {
    let literal = match random.below(10) {
        0..5 => decimal(random),
        5..8 => prefixed(random),
        _ => {
            let parts = [
                "1", "-2.5", "0x1p2", "1e3", ".5", "0", "2.5", "0x1p-2", "1e-3",
            ];
            let sign = random.pick(&["+", "-"]);
            let (real, imaginary) = (random.pick(&parts), random.pick(&parts));
            format!("{real}{sign}{imaginary}{}", random.pick(&["i", "i", ""]))
        }
    };
    let uses = [
        "{{@}}",
        "{{print @}}",
        r#"{{printf "%v %g %e %.3f %x %b %G" @ @ @ @ @ @ @}}"#,
        r#"{{printf "%d %q %U %c %#x %o" @ @ @ @ @ @}}"#,
        r#"{{printf "%#g %#.4g %+.10e %08.2f %.0f %.20f %#e %g" @ @ @ @ @ @ @ @}}"#,
        "{{$.Json @}}",
        "{{.ShowWeight @}}",
        "{{.StatusName @}}",
        "{{.ShowWait @}}",
        "{{.Placed.Truncate @}}",
        "{{.Placed.AddDate 0 0 @}}",
        "{{(.Placed.Add @).UnixNano}}",
        "{{index \"abc\" @}}",
        "{{slice \"abc\" @}}",
    ];
    let mut chosen = random.pick(&uses);
    if chosen.contains("AddDate") && (literal.len() > 11 || literal.contains(['e', 'p'])) {
        chosen = uses[0]; // so far from now that Go wraps around
    }
    chosen.replace('@', &literal)
}

fn decimal(random: &mut Random) -> String {
    const DIGITS: &[&str] = &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let mut digits = DIGITS.to_vec();
    if random.percent(30) {
        digits.push("_");
    }
    let sign = random.pick(&["", "-", "+"]);
    let first = random.pick(&["", "0", "1", "9"]);
    let whole = random.pick(&[3, 8, 25]);
    let mut out = format!("{sign}{first}{}", random.some(whole, &digits));
    if out.is_empty() {
        out.push('0'); // a dot alone is no number
    }
    match random.below(3) {
        0 => {}
        1 => out.push('.'),
        _ => {
            let most = random.pick(&[4, 20]);
            out = format!("{out}.{}", random.some(most, DIGITS));
        }
    }
    if random.percent(33) {
        out = format!(
            "{out}e{}{}",
            random.pick(&["", "-", "+"]),
            random.some(3, DIGITS)
        );
    }
    out + random.pick(&["", "", "i"])
}

fn prefixed(random: &mut Random) -> String {
    const HEX: &[&str] = &[
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f", "A", "F",
        "_",
    ];
    let sign = random.pick(&["", "-"]);
    let prefix = random.pick(&["0x", "0X", "0b", "0o", "0"]);
    let digits = random.pick(&[3, 18]);
    let mut out = format!("{sign}{prefix}{}", random.some(digits, HEX));
    if random.percent(33) {
        out = format!("{out}.{}", random.some(18, &HEX[..16]));
    }
    if random.percent(50) {
        out = format!(
            "{out}p{}{}",
            random.pick(&["", "-", "+"]),
            random.some(4, &HEX[..10])
        );
    }
    out + random.pick(&["", "", "i"])
}

/// An action with a string or a character.
pub(super) fn text(random: &mut Random) -> String {
    let inner = random.some(5, TEXT_PIECES);
    let quote = random.pick(&["\"", "\"", "'"]);
    let literal = format!("{quote}{inner}{quote}");
    let uses = [
        "{{@}}",
        r#"{{printf "%q %+q %#q %x % X %s %.2s %5s|%-5s|%v %#v" @ @ @ @ @ @ @ @ @ @ @}}"#,
        "{{js @}}",
        "{{html @}}",
        "{{urlquery @}}",
        "{{$.Json @}}",
        "{{.Quote @}}",
        "{{len @}}",
        "{{slice @ 1}}",
        "{{printf @ 1 \"a\"}}",
        "{{define @}}x{{end}}{{template @}}",
        "{{.Placed.Format @}}",
    ];
    random.pick(&uses).replace('@', &literal)
}

/// An action that prints a time in a random layout.
pub(super) fn layout(random: &mut Random) -> String {
    let time = match random.below(6) {
        0 => ".Placed".to_owned(),
        1 => ".Placed.UTC".to_owned(),
        2 => format!(
            "(.Placed.Add {})",
            random.between(-1_000_000_000_000_000_000, 1_000_000_000_000_000_000)
        ),
        3 => format!(
            "(.Placed.AddDate {} {} {})",
            random.between(-3000, 9000),
            random.between(-20, 20),
            random.between(-400, 400)
        ),
        4 => format!(
            "(.Placed.Truncate {})",
            random.between(1, 1_000_000_000_000_000)
        ),
        _ => format!(
            "(.Placed.Round {})",
            random.between(1, 1_000_000_000_000_000)
        ),
    };
    let layout = format!(
        "{}{}",
        random.pick(LAYOUT_PIECES),
        random.some(5, LAYOUT_PIECES)
    );
    format!("{{{{{time}.Format \"{layout}\"}}}}")
}

/// An action with durations or dates of any size.
pub(super) fn duration(random: &mut Random) -> String {
    let most = 10_i64.pow(u32::try_from(random.below(18)).unwrap_or(0) + 1);
    let number = random.between(-most, most);
    let uses = [
        "{{(.Placed.Sub (.Placed.Add @)).String}}",
        "{{with .Placed.Sub (.Placed.Add @)}}{{.}} {{.Seconds}} {{.Minutes}} {{.Hours}} \
         {{.Round 1000}} {{.Truncate 60000000000}} {{.Abs}} {{.Milliseconds}} \
         {{.Microseconds}} {{$.ShowWait .}} {{printf \"%d %v %8s %x\" . . . .}}{{end}}",
    ];
    let dates = "{{with .Placed.AddDate 0 0 @}}{{.Weekday}} {{.YearDay}} {{.Month}} {{.}} \
         {{$.Json .}} {{.UnixMicro}} {{printf \"%d %#v\" .Month .}}{{end}}";
    let template = if number.abs() < 3_000_000 && random.percent(50) {
        dates
    } else {
        random.pick(&uses)
    };
    template.replace('@', &number.to_string())
}
