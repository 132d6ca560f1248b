//! Numbers as people read them.

use crate::story::Story;

/// `41 %`, with one decimal below ten where it says something.
pub(crate) fn percent(share: f64) -> String {
    let value = 100.0 * share;
    if value.abs() < 9.95 && value.abs() > 0.05 && (value - value.round()).abs() >= 0.05 {
        format!("{}\u{a0}%", signed(format!("{value:.1}")))
    } else {
        format!("{}\u{a0}%", grouped(value))
    }
}

/// Output over output at rest: `41 %`, and with one decimal where it is within a tenth of rest, `97.8 %`.
pub(crate) fn output(share: f64) -> String {
    let tenths = (1000.0 * share).round();
    if (900.0..1100.0).contains(&tenths) && tenths != 1000.0 {
        format!("{:.1}\u{a0}%", tenths / 10.0)
    } else {
        percent(share)
    }
}

/// `3 %`, and of what is there and rounds to nothing `0.004 %`.
pub(crate) fn small(share: f64) -> String {
    if share > 0.0 && share < 0.0005 {
        let digits = (-(100.0 * share).log10()).ceil().max(0.0) as usize;
        format!("{:.digits$}\u{a0}%", 100.0 * share)
    } else {
        percent(share)
    }
}

/// `12,345`, rounded, with a true minus sign.
pub(crate) fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 && digits != "0" {
        format!("−{text}")
    } else {
        text
    }
}

/// Two decimals, with a true minus sign.
pub(crate) fn index(value: f64) -> String {
    signed(format!("{value:.2}"))
}

/// Six significant digits without zeros at the end; very small and very large numbers by powers of ten.
pub fn significant(value: f64) -> String {
    if value.is_nan() {
        return "–".to_owned();
    }
    if value.is_infinite() {
        return signed(if value > 0.0 { "infinite" } else { "-infinite" }.to_owned());
    }
    let size = value.abs();
    if size > 0.0 && !(1e-4..1e9).contains(&size) {
        let text = format!("{value:.3e}");
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        return signed(format!("{digits}e{power}"));
    }
    let places = if size > 0.0 {
        (5.0 - size.log10().floor()).clamp(0.0, 9.0) as usize
    } else {
        0
    };
    let text = format!("{value:.places$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    };
    signed(text)
}

/// Four significant digits at least, whole numbers whole.
pub(crate) fn short(value: f64) -> String {
    if !value.is_finite() {
        return significant(value);
    }
    if value.fract() == 0.0 || value.abs() >= 10_000.0 {
        return grouped(value);
    }
    let decimals = (3.0 - value.abs().log10().floor()).clamp(0.0, 8.0) as usize;
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    text.replacen('-', "−", 1)
}

/// Six significant digits, or more where a tolerance needs them: two digits beyond it.
pub fn to_tolerance(value: f64, tolerance: f64) -> String {
    let plain = significant(value);
    let decimals = plain.split_once('.').map_or(0, |(_, rest)| rest.len());
    let needed = if tolerance > 0.0 && value.is_finite() {
        (1.0 - tolerance.log10().floor()).clamp(0.0, 12.0) as usize
    } else {
        0
    };
    if needed <= decimals || plain.contains('e') {
        return plain;
    }
    let text = format!("{value:.needed$}");
    signed(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// As many decimals as a multiple of that step needs.
pub(crate) fn tick(value: f64, step: f64) -> String {
    let mut decimals = 0;
    let mut scaled = step;
    while decimals < 6 && (scaled < 0.5 || (scaled - scaled.round()).abs() > 1e-6 * scaled) {
        decimals += 1;
        scaled *= 10.0;
    }
    if decimals == 0 {
        return grouped(value);
    }
    signed(format!("{value:.decimals$}"))
}

/// `day 1,204`, with the date if there is a calendar.
pub(crate) fn day(story: &Story, day: f64) -> String {
    match story.calendar {
        Some(calendar) => format!("day\u{a0}{} ({})", grouped(day), calendar.date(day)),
        None => format!("day\u{a0}{}", grouped(day)),
    }
}

/// `1 day`, `12 days`, `1 team`.
pub(crate) fn count(number: f64, noun: &str) -> String {
    let plural = if number.round() == 1.0 { "" } else { "s" };
    format!("{}\u{a0}{noun}{plural}", grouped(number))
}

/// First letter upper.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// `backlog`, `shock end`: the kind of an event as words.
pub(crate) fn kind(kind: &str) -> String {
    kind.replace('_', " ")
}

fn signed(text: String) -> String {
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|letter| "0.".contains(letter)) => rest.into(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{grouped, index, output, percent, significant, small, tick};

    #[test]
    fn numbers_read_like_print() {
        assert_eq!(percent(0.414), "41\u{a0}%");
        assert_eq!(percent(0.0051), "0.5\u{a0}%");
        assert_eq!(percent(0.0), "0\u{a0}%");
        assert_eq!(percent(1.0), "100\u{a0}%");
        assert_eq!(output(0.978_4), "97.8\u{a0}%");
        assert_eq!(output(0.999_9), "100\u{a0}%");
        assert_eq!(output(0.99), "99.0\u{a0}%");
        assert_eq!(output(0.949), "94.9\u{a0}%");
        assert_eq!(output(0.414), "41\u{a0}%");
        assert_eq!(small(0.000_04), "0.004\u{a0}%");
        assert_eq!(small(0.03), "3\u{a0}%");
        assert_eq!(grouped(-1234567.4), "−1,234,567");
        assert_eq!(grouped(-0.2), "0");
        assert_eq!(index(-0.004), "0.00");
        for (value, text) in [
            (0.876_682_4, "0.876682"),
            (-0.1, "−0.1"),
            (0.0, "0"),
            (240.0, "240"),
            (1_234_567.8, "1234568"),
            (1e-9, "1e-9"),
            (-1.25e-7, "−1.25e-7"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(significant(value), text);
        }
        assert_eq!(tick(0.25, 0.25), "0.25");
        assert_eq!(tick(2.5, 2.5), "2.5");
        assert_eq!(tick(1500.0, 500.0), "1,500");
        assert_eq!(tick(-0.2, 0.2), "−0.2");
    }
}
