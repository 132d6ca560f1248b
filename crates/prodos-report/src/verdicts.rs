//! The page of a verification: which published results are met, a figure and a table a family.

use crate::Error;
use crate::colour::{BLUE, GREY, INK, MUTED, VERMILLION};
use crate::page::{document, each};
use crate::phrase;
use crate::sheet::{Sheet, Type, WIDTH, escape, shorten, wrap};
use plotters::style::RGBColor;
use prodos_record::write_whole;
use std::path::Path;

/// One number that was measured, and how it stands to what is published.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What it belongs to.
    pub family: String,
    /// Name of the case.
    pub case: String,
    /// What holds if the case is met.
    pub claim: String,
    /// Where the result was published.
    pub source: String,
    /// Seconds that the whole case took.
    pub seconds: f64,
    /// The function or reference process that was called; empty where the engine was run.
    pub kernel: String,
    /// What was measured.
    pub what: String,
    /// What was found; NaN where there was nothing to measure.
    pub found: f64,
    /// Standard error of that.
    pub error: f64,
    /// What is published.
    pub reference: f64,
    /// How far from that it may be, or the side on which it must be.
    pub allowed: Allowed,
    /// Runs that it is of.
    pub runs: u32,
    /// Whether it is met.
    pub standing: Standing,
    /// Why nothing was found; empty where something was.
    pub why: String,
}

/// How a number stands to what is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As published.
    Met,
    /// Not as published.
    Missed,
    /// Too close to what is allowed for the runs that were made.
    Undecided,
    /// It could not be tried.
    Untried,
    /// It takes long, and was not asked for.
    LeftOut,
}

impl Standing {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Met => "met",
            Standing::Missed => "missed",
            Standing::Undecided => "undecided",
            Standing::Untried => "untried",
            Standing::LeftOut => "left out",
        }
    }

    fn colour(self) -> RGBColor {
        match self {
            Standing::Met => BLUE,
            Standing::Undecided | Standing::LeftOut => GREY,
            Standing::Missed | Standing::Untried => VERMILLION,
        }
    }
}

/// What a number may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Allowed {
    /// At most so far from what is published.
    Within(f64),
    /// That, or more.
    OrMore,
    /// That, or less.
    OrLess,
}

impl Allowed {
    /// The tolerance, or `or more` and `or less`.
    pub fn told(self) -> String {
        match self {
            Allowed::Within(tolerance) => phrase::significant(tolerance),
            Allowed::OrMore => "or more".to_owned(),
            Allowed::OrLess => "or less".to_owned(),
        }
    }
}

impl Verdict {
    /// Distance from the reference and twice its standard error, in tolerances; on one side in references, or in
    /// ones where the reference is 0.
    fn off(&self) -> (f64, f64) {
        let unit = match self.allowed {
            Allowed::Within(tolerance) => tolerance.max(1e-300),
            _ if self.reference == 0.0 => 1.0,
            _ => self.reference.abs(),
        };
        let off = (self.found - self.reference) / unit;
        (off, 2.0 * self.error / unit)
    }
}

/// Writes the page.
pub fn write_verdicts(file: &Path, about: &str, verdicts: &[Verdict]) -> Result<(), Error> {
    let page = page(about, verdicts)?;
    Ok(write_whole(file, |out| out.write_all(page.as_bytes()))?)
}

fn page(about: &str, verdicts: &[Verdict]) -> Result<String, Error> {
    let mut sections = String::new();
    for (place, family) in families(verdicts).into_iter().enumerate() {
        let own: Vec<&Verdict> = verdicts.iter().filter(|own| own.family == family).collect();
        sections.push_str(&section(place, family, &own)?);
    }
    let all: Vec<&Verdict> = verdicts.iter().collect();
    let header = format!(
        "<p class=\"kicker\">Production OS · verification</p>\n<h1>{}</h1>\n{}<div class=\"brief\"><p>{}</p><p>A number is met if its distance from the \
         published one, with twice its standard error, is within the tolerance, or it is on the side on which it must be by as much. Blue: met. Orange: missed. Grey: too close to tell.</p>\
         <p>In the figures a dot is the distance from the published number in tolerances, a line two standard errors to each side, and the grey ground what is allowed. A wedge at the edge is farther out than that, a cross no number. A ring need \
         only be on one side of the published number, to which its arrow points; its distance is in published numbers. Functions without chance are off by the rounding of what was published, and may lie anywhere on that ground.</p>{}</div>\n",
        escape(&finding(&all)),
        contents(verdicts),
        escape(&of_what(&all)),
        left_out(&all),
    );
    Ok(document("verification", &header, &sections, about))
}

