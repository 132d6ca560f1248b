//! Early warnings: five indicators, each watched by a cumulative sum.

use prodos_quantity::params;

params! {
    /// Alarms.
    pub struct Warnings / WarningsPatch in "warnings" {
        /// Days at the start from which each indicator's usual level and spread are taken.
        reference: Days = 180.0, range 10.0..=3650.0, typical 90.0..=365.0, Fixed, "assumption";
        /// Drift allowed before the cumulative sum grows, in standard deviations.
        allowance: Ratio = 1.0, range 0.0..=10.0, typical 0.25..=1.0, Fixed, "Page 1954, cumulative sum chart";
        /// Height of the cumulative sum that gives an alarm, in standard deviations.
        height: Ratio = 60.0, range 0.1..=10000.0, typical 4.0..=100.0, Fixed, "assumption, high because daily readings are smoothed and so correlated";
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

/// A cumulative sum over each indicator, against its own early days.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watch {
    days: f64,
    mean: [f64; 5],
    square: [f64; 5],
    sum: [f64; 5],
    rang: [bool; 5],
}

impl Watch {
    /// Takes in today's indicators and names those that now give alarm.
    ///
    /// S = max(0, S + (x - mean)/sd - allowance), alarm when S passes the height; in daily steps.
    /// Source: Page 1954, continuous inspection schemes.
    pub fn look(&mut self, values: [f64; 5], rules: &Warnings, dt: f64) -> Vec<(usize, f64)> {
        let mut alarms = Vec::new();
        let learning = self.days < rules.reference.0;
        self.days += dt;
        for k in 0..5 {
            if learning {
                let weight = dt / self.days;
                self.mean[k] += (values[k] - self.mean[k]) * weight;
                self.square[k] += (values[k] * values[k] - self.square[k]) * weight;
                continue;
            }
            let spread =
                libm::sqrt((self.square[k] - self.mean[k] * self.mean[k]).max(1e-12)).max(1e-4);
            let away = (values[k] - self.mean[k]) / spread - rules.allowance.0;
            self.sum[k] = (self.sum[k] + away * dt).clamp(0.0, 2.0 * rules.height.0);
            let rings = self.sum[k] > rules.height.0;
            if rings && !self.rang[k] {
                alarms.push((k, values[k]));
            }
            self.rang[k] = rings || (self.rang[k] && self.sum[k] > 0.0);
        }
        alarms
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
            let draw = Keys::new(1, 0).at(Stream::Unused, day.into());
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
        // It climbs by shift - allowance = 3 a day: the height of 60 takes some 20 days.
        let alarms = watched(4.0, 1000);
        assert_eq!(alarms.len(), 1, "{alarms:?}");
        let (day, indicator) = alarms[0];
        assert_eq!(indicator, 2);
        assert!((410..435).contains(&day), "{day}");
    }
}
