//! A tornado: how far an outcome moves when one number at a time goes to either end of its range.

use crate::Error;
use crate::colour::{BLUE, GRID, INK, MUTED, VERMILLION};
use crate::figure::{Draft, Figure};
use crate::panel::{TICK, ticks};
use crate::phrase;
use crate::sheet::{Type, WIDTH, shorten};

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Tornado<'a> {
    /// The finding, as a sentence.
    pub title: String,
    /// The outcome with its unit, under the axis.
    pub outcome: &'a str,
    /// The outcome of each run with all numbers as they are; the first has the draws of the bars.
    pub usual: Vec<f64>,
    /// One number each, from the top.
    pub bars: Vec<Bar>,
    /// What was run.
    pub caption: String,
}

/// The outcome at both ends of the range of a number; NaN where it could not be run.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Name of the number.
    pub name: String,
    /// Low and high end of its range, in words.
    pub ends: [String; 2],
    /// Outcome at the low and the high end.
    pub outcomes: [f64; 2],
}

/// Height of a bar and the space to the next.
const ROW: f64 = 26.0;
/// Where the axis begins and ends.
const AXIS: (f64, f64) = (430.0, WIDTH - 40.0);
/// Colours of low and high end.
const ENDS: [plotters::style::RGBColor; 2] = [BLUE, VERMILLION];

impl Tornado<'_> {
    /// Draws it.
    pub fn draw(self) -> Result<Figure, Error> {
        let reading = format!(
            "Each number alone at the low end of its range (blue disc) and at the high end (orange ring), all others as shipped. \
             Line: all as shipped, with the same draws. Grey: from the least to the most of {} with all as shipped, which differ by chance alone.",
            phrase::count(self.usual.len() as f64, "run")
        );
        let (low, high) = self.range();
        let across = |outcome: f64| {
            let share = (outcome - low) / (high - low);
            AXIS.0 + share * (AXIS.1 - AXIS.0)
        };
        let mut draft = Draft::new("tornado", self.title.clone(), reading);
        let top = draft.top + 6.0;
        let bottom = top + ROW * self.bars.len() as f64;
        let sheet = &mut draft.sheet;
        let (places, step) = ticks((low, high), 6.0);
        for place in places {
            let x = across(place);
            sheet.line(&[(x, top), (x, bottom)], GRID, 0.75);
            sheet.text(x, bottom + 18.0, &phrase::tick(place, step), TICK.middle());
        }
        let (least, most) = bounds(&self.usual);
        let (from, to) = (across(least), across(most));
        sheet.rectangle(from, top, to - from, bottom - top, INK, 0.12);
        let own = self.usual.first().copied().unwrap_or(f64::NAN);
        sheet.line(&[(across(own), top), (across(own), bottom)], MUTED, 1.0);
        for (bar, row) in self.bars.iter().zip(0u32..) {
            let middle = top + ROW * (f64::from(row) + 0.5);
            let name = shorten(&bar.name, Type::of(13.0), 240.0);
            sheet.text(24.0, middle + 4.5, &name, Type::of(13.0));
            let [low_end, high_end] = &bar.ends;
            let ends = format!("{low_end} to {high_end}");
            sheet.text(AXIS.0 - 14.0, middle + 4.5, &ends, TICK.end());
            let ran = bar.outcomes.iter().copied().filter(|own| own.is_finite());
            let (from, to) = bounds(&ran.chain([own]).collect::<Vec<_>>());
            sheet.line(&[(across(from), middle), (across(to), middle)], MUTED, 2.0);
            if bar.outcomes[0].is_finite() {
                sheet.disc(across(bar.outcomes[0]), middle, 5.0, ENDS[0]);
            }
            if bar.outcomes[1].is_finite() {
                sheet.ring(across(bar.outcomes[1]), middle, 5.0, ENDS[1]);
            }
        }
        sheet.line(&[(AXIS.0, bottom), (AXIS.1, bottom)], MUTED, 1.0);
        let words = Type::of(12.0).colour(MUTED).middle();
        sheet.text(
            f64::midpoint(AXIS.0, AXIS.1),
            bottom + 38.0,
            self.outcome,
            words,
        );
        draft.finish_with(&self.caption, bottom + 44.0)
    }

    /// From the least to the most of what is drawn, and a little more.
    fn range(&self) -> (f64, f64) {
        let bars = self.bars.iter().flat_map(|bar| bar.outcomes);
        let all: Vec<f64> = bars.chain(self.usual.iter().copied()).collect();
        let (low, high) = bounds(&all);
        let more = (0.04 * (high - low)).max(1e-9);
        (low - more, high + more)
    }
}

fn bounds(values: &[f64]) -> (f64, f64) {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

#[cfg(test)]
mod tests {
    use super::{Bar, Tornado};

    #[test]
    fn each_end_that_ran_has_a_mark() {
        let bar = |name: &str, outcomes| Bar {
            name: name.to_owned(),
            ends: ["0.5".to_owned(), "1 share".to_owned()],
            outcomes,
        };
        let figure = Tornado {
            title: "Output rests on <trade>".to_owned(),
            outcome: "mean output over output at rest",
            usual: vec![0.99, 1.0],
            bars: vec![
                bar("staff.stay_in_trade", [0.7, 1.0]),
                bar("wear.scale", [f64::NAN, 1.0]),
            ],
            caption: "uk-baseline".to_owned(),
        };
        let figure = figure.draw().expect("it can be drawn");
        assert_eq!(figure.svg.matches("<circle").count(), 3);
        assert!(figure.svg.contains("Output rests on &lt;trade&gt;"));
        assert!(figure.svg.contains("wear.scale") && figure.svg.contains("0.5 to 1 share"));
    }
}
