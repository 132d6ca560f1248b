//! Early warnings: five indicators, each against the line of its own quiet time.
//!
//! The line is the mean plus some standard deviations of the first days (a Shewhart chart with a run
//! rule). An alarm sounds when an indicator has stayed above its line for a while, so that it is known
//! on the day it is dated, with nothing from the future in it.

use prodos_quantity::params;
use serde::{Deserialize, Serialize};

params! {
    /// Alarms.
    pub struct Warnings / WarningsPatch in "warnings" {
        /// Days at the start from which each indicator's usual level and spread are taken.
        reference: Days = 180.0, range 10.0..=3650.0, typical 90.0..=365.0, Convention, "assumption";
        /// Height of the line above the usual level, in standard deviations.
        deviations: Ratio = 3.0, range 0.0..=100.0, typical 2.0..=4.0, Convention, "Shewhart 1931, three-sigma limits";
        /// Least height of the line above the usual level, so that a steady indicator does not warn of dust.
        floor: Share = 0.003, range 0.0..=1.0, typical 0.0..=0.01, Convention, "assumption; not calibrated";
        /// Days for which an indicator must stay above its line before the alarm sounds.
        lasting: Days = 14.0, range 1.0..=365.0, typical 7.0..=28.0, Convention, "assumption; not calibrated";
    }
}

/// The five indicators, in order.
pub const INDICATORS: [&str; 5] = [
    "defect rate",
    "downtime",
    "delayed maintenance",
    "churn",
    "shortage",
];

/// What is known of each indicator so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// Days learnt from so far.
    days: f64,
    /// Usual level of each indicator.
    mean: [f64; 5],
    /// Mean square of each, for its spread.
    square: [f64; 5],
    /// Line of each, once learnt.
    lines: Option<[f64; 5]>,
    /// Days for which each has been above its line.
    above: [f64; 5],
}

impl Watch {
    /// The line of each indicator; NaN while its usual level is being learnt.
    pub fn lines(&self) -> [f64; 5] {
        self.lines.unwrap_or([f64::NAN; 5])
    }

    /// Takes in today's indicators and names those whose alarm sounds today.
    ///
    /// line = mean + max(k sd, floor); an alarm sounds when the indicator has been above its line for
    /// the lasting days, and again only after it has been below.
    /// Source: Shewhart 1931, control charts.
    pub fn look(&mut self, values: [f64; 5], rules: &Warnings, dt: f64) -> Vec<(usize, f64)> {
        let mut alarms = Vec::new();
        if self.days < rules.reference.0 {
            self.learn(values, dt);
            return alarms;
        }
        let lines = *self.lines.get_or_insert_with(|| {
            std::array::from_fn(|k| {
                let spread = libm::sqrt((self.square[k] - self.mean[k] * self.mean[k]).max(0.0));
                self.mean[k] + (rules.deviations.0 * spread).max(rules.floor.0)
            })
        });
        for (k, value) in values.into_iter().enumerate() {
            let before = self.above[k];
            self.above[k] = if value > lines[k] { before + dt } else { 0.0 };
            let lasting = rules.lasting.0 - 1e-9;
            if before < lasting && self.above[k] >= lasting {
                alarms.push((k, value));
            }
        }
        alarms
    }

    fn learn(&mut self, values: [f64; 5], dt: f64) {
        self.days += dt;
        let weight = dt / self.days;
        for (k, value) in values.into_iter().enumerate() {
            self.mean[k] += (value - self.mean[k]) * weight;
            self.square[k] += (value * value - self.square[k]) * weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Warnings, Watch};
    use crate::keyed::{Keys, Stream};
    use crate::maths;

    /// Independent readings of five indicators, the third shifted by some standard deviations from day 400.
    fn watched(shift: f64, days: u32) -> Vec<(u32, usize)> {
        let rules = Warnings::default();
        let mut watch = Watch::default();
        let mut alarms = Vec::new();
        for day in 0..days {
            let draw = Keys::new(1, 0).at(Stream::Reference, day.into());
            let noise = |k: u64| maths::normal(draw.word(2 * k), draw.word(2 * k + 1));
            let mut values = [0, 1, 2, 3, 4].map(|k| 0.5 + 0.1 * noise(k));
            if day >= 400 {
                values[2] += 0.1 * shift;
            }
            for (k, _) in watch.look(values, &rules, 1.0) {
                alarms.push((day, k));
            }
        }
        alarms
    }

    #[test]
    fn a_series_that_stays_as_it_is_never_gives_alarm() {
        assert_eq!(watched(0.0, 4000), []);
    }

    #[test]
    fn a_shifted_series_gives_one_alarm_of_its_own_indicator() {
        let alarms = watched(8.0, 1000);
        assert_eq!(alarms.len(), 1, "{alarms:?}");
        let (day, indicator) = alarms[0];
        assert_eq!(indicator, 2);
        assert!((413..425).contains(&day), "{day}");
    }
}
