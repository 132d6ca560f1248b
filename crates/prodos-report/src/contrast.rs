//! A policy against others: by how much each outcome differs, run by run under the same draws.

use crate::Error;
use crate::colour::{BLUE, GREEN, GREY, GRID, INK, MUTED, ORANGE, PURPLE, SKY, VERMILLION};
use crate::figure::{Draft, Figure, MARGIN};
use crate::page::{document, each, figure};
use crate::panel::{TICK, legend, ticks};
use crate::phrase;
use crate::sheet::{Sheet, Type, escape, shorten};
use plotters::style::RGBColor;
use prodos_record::{Table, write_whole};
use std::collections::BTreeSet;
use std::path::Path;

/// How one outcome differs between two policies.
#[derive(Clone, Debug, PartialEq)]
pub struct Contrast {
    /// Column of the summary.
    pub outcome: String,
    /// Its unit.
    pub unit: String,
    /// What the second policy is called.
    pub second: String,
    /// Mean under the first policy and under the second.
    pub means: [f64; 2],
    /// Mean of second less first.
    pub mean: f64,
    /// Its 95 % interval.
    pub interval: (f64, f64),
    /// Share of pairs in which the second is better; NaN where neither way is.
    pub probability_better: f64,
    /// Variance of independent runs over that of paired ones.
    pub variance_reduction: f64,
    /// Pairs in which both have the outcome.
    pub pairs: usize,
    /// Second less first, pair by pair, where dots are to be drawn; NaN where one of the two has no such outcome.
    pub each: Vec<f64>,
}

impl Contrast {
    /// Whether any pair differs.
    pub(crate) fn differs(&self) -> bool {
        let ends = [self.mean, self.interval.0, self.interval.1];
        !self.mean.is_nan() && ends.iter().any(|end| *end != 0.0)
    }

    /// Mean and interval with the unit.
    fn told(&self) -> String {
        format!("{} {}", self.amount(), self.unit)
    }

    fn amount(&self) -> String {
        let signed = |number: f64| {
            let plus = if number > 0.0 { "+" } else { "" };
            format!("{plus}{}", phrase::short(number))
        };
        format!(
            "{} ({} to {})",
            signed(self.mean),
            signed(self.interval.0),
            signed(self.interval.1),
        )
    }
}

/// All differences between one policy and others.
#[derive(Clone, Debug, PartialEq)]
pub struct Contrasts {
    /// What the first policy is called.
    pub first: String,
    /// The outcome that the question is about.
    pub headline: String,
    /// Every outcome under every other policy.
    pub all: Vec<Contrast>,
    /// What was run.
    pub caption: String,
}

/// Colours of the other policies.
const COLOURS: [RGBColor; 6] = [VERMILLION, BLUE, GREEN, PURPLE, ORANGE, SKY];
/// Height of a lane, one for each other policy, and of the axis below the lanes of an outcome.
const LANE: f64 = 20.0;
const BELOW: f64 = 30.0;
/// Where axes begin and end.
const AXIS: (f64, f64) = (300.0, 690.0);

impl Contrasts {
    /// Those of a table of differences; `each` has the pairs of every row, where there are any to draw.
    pub fn of(
        table: &Table,
        headline: &str,
        each: Vec<Vec<f64>>,
        caption: String,
    ) -> Result<Contrasts, prodos_record::Error> {
        let (word, number) = (|name| table.words(name), |name| table.floats(name));
        let (outcomes, units) = (word("outcome")?, word("unit")?);
        let (policies, against) = (word("policy")?, word("against")?);
        let (first, second) = (number("first_mean")?, number("second_mean")?);
        let (mean, low, high) = (number("mean_difference")?, number("low")?, number("high")?);
        let better = number("probability_better")?;
        let reduction = number("variance_reduction")?;
        let pairs = number("pairs")?;
        let rows = 0..table.rows();
        let firsts: BTreeSet<&str> = rows.clone().map(|row| against.get(row)).collect();
        let one_first = firsts.len() == 1;
        let mut each = each.into_iter();
        let all = rows.map(|row| Contrast {
            outcome: outcomes.get(row).to_owned(),
            unit: units.get(row).to_owned(),
            second: if one_first {
                policies.get(row).to_owned()
            } else {
                format!("{} less {}", policies.get(row), against.get(row))
            },
            means: [first[row], second[row]],
            mean: mean[row],
            interval: (low[row], high[row]),
            probability_better: better[row],
            variance_reduction: reduction[row],
            pairs: pairs[row] as usize,
            each: each.next().unwrap_or_default(),
        });
        Ok(Contrasts {
            all: all.collect(),
            first: match firsts.first() {
                Some(first) if one_first => (*first).to_owned(),
                _ => "the first policy".to_owned(),
            },
            headline: headline.to_owned(),
            caption,
        })
    }