/// Families in the order in which they come.
fn families(verdicts: &[Verdict]) -> Vec<&str> {
    let mut families: Vec<&str> = Vec::new();
    for verdict in verdicts {
        if !families.contains(&verdict.family.as_str()) {
            families.push(&verdict.family);
        }
    }
    families
}

/// The families, each with how many of its numbers are met.
fn contents(verdicts: &[Verdict]) -> String {
    let entry = |(place, family): (usize, &str)| {
        let own = verdicts.iter().filter(|own| own.family == family);
        let asked: Vec<&Verdict> = own
            .filter(|own| own.standing != Standing::LeftOut)
            .collect();
        let met = asked.iter().filter(|own| own.standing == Standing::Met);
        format!(
            "<li><a href=\"#family-{place}\">{}</a> {} of {}</li>",
            escape(&phrase::capital(family)),
            met.count(),
            asked.len()
        )
    };
    let entries = each(families(verdicts).into_iter().enumerate(), entry);
    format!("<nav aria-label=\"Contents\"><ul>{entries}</ul></nav>\n")
}

/// `All 12 numbers of 3 cases are met`, `10 of 12 numbers of 3 cases are met`: of those that were asked for.
fn finding(verdicts: &[&Verdict]) -> String {
    let asked = |verdict: &&&Verdict| verdict.standing != Standing::LeftOut;
    let asked: Vec<&&Verdict> = verdicts.iter().filter(asked).collect();
    if asked.is_empty() {
        return "Nothing was tried".to_owned();
    }
    let mut cases: Vec<&str> = asked.iter().map(|verdict| verdict.case.as_str()).collect();
    cases.dedup();
    let met = asked
        .iter()
        .filter(|verdict| verdict.standing == Standing::Met);
    let met = met.count();
    let part = if met == asked.len() {
        "All".to_owned()
    } else {
        format!("{met} of")
    };
    let tried = format!(
        "{part} {} of {} {} met",
        phrase::count(asked.len() as f64, "number"),
        phrase::count(cases.len() as f64, "case"),
        if asked.len() == 1 { "is" } else { "are" }
    );
    match verdicts.len() - asked.len() {
        0 => tried,
        others => format!("{tried}; {others} left out"),
    }
}

/// How many numbers are of the engine, and how many of what is called beside it.
fn of_what(verdicts: &[&Verdict]) -> String {
    let asked = || {
        verdicts
            .iter()
            .filter(|own| own.standing != Standing::LeftOut)
    };
    let engine = asked().filter(|own| own.kernel.is_empty()).count();
    format!(
        "{} of the engine that runs experiments; {} of functions that it uses, or of published processes \
         beside it, which are named with their cases.",
        phrase::count(engine as f64, "number"),
        asked().count() - engine
    )
}

/// What was not asked for.
fn left_out(verdicts: &[&Verdict]) -> String {
    let count = verdicts
        .iter()
        .filter(|verdict| verdict.standing == Standing::LeftOut)
        .count();
    if count == 0 {
        return String::new();
    }
    format!(
        "<p>{} that take long were left out; <code>prodos verify --full</code> tries all.</p>",
        phrase::count(count as f64, "number")
    )
}

fn section(place: usize, family: &str, verdicts: &[&Verdict]) -> Result<String, Error> {
    let cases = verdicts.chunk_by(|one, next| one.case == next.case);
    let bodies = each(cases, body);
    Ok(format!(
        "<section id=\"family-{place}\">\n<p class=\"topic\">{}</p>\n<h2>{}</h2>\n<p class=\"reading\"><button type=\"button\" class=\"copy\" data-copy=\"table-{place}\">Copy table</button></p>\n<div class=\"drawing\">{}</div>\n\
         <div class=\"scroll\"><table id=\"table-{place}\" class=\"verdicts\"><thead><tr><th>Case</th><th>Verdict</th><th>Number</th><th>Found</th>\
         <th>Published</th><th>Tolerance</th><th>Off by</th><th>Standard error</th><th>Runs</th></tr></thead>\n{bodies}</table></div>\n</section>\n",
        escape(&phrase::capital(family)),
        escape(&finding(verdicts)),
        figure(place, family, verdicts)?,
    ))
}

/// The rows of a case, below what it claims and where that was published.
fn body(verdicts: &[&Verdict]) -> String {
    let rows = each(verdicts, |verdict| row(verdict));
    let Some(case) = verdicts.first() else {
        return rows;
    };
    let tried = verdicts.iter().any(|own| own.standing != Standing::LeftOut);
    let time = if tried {
        format!(" · {:.1}\u{a0}s", case.seconds)
    } else {
        String::new()
    };
    let subject = match case.kernel.as_str() {
        "" => "the engine".to_owned(),
        kernel => format!("kernel {kernel}"),
    };
    format!(
        "<tbody><tr><th scope=\"rowgroup\" colspan=\"9\">{}<small>{} · {}{time}</small></th></tr>\n{rows}</tbody>\n",
        escape(&case.claim),
        escape(&subject),
        escape(&case.source),
    )
}

