//! A series as it goes by, and what is asked of it.

use super::reference::series::kendall;

/// Which statistic of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Sum,
    Mean,
    Deviation,
    Memory,
    Least,
    Most,
    Last,
    First,
    At(f64),
    VarianceTrend(usize),
    MemoryTrend(usize),
}

impl Kind {
    /// Ticks of a window, for statistics of windows.
    fn window(self) -> Option<usize> {
        match self {
            Kind::VarianceTrend(ticks) | Kind::MemoryTrend(ticks) => Some(ticks),
            _ => None,
        }
    }
}

/// Days that are nearer to each other are the same: ticks are no shorter than seconds.
pub(crate) const SAME_DAY: f64 = 1e-6;

/// A series as it goes by.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    ticks: f64,
    sum: f64,
    /// The first value: what is squared is off from it, so that a series that does not vary has no variance at all.
    ground: f64,
    off: f64,
    squares: f64,
    /// Pairs of a tick with the one before, and the sum of their products.
    pairs: f64,
    products: f64,
    before: f64,
    least: f64,
    most: f64,
    last: f64,
    at: f64,
    first: f64,
    window: Vec<f64>,
    windows: Vec<f64>,
}

impl Series {
    /// Nothing has gone by.
    pub(crate) const EMPTY: Series = Series {
        ticks: 0.0,
        sum: 0.0,
        ground: 0.0,
        off: 0.0,
        squares: 0.0,
        pairs: 0.0,
        products: 0.0,
        before: f64::NAN,
        least: f64::INFINITY,
        most: f64::NEG_INFINITY,
        last: f64::NAN,
        at: f64::NAN,
        first: f64::NAN,
        window: Vec::new(),
        windows: Vec::new(),
    };

    /// Takes in a value; one that does not exist is left out.
    pub(crate) fn take(&mut self, value: f64, day: f64, kind: Kind) {
        if value.is_nan() {
            self.before = f64::NAN;
            return;
        }
        if self.ticks == 0.0 {
            self.ground = value;
        }
        let off = value - self.ground;
        if !self.before.is_nan() {
            self.pairs += 1.0;
            self.products += off * self.before;
        }
        self.before = off;
        self.ticks += 1.0;
        self.sum += value;
        self.off += off;
        self.squares += off * off;
        self.least = self.least.min(value);
        self.most = self.most.max(value);
        self.last = value;
        if matches!(kind, Kind::At(wanted) if (wanted - day).abs() < SAME_DAY) {
            self.at = value;
        }
        if self.first.is_nan() && value != 0.0 {
            self.first = day;
        }
        if let Some(ticks) = kind.window() {
            self.window.push(value);
            if self.window.len() == ticks {
                let [variance, memory] = around_its_line(&self.window);
                let own = if matches!(kind, Kind::VarianceTrend(_)) {
                    variance
                } else {
                    memory
                };
                self.windows.push(own);
                self.window.clear();
            }
        }
    }

    /// What is asked of all that went by; NaN where it does not exist.
    pub(crate) fn value(&self, kind: Kind) -> f64 {
        let off = self.off / self.ticks;
        let variance = self.squares / self.ticks - off * off;
        let seen = |value: f64| if self.ticks > 0.0 { value } else { f64::NAN };
        match kind {
            Kind::Sum => seen(self.sum),
            Kind::Mean => self.sum / self.ticks,
            Kind::Deviation => variance.max(0.0).sqrt(),
            Kind::Memory => (self.products / self.pairs - off * off) / variance,
            Kind::Least => seen(self.least),
            Kind::Most => seen(self.most),
            Kind::Last => self.last,
            Kind::At(_) => self.at,
            Kind::First => self.first,
            Kind::VarianceTrend(_) | Kind::MemoryTrend(_) => {
                let places: Vec<f64> = (0..self.windows.len()).map(|k| k as f64).collect();
                kendall(&places, &self.windows)
            }
        }
    }
}