    /// What the other policies are called, in their order.
    fn others(&self) -> Vec<&str> {
        let mut others: Vec<&str> = Vec::new();
        for own in &self.all {
            if !others.contains(&own.second.as_str()) {
                others.push(&own.second);
            }
        }
        others
    }

    /// How the outcome that the question is about differs, for every other policy.
    pub(crate) fn headlines(&self) -> impl Iterator<Item = &Contrast> {
        self.all.iter().filter(|own| own.outcome == self.headline)
    }

    /// The finding for every other policy, each as a sentence with number, unit, interval and number of runs.
    pub fn sentences(&self) -> Vec<String> {
        self.headlines().map(|own| self.sentence(own)).collect()
    }

    fn sentence(&self, own: &Contrast) -> String {
        let [first, second] = [&self.first, &own.second].map(|name| format!("“{name}”"));
        let pairs = phrase::count(own.pairs as f64, "pair");
        let name = phrase::kind(&own.outcome);
        if own.pairs == 0 {
            return format!("No pair of runs of {second} and {first} has a number for {name}.");
        }
        if !own.differs() {
            return format!(
                "{second} and {first} do not differ in {name} in any of {pairs} of runs."
            );
        }
        let better = if own.probability_better.is_nan() {
            String::new()
        } else {
            format!(
                ", better in {} of them",
                phrase::percent(own.probability_better)
            )
        };
        format!(
            "{second} against {first} changes {name} by {} (95\u{a0}% interval), from {} to {}, in {pairs} of runs with the same draws{better}.",
            own.told(),
            phrase::short(own.means[0]),
            phrase::short(own.means[1]),
        )
    }

    /// Outcomes that differ for any policy, the headline first.
    fn different(&self) -> Vec<Vec<&Contrast>> {
        let mut outcomes: Vec<Vec<&Contrast>> = Vec::new();
        for own in &self.all {
            match outcomes
                .iter_mut()
                .find(|all| all[0].outcome == own.outcome)
            {
                Some(all) => all.push(own),
                None => outcomes.push(vec![own]),
            }
        }
        outcomes.retain(|all| all.iter().any(|own| own.differs()));
        outcomes.sort_by_key(|all| all[0].outcome != self.headline);
        outcomes
    }

    /// The colour of another policy: with several, each has its own.
    fn colour(&self, second: &str) -> RGBColor {
        let place = self.others().iter().position(|own| *own == second);
        COLOURS[place.unwrap_or(0) % COLOURS.len()]
    }

    /// A panel for each outcome that differs.
    pub fn draw(&self) -> Result<Figure, Error> {
        let different = self.different();
        let outcomes = self.headlines().count().max(1);
        let same = self.all.len() / outcomes - different.len();
        let dots = self.all.iter().any(|own| !own.each.is_empty());
        let reading = format!(
            "Each row is an outcome: another policy less {}, run by run under the same draws. {}A bar is a mean with its 95\u{a0}% bootstrap interval; \
             the upright line is zero, where nothing differs. {} the same in every pair.",
            self.first,
            if dots {
                "A small dot is a pair of runs. "
            } else {
                ""
            },
            match same {
                1 => "One outcome is".to_owned(),
                same => format!("{same} outcomes are"),
            }
        );
        let title = self.title();
        let mut draft = Draft::new("differences", title, reading);
        let mut top = draft.top + 8.0;
        let others = self.others();
        if others.len() > 1 {
            let entries: Vec<(String, RGBColor)> = others
                .iter()
                .map(|own| ((*own).to_owned(), self.colour(own)))
                .collect();
            legend(&mut draft.sheet, MARGIN, top + 6.0, &entries);
            top += 28.0;
        }
        for all in &different {
            top = self.panel(&mut draft.sheet, all, top);
        }
        draft.finish_with(&self.caption, top)
    }

    /// The finding of the policy that differs most in the headline.
    fn title(&self) -> String {
        let mut own: Vec<&Contrast> = self.headlines().collect();
        own.sort_by(|a, b| b.mean.abs().total_cmp(&a.mean.abs()));
        let told = own.first().map(|own| self.sentence(own));
        told.map_or_else(
            || format!("{} is no outcome of these runs", self.headline),
            |told| told.trim_end_matches('.').to_owned(),
        )
    }