fn row(verdict: &Verdict) -> String {
    let number = phrase::significant;
    let digits = |value: f64| match verdict.allowed {
        Allowed::Within(tolerance) => phrase::to_tolerance(value, tolerance),
        _ => number(value),
    };
    let (off, error) = if verdict.found.is_nan() {
        (f64::NAN, f64::NAN)
    } else {
        (verdict.found - verdict.reference, verdict.error)
    };
    let off = match verdict.allowed {
        Allowed::Within(tolerance) if tolerance > 0.0 && off.is_finite() => {
            format!("{} tolerances", phrase::index(off / tolerance))
        }
        _ => number(off),
    };
    let what = match verdict.why.as_str() {
        "" => verdict.what.clone(),
        why => format!("{} ({why})", verdict.what),
    };
    format!(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{off}</td><td>{}</td><td>{}</td></tr>\n",
        escape(&verdict.case),
        verdict.standing.word(),
        escape(&what),
        digits(verdict.found),
        digits(verdict.reference),
        verdict.allowed.told(),
        number(error),
        verdict.runs,
    )
}

/// Height of a row of one line, and what a second line adds.
const ROW: f64 = 20.0;
/// See [`ROW`].
const SECOND_LINE: f64 = 15.0;
/// Width of what is written beside a row.
const NAMES: f64 = AXIS.0 - 40.0;
/// Where the axis begins and ends, in points.
const AXIS: (f64, f64) = (560.0, WIDTH - 40.0);
/// Distances beyond this stand at the edge.
const FARTHEST: f64 = 2.0;

const LABEL: Type = Type::of(14.0);

/// Case and number on one line, or on two where they are long.
fn name(verdict: &Verdict) -> [String; 2] {
    let mut lines = wrap(
        &format!("{}\u{a0} {}", verdict.case, verdict.what),
        LABEL,
        NAMES,
    )
    .into_iter();
    let first = lines.next().unwrap_or_default();
    let rest: Vec<String> = lines.collect();
    [first, shorten(&rest.join(" "), LABEL, NAMES)]
}

fn figure(place: usize, family: &str, verdicts: &[&Verdict]) -> Result<String, Error> {
    let drawn = |verdict: &&&Verdict| verdict.standing != Standing::LeftOut;
    let whole = finding(verdicts);
    let verdicts: Vec<&Verdict> = verdicts.iter().filter(drawn).copied().collect();
    let mut sheet = Sheet::new();
    let across = |off: f64| {
        let share = (off.clamp(-FARTHEST, FARTHEST) + FARTHEST) / (2.0 * FARTHEST);
        AXIS.0 + share * (AXIS.1 - AXIS.0)
    };
    let names: Vec<[String; 2]> = verdicts.iter().map(|own| name(own)).collect();
    let height = |[_, second]: &[String; 2]| match second.as_str() {
        "" => ROW,
        _ => ROW + SECOND_LINE,
    };
    let bottom = 8.0 + names.iter().map(height).sum::<f64>();
    sheet.line(&[(across(0.0), 4.0), (across(0.0), bottom)], MUTED, 1.0);
    let mut top = 8.0;
    for (verdict, lines) in verdicts.iter().zip(&names) {
        let (off, twice) = verdict.off();
        let high = height(lines);
        let middle = top + high / 2.0;
        let (from, to) = match verdict.allowed {
            Allowed::Within(_) => (-1.0, 1.0),
            Allowed::OrMore => (0.0, FARTHEST),
            Allowed::OrLess => (-FARTHEST, 0.0),
        };
        let (from, to) = (across(from), across(to));
        sheet.rectangle(from, top, to - from, high, INK, 0.08);
        for (line, at) in lines.iter().zip([top + 14.0, top + 14.0 + SECOND_LINE]) {
            sheet.text(16.0, at, line, LABEL);
        }
        top += high;
        let colour = verdict.standing.colour();
        if !verdict.found.is_finite() {
            cross(&mut sheet, across(FARTHEST), middle, colour);
            continue;
        }
        if off.abs() > FARTHEST {
            beyond(&mut sheet, across(off), off.signum(), middle);
        }
        sheet.line(
            &[(across(off - twice), middle), (across(off + twice), middle)],
            colour,
            2.0,
        );
        let side = match verdict.allowed {
            Allowed::Within(_) => {
                sheet.disc(across(off), middle, 4.0, colour);
                continue;
            }
            Allowed::OrMore => 1.0,
            Allowed::OrLess => -1.0,
        };
        arrow(&mut sheet, across(0.0), side, middle);
        sheet.ring(across(off), middle, 4.0, colour);
    }
    let tick = Type::of(12.0).colour(INK).middle();
    for off in [-2.0, -1.0, 0.0, 1.0, 2.0] {
        sheet.text(across(off), bottom + 16.0, &phrase::grouped(off), tick);
    }
    let words = Type::of(12.0).colour(MUTED).middle();
    sheet.text(
        across(0.0),
        bottom + 32.0,
        "distance from the published number, in tolerances; of rings, in published numbers",
        words,
    );
    let name = format!("verdicts-{place}");
    sheet.finish(&name, bottom + 42.0, &whole, family)
}

