//! Numbers that sentences and titles state.
//!
//! The summary has them from every day of a run, so it is asked first, and page and table cannot
//! disagree. What it does not hold is worked out from rows, if there is one for every day; rows farther
//! apart would date things by weeks too late.

use crate::facts::{last, lowest, monthly_mean};
use crate::phrase;
use crate::story::{Story, quantile};

/// One number a run, of the runs that have it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    values: Vec<f64>,
    runs: usize,
}

impl Finding {
    /// How many runs have it.
    pub(crate) fn known(&self) -> usize {
        self.values.len()
    }

    /// A quantile over the runs that have it; none if no run has.
    pub(crate) fn quantile(&self, share: f64) -> Option<f64> {
        (!self.values.is_empty()).then(|| quantile(&mut self.values.clone(), share))
    }

    /// The median over the runs that have it.
    pub(crate) fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// `median of 20 runs`, or `median of 7 of 20 runs`; nothing where there is one run.
    pub(crate) fn of_runs(&self) -> String {
        match (self.known(), self.runs) {
            (_, 1) => String::new(),
            (known, runs) if known == runs => format!("median of {runs}\u{a0}runs"),
            (known, runs) => format!("median of {known} of {runs}\u{a0}runs"),
        }
    }

    /// The same in brackets after a space.
    pub(crate) fn aside(&self) -> String {
        match self.of_runs() {
            words if words.is_empty() => words,
            words => format!(" ({words})"),
        }
    }

    /// ` in 2 of 90 runs`, of days that are listed and do not say it; nothing where every run has it.
    pub(crate) fn in_runs(&self) -> String {
        if self.known() > FEW || self.known() == self.runs {
            return String::new();
        }
        format!(" in {} of {}\u{a0}runs", self.known(), self.runs)
    }

    /// How the runs that have it spread, each number written by `word`: the middle 90 % of at least twenty
    /// runs, the range of fewer; none where there is one.
    pub(crate) fn spread(&self, word: impl Fn(f64) -> String) -> Option<String> {
        let (name, ends) = match self.known() {
            0 | 1 => return None,
            2..20 => ("range", (0.0, 1.0)),
            _ => ("5–95\u{a0}% band", (0.05, 0.95)),
        };
        let (low, high) = (self.quantile(ends.0)?, self.quantile(ends.1)?);
        Some(format!("{name} {} to {}", word(low), word(high)))
    }

    /// Its days in words: each of a few, else the median with its date and how they spread; none if no run has it.
    pub(crate) fn day(&self, story: &Story) -> Option<String> {
        let mut days = self.values.clone();
        days.sort_by(f64::total_cmp);
        let several = self.runs > 1;
        match days.as_slice() {
            [] => None,
            [only] => Some(phrase::day(story, *only)),
            [most @ .., last] if several && days.len() <= FEW => {
                let most: Vec<String> = most.iter().map(|&day| phrase::grouped(day)).collect();
                Some(format!(
                    "days\u{a0}{} and {}",
                    most.join(", "),
                    phrase::grouped(*last)
                ))
            }
            _ => {
                let day = phrase::day(story, self.median()?);
                let spread = self.spread(phrase::grouped)?;
                let aside = format!("{}, {spread}", self.of_runs());
                Some(match day.strip_suffix(')') {
                    Some(open) => format!("{open}; {aside})"),
                    None => format!("{day} ({aside})"),
                })
            }
        }
    }
}

/// Days that are listed rather than summed up, at most.
const FEW: usize = 5;

/// 95 % interval of a probability of which `known` of `runs` runs are a sample.
///
/// (p + z²/2n ± z sqrt(p (1 - p)/n + z²/4n²)) / (1 + z²/n)     p share seen · n runs · z 1.96
/// Source: Wilson 1927, score interval; it holds for few runs and shares near 0 and 1.
pub(crate) fn wilson(known: usize, runs: usize) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    let (n, z2) = (runs as f64, Z * Z);
    let share = known as f64 / n;
    let middle = share + z2 / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    (
        ((middle - spread) / scale).max(0.0),
        ((middle + spread) / scale).min(1.0),
    )
}

/// Lowest 28-day output over output at rest.
pub(crate) fn output_low(story: &Story) -> Option<Finding> {
    stated(story, "output_min", |run| {
        lowest(&story.days, &monthly_output(story, run), 1.0).map(|(_, low)| low)
    })
}

/// Output over output at rest, mean of the last 28 days.
pub(crate) fn output_end(story: &Story) -> Option<Finding> {
    stated(story, "output_final", |run| {
        last(&monthly_output(story, run))
    })
}

/// First day of the city in phase 0.
pub(crate) fn breakdown(story: &Story) -> Option<Finding> {
    stated(story, "phase_0_first_day", |run| {
        first(story, run, "phase", |phase| phase == 0.0)
    })
}

/// A run that breaks down, where the one that is shown does not.
pub(crate) fn another_broken(story: &Story) -> Option<i64> {
    let broke = |run: i64| story.outcome_of(run, "phase_0_first_day").is_some();
    if broke(story.chosen) {
        return None;
    }
    story.runs.iter().copied().find(|&run| broke(run))
}