/// Variance of a series around its straight line, and correlation of its rests with those before.
///
/// Source: least squares; Dakos et al. 2012 (detrended windows).
fn around_its_line(values: &[f64]) -> [f64; 2] {
    let n = values.len() as f64;
    let middle = (n - 1.0) / 2.0;
    let mean = values.iter().sum::<f64>() / n;
    let place = |k: usize| k as f64 - middle;
    let spread: f64 = (0..values.len()).map(|k| place(k) * place(k)).sum();
    let pull: f64 = values
        .iter()
        .enumerate()
        .map(|(k, value)| place(k) * (value - mean))
        .sum();
    let slope = if spread > 0.0 { pull / spread } else { 0.0 };
    let rests: Vec<f64> = values
        .iter()
        .enumerate()
        .map(|(k, value)| value - mean - slope * place(k))
        .collect();
    let squares: f64 = rests.iter().map(|rest| rest * rest).sum();
    let products: f64 = rests.windows(2).map(|pair| pair[0] * pair[1]).sum();
    [squares / n, products / squares]
}

#[cfg(test)]
mod tests {
    use super::{Kind, Series, around_its_line};

    fn of(values: &[f64], kind: Kind) -> f64 {
        let mut series = Series::EMPTY;
        for (day, &value) in values.iter().enumerate() {
            series.take(value, day as f64, kind);
        }
        series.value(kind)
    }

    #[test]
    fn statistics_of_a_short_series_are_those_of_the_hand() {
        let values = [0.0, 3.0, f64::NAN, 1.0, 4.0];
        for (kind, expected) in [
            (Kind::Sum, 8.0),
            (Kind::Mean, 2.0),
            (Kind::Deviation, 2.5f64.sqrt()),
            // (0 x 3 + 1 x 4) / 2 less 4, over 2.5: no pair goes over what is missing.
            (Kind::Memory, (2.0 - 4.0) / 2.5),
            (Kind::Least, 0.0),
            (Kind::Most, 4.0),
            (Kind::Last, 4.0),
            (Kind::First, 1.0),
            (Kind::At(3.0), 1.0),
            (Kind::At(2.999_999_999_7), 1.0),
        ] {
            assert!((of(&values, kind) - expected).abs() < 1e-12, "{kind:?}");
        }
        assert!(of(&values, Kind::At(2.5)).is_nan());
        assert!(of(&[], Kind::Least).is_nan());
        assert!(of(&[f64::NAN], Kind::Sum).is_nan());
        assert!(of(&[0.0], Kind::First).is_nan());
        assert_eq!(of(&[0.1; 7], Kind::Deviation), 0.0);
        assert!(of(&[0.1; 7], Kind::Memory).is_nan());
    }

    #[test]
    fn a_straight_line_is_no_variance_and_a_growing_swing_is_a_trend() {
        let [variance, _] = around_its_line(&[1.0, 3.0, 5.0, 7.0]);
        assert!(variance < 1e-24);
        let swing: Vec<f64> = (0..40)
            .map(|k| f64::from(k / 10 + 1) * if k % 2 == 0 { 1.0 } else { -1.0 })
            .collect();
        assert_eq!(of(&swing, Kind::VarianceTrend(10)), 1.0);
        let calmer: Vec<f64> = swing.iter().rev().copied().collect();
        assert_eq!(of(&calmer, Kind::VarianceTrend(10)), -1.0);
        // From window to window of twelve values the sign stays for longer: for 1, 2 and 3 of them.
        let slower: Vec<f64> = [1, 2, 3]
            .iter()
            .flat_map(|spell| (0..12).map(move |k| if k / spell % 2 == 0 { 1.0 } else { -1.0 }))
            .collect();
        assert_eq!(of(&slower, Kind::MemoryTrend(12)), 1.0);
        let [_, memory] = around_its_line(&[1.0, -1.0, 1.0, -1.0, 1.0]);
        assert!((memory + 0.8).abs() < 1e-12, "{memory}");
    }
}