    /// An outcome, with a lane for each other policy; gives back where it ends.
    fn panel(&self, sheet: &mut Sheet, all: &[&Contrast], top: f64) -> f64 {
        let known = |own: &Contrast| -> Vec<f64> {
            let each = own.each.iter().copied();
            each.filter(|pair| pair.is_finite()).collect()
        };
        let ends = all.iter().flat_map(|own| [own.interval.0, own.interval.1]);
        let values = all.iter().flat_map(|own| known(own)).chain(ends);
        let values = values.filter(|value| value.is_finite()).chain([0.0]);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let room = (0.05 * (high - low)).max(1e-300);
        let (low, high) = (low - room, high + room);
        let across = |value: f64| AXIS.0 + (value - low) / (high - low) * (AXIS.1 - AXIS.0);
        let base = top + LANE * all.len() as f64 + 4.0;
        sheet.line(&[(AXIS.0, base), (AXIS.1, base)], GRID, 1.0);
        let (places, step) = ticks((low, high), 4.0);
        for place in places {
            let x = across(place);
            sheet.line(&[(x, base), (x, base + 4.0)], MUTED, 0.75);
            sheet.text(x, base + 15.0, &phrase::tick(place, step), TICK.middle());
        }
        sheet.text(AXIS.1 + 18.0, base + 15.0, &all[0].unit, TICK);
        sheet.line(&[(across(0.0), top - 2.0), (across(0.0), base)], INK, 1.2);
        let named = Type::of(12.5);
        let is_headline = all[0].outcome == self.headline;
        let named = if is_headline { named.bold() } else { named };
        let name = format!("{} ({})", phrase::kind(&all[0].outcome), all[0].unit);
        let name = shorten(&name, named, AXIS.0 - 40.0);
        sheet.text(MARGIN, top + 14.0, &name, named);
        for (own, lane) in all.iter().zip(0u32..) {
            let middle = top + LANE * (f64::from(lane) + 0.5);
            for pair in known(own) {
                sheet.disc(across(pair), middle + 4.0, 1.8, GREY);
            }
            let colour = self.colour(&own.second);
            if own.interval.0.is_finite() && own.interval.1.is_finite() {
                let (from, to) = (across(own.interval.0), across(own.interval.1));
                sheet.line(&[(from, middle - 3.0), (to, middle - 3.0)], colour, 2.5);
                sheet.disc(across(own.mean), middle - 3.0, 3.6, colour);
            }
            let words = Type::of(12.0).colour(MUTED);
            sheet.text(AXIS.1 + 18.0, middle + 2.0, &own.amount(), words);
        }
        base + BELOW
    }

    /// The table of every outcome under every other policy.
    pub(crate) fn section(&self) -> String {
        let row = |own: &Contrast| {
            let number = phrase::short;
            format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{} to {}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                escape(&phrase::kind(&own.outcome)),
                escape(&own.unit),
                escape(&own.second),
                number(own.means[0]),
                number(own.means[1]),
                number(own.mean),
                number(own.interval.0),
                number(own.interval.1),
                number(own.probability_better),
                number(own.variance_reduction),
                own.pairs
            )
        };
        format!(
            "<section id=\"differences-table\"><p class=\"topic\">Differences</p><h2>Every outcome against {}</h2>\n<p class=\"reading\">Differences are of runs with the \
             same draws; positive where the other policy has more. Variance reduction is how many times the variance of the difference would be as large \
             with independent draws.</p><div class=\"scroll\"><table class=\"differences\"><thead><tr><th>outcome</th><th>unit</th><th>policy</th><th>mean of {}</th><th>mean</th><th>difference</th><th>95 % interval</th>\
             <th>probability better</th><th>variance reduction</th><th>pairs</th></tr></thead><tbody>\n{}</tbody></table></div></section>\n",
            escape(&self.first),
            escape(&self.first),
            each(self.all.iter(), row)
        )
    }

    /// The page: the sentence, the figure, and every outcome in a table.
    fn page(&self, drawn: &Figure) -> String {
        let title = format!("{} against {}", self.others().join(", "), self.first);
        let told = each(&self.sentences(), |own| format!("<p>{}</p>", escape(own)));
        let header = format!(
            "<p class=\"kicker\">Production OS · comparison</p>\n<h1>{}</h1>\n<div class=\"brief\">{told}</div>\n",
            escape(&title)
        );
        let sections = format!("{}{}", figure(drawn, "Differences"), self.section());
        document(&escape(&title), &header, &sections, &self.caption)
    }

    /// Writes figure and page into a folder.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let figure = self.draw()?;
        let plots = folder.join("plots");
        let pixels = crate::pixels::figure_png(figure.name, &figure.svg)?;
        let page = self.page(&figure).into_bytes();
        let files = [
            (plots.join("differences.svg"), figure.svg.into_bytes()),
            (plots.join("differences.png"), pixels),
            (folder.join("report.html"), page),
        ];
        for (path, bytes) in files {
            write_whole(&path, |out| out.write_all(&bytes))?;
        }
        Ok(())
    }
}