/// First day on which the margin is below zero.
pub(crate) fn margin_negative(story: &Story) -> Option<Finding> {
    stated(story, "margin_negative_first_day", |run| {
        first(story, run, "margin", |margin| margin < 0.0)
    })
}

/// Least margin.
pub(crate) fn margin_low(story: &Story) -> Option<Finding> {
    stated(story, "margin_min", |run| {
        extreme(story, run, "margin", 1.0)
    })
}

/// Margin on the last day.
pub(crate) fn margin_end(story: &Story) -> Option<Finding> {
    stated(story, "margin_final", |run| {
        story.city.run(run, "margin").and_then(last)
    })
}

/// First day of four weeks on end with an old repair backlog; only the summary knows what is old.
pub(crate) fn chronic_backlog(story: &Story) -> Option<Finding> {
    Some(Finding {
        values: story.outcomes("chronic_backlog_first_day")?,
        runs: story.runs.len(),
    })
}

/// Oldest repair backlog, in days of capacity.
pub(crate) fn backlog_peak(story: &Story) -> Option<Finding> {
    stated(story, "backlog_age_max", |run| {
        extreme(story, run, "backlog_age", -1.0)
    })
}

/// Mean offered repair load.
pub(crate) fn offered_load(story: &Story) -> Option<Finding> {
    stated(story, "offered_load_mean", |run| {
        let load = story.city.run(run, "offered_load")?;
        let known: Vec<f64> = load
            .iter()
            .copied()
            .filter(|value| value.is_finite())
            .collect();
        Some(known.iter().sum::<f64>() / known.len() as f64)
    })
}

/// Days of the city in phase 3.
pub(crate) fn stable_days(story: &Story) -> Option<Finding> {
    stated(story, "city_days_phase_3", |run| {
        let phases = story.city.run(run, "phase")?;
        Some(phases.iter().filter(|&&phase| phase == 3.0).count() as f64)
    })
}

/// From the summary, or else from rows of every day; none if neither can tell.
fn stated(
    story: &Story,
    column: &str,
    from_rows: impl Fn(usize) -> Option<f64>,
) -> Option<Finding> {
    let runs = story.runs.len();
    let values = match story.outcomes(column) {
        Some(values) => values,
        None if story.is_daily() => (0..runs).filter_map(from_rows).collect(),
        None => return None,
    };
    Some(Finding { values, runs })
}

fn monthly_output(story: &Story, run: usize) -> Vec<f64> {
    let output = story.city.run(run, "output_relative").unwrap_or(&[]);
    monthly_mean(&story.days, output)
}

fn first(story: &Story, run: usize, column: &str, is_so: impl Fn(f64) -> bool) -> Option<f64> {
    let values = story.city.run(run, column)?;
    let mut rows = story.days.iter().zip(values);
    rows.find(|(_, value)| is_so(**value)).map(|(&day, _)| day)
}

fn extreme(story: &Story, run: usize, column: &str, sign: f64) -> Option<f64> {
    lowest(&story.days, story.city.run(run, column)?, sign).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::Finding;

    #[test]
    fn a_median_says_of_how_many_runs_it_is() {
        let finding = |values: &[f64], runs| Finding {
            values: values.to_vec(),
            runs,
        };
        assert_eq!(finding(&[1.0], 1).of_runs(), "");
        assert_eq!(finding(&[3.0, 1.0], 2).of_runs(), "median of 2\u{a0}runs");
        assert_eq!(
            finding(&[3.0, 1.0], 5).of_runs(),
            "median of 2 of 5\u{a0}runs"
        );
        assert_eq!(finding(&[3.0, 1.0], 5).median(), Some(2.0));
        assert_eq!(finding(&[], 5).median(), None);
        assert_eq!(finding(&[1.0], 90).in_runs(), " in 1 of 90\u{a0}runs");
        assert_eq!(
            finding(&[4.0, 1.0, 2.0], 90).in_runs(),
            " in 3 of 90\u{a0}runs"
        );
        assert_eq!(
            finding(&[1.0; 6], 90).in_runs(),
            "",
            "its day says median of 6 of 90"
        );
        assert_eq!(finding(&[1.0; 3], 3).in_runs(), "");
        let spread = |values: &[f64]| finding(values, 90).spread(|value| format!("{value}"));
        assert_eq!(spread(&[1.0]), None);
        assert_eq!(spread(&[3.0, 7.0, 4.0]).as_deref(), Some("range 3 to 7"));
        let many: Vec<f64> = (0..=20).map(f64::from).collect();
        assert_eq!(spread(&many).as_deref(), Some("5–95\u{a0}% band 1 to 19"));
    }

    /// statsmodels 0.15, proportion_confint(k, n, method="wilson").
    #[test]
    fn the_interval_of_a_share_is_wilsons() {
        for (known, runs, low, high) in [
            (0, 8, 0.0, 0.324_407_6),
            (16, 800, 0.012_347_6, 0.032_240_1),
            (3, 3, 0.438_502_97, 1.0),
        ] {
            let found = super::wilson(known, runs);
            assert!(
                (found.0 - low).abs() < 1e-6 && (found.1 - high).abs() < 1e-6,
                "{found:?}"
            );
        }
    }
}