/// A cross at the edge: there is no number.
fn cross(sheet: &mut Sheet, edge: f64, middle: f64, colour: RGBColor) {
    let (left, right, top, bottom) = (edge - 4.0, edge + 4.0, middle - 4.0, middle + 4.0);
    sheet.line(&[(left, top), (right, bottom)], colour, 2.0);
    sheet.line(&[(left, bottom), (right, top)], colour, 2.0);
}

/// A wedge behind a mark at the edge: it stands farther out than is drawn.
fn beyond(sheet: &mut Sheet, edge: f64, side: f64, middle: f64) {
    let (from, tip) = (edge + side * 8.0, edge + side * 15.0);
    sheet.line(
        &[(from, middle - 5.0), (tip, middle), (from, middle + 5.0)],
        INK,
        1.5,
    );
}

/// An open arrow from the published number to the side that is allowed.
fn arrow(sheet: &mut Sheet, from: f64, side: f64, middle: f64) {
    const LENGTH: f64 = 14.0;
    const HEAD: f64 = 4.0;
    let tip = from + side * LENGTH;
    let back = tip - side * HEAD;
    sheet.line(&[(from, middle), (tip, middle)], MUTED, 1.0);
    sheet.line(
        &[(back, middle - HEAD), (tip, middle), (back, middle + HEAD)],
        MUTED,
        1.0,
    );
}

#[cfg(test)]
mod tests {
    use super::{Allowed, Standing, Verdict, page};

    fn verdict(case: &str, found: f64, allowed: Allowed, standing: Standing) -> Verdict {
        Verdict {
            family: "queues & more".into(),
            case: case.into(),
            claim: "It holds.".into(),
            source: "Erlang 1917".into(),
            seconds: 1.25,
            kernel: if case == "v02" { "erlang_loss" } else { "" }.into(),
            what: "length of the <queue>".into(),
            found,
            error: 0.01,
            reference: 2.0,
            allowed,
            runs: 20,
            standing,
            why: String::new(),
        }
    }

    #[test]
    fn the_page_says_what_is_met_and_marks_what_is_missed() {
        let verdicts = [
            verdict("v01", 2.01, Allowed::Within(0.1), Standing::Met),
            verdict("v01", 2.5, Allowed::OrMore, Standing::Met),
            verdict("v02", f64::NAN, Allowed::Within(0.1), Standing::Missed),
            verdict("v02", 2.09, Allowed::Within(0.1), Standing::Undecided),
        ];
        let page = page("prodos 0.1.0", &verdicts).expect("it can be drawn");
        assert!(
            page.contains("2 of 4\u{a0}numbers of 2\u{a0}cases are met"),
            "{page}"
        );
        assert!(page.contains("Queues &amp; more") && page.contains("length of the &lt;queue&gt;"));
        assert!(page.contains(
            "<td>2.01</td><td>2</td><td>0.1</td><td>0.10 tolerances</td><td>0.01</td><td>20</td>"
        ));
        for subject in ["the engine", "kernel erlang_loss"] {
            let told = format!("It holds.<small>{subject} · Erlang 1917 · 1.2\u{a0}s</small>");
            assert_eq!(page.matches(&told).count(), 1);
        }
        assert!(page.contains("2\u{a0}numbers of the engine") && page.contains("; 2 of functions"));
        assert!(page.contains("<a href=\"#family-0\">Queues &amp; more</a> 2 of 4"));
        assert!(page.contains("<td>or more</td>") && page.contains("<td>–</td>"));
        let marks = page.matches("<circle").count();
        assert_eq!(marks, 3, "a dot or a ring for each that was found");
        assert_eq!(
            super::finding(&[&verdicts[0]]),
            "All 1\u{a0}number of 1\u{a0}case is met"
        );
        let blue = page.matches("#0072B2").count();
        assert!(blue >= 1 && page.contains("#D55E00"), "{blue}");
        assert!(page.contains("#9AA3AB"), "what is undecided is neither");
        assert!(
            !page.contains("http://")
                || page.matches("http://").count() == page.matches("http://www.w3.org").count()
        );
    }
}
