//! Kernels of series.

use super::{Kernel, Shape, count, named, number, several};
use crate::verification::reference::series;

pub(super) const KENDALL: Kernel = Kernel {
    name: "kendall",
    doc: "Rank correlation of a list with another, or with its places.",
    source: "Kendall 1938, 1945, with ties (tau-b)",
    needs: &[
        several("values", Shape::List, "Numbers.", (-1e300, 1e300)),
        several(
            "against",
            Shape::ListOrPlaces,
            "Numbers to compare them with.",
            (-1e300, 1e300),
        ),
    ],
    gives: &[("tau", "rank correlation; NaN if one list is all ties")],
    chance: false,
    run: |values, _| {
        let own = values.list("values");
        let places: Vec<f64> = (1..=own.len()).map(|place| place as f64).collect();
        let against = match values.list("against") {
            [] => &places,
            list => list,
        };
        if against.len() != own.len() {
            return Err(format!(
                "`against` has {} numbers, but must have {}, as `values` has",
                against.len(),
                own.len()
            ));
        }
        Ok(named([("tau", series::kendall(own, against))]))
    },
};

pub(super) const KENDALL_BY_CHANCE: Kernel = Kernel {
    name: "kendall_by_chance",
    doc: "How often the rank correlation of numbers in any order with their places is above a value.",
    source: "Kendall 1938, exact law of tau",
    needs: &[
        count(
            "numbers",
            "numbers",
            "How many numbers there are.",
            (2.0, 200.0),
        ),
        number(
            "above",
            "ratio",
            "Rank correlation that is exceeded.",
            (-1.0, 1.0),
        ),
    ],
    gives: &[("share", "share of all orders")],
    chance: false,
    run: |values, _| {
        let share = series::kendall_above(values.count("numbers"), values.number("above"));
        Ok(named([("share", share)]))
    },
};

pub(super) const AUTOREGRESSION: Kernel = Kernel {
    name: "autoregression",
    doc: "Variance and memory of a drawn series that remembers.",
    source: "Yule 1927",
    needs: &[
        number(
            "memory",
            "ratio",
            "Share of the last value that stays.",
            (-0.999, 0.999),
        ),
        number(
            "spread",
            "level",
            "Standard deviation of the shocks.",
            (1e-6, 1e6),
        )
        .or(1.0),
        count("length", "readings", "Length of the series.", (3.0, 1e6)),
    ],
    gives: &[
        ("variance", "variance"),
        ("memory", "correlation with the next reading"),
    ],
    chance: true,
    run: |values, keys| {
        let (memory, spread) = (values.number("memory"), values.number("spread"));
        let (variance, memory) = series::remembering(memory, spread, values.count("length"), keys);
        Ok(named([("variance", variance), ("memory", memory)]))
    },
};

pub(super) const FOLD: Kernel = Kernel {
    name: "fold",
    doc: "Return to rest near a fold, dx = (distance - x^2) dt: slower, the nearer it is.",
    source: "Scheffer et al. 2009, critical slowing down",
    needs: &[
        number("distance", "ratio", "Distance to the fold.", (0.0, 1e6)),
        number("step", "days", "Days between readings.", (0.0, 1e6)).or(1.0),
        number("noise", "level", "Noise of a day.", (1e-6, 1e6)).or(1.0),
    ],
    gives: &[
        ("memory", "correlation with the next reading"),
        (
            "variance",
            "variance under that noise; infinite at the fold",
        ),
        ("rate", "rate of return a day"),
    ],
    chance: false,
    run: |values, _| {
        let fold = series::fold(
            values.number("distance"),
            values.number("step"),
            values.number("noise"),
        );
        Ok(named([
            ("memory", fold.memory),
            ("variance", fold.variance),
            ("rate", fold.rate),
        ]))
    },
};

#[cfg(test)]
mod tests {
    use crate::verification::kernels::tests::{given, meets, meets_by_chance, refusal};

    #[test]
    fn v51_order_is_counted_with_ties() {
        let one = [1.0, 3.0, 2.0, 4.0, 6.0, 5.0, 8.0, 7.0, 9.0, 10.0];
        meets("kendall", given![values: one], &[("tau", "0.866667")]);
        let other = [2.0, 1.0, 4.0, 3.0, 6.0, 5.0, 8.0, 7.0];
        meets("kendall", given![values: other], &[("tau", "0.714286")]);
        meets(
            "kendall",
            given![values: [1.0, 2.0, 2.0, 3.0, 3.0, 4.0]],
            &[("tau", "0.930949")],
        );
        // kendalltau, scipy 1.17; ties in both lists.
        let values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0, 5.0];
        let against = [2.0, 7.0, 1.0, 8.0, 2.0, 8.0, 1.0, 8.0, 2.0, 8.0, 4.0];
        meets(
            "kendall",
            given![values: values, against: against],
            &[("tau", "0.147572957475")],
        );
        meets(
            "kendall",
            given![values: [2.0, 2.0, 2.0]],
            &[("tau", "NaN")],
        );
        let uneven = given![values: [1.0, 2.0], against: [1.0]];
        assert_eq!(
            refusal("kendall", uneven),
            "`against` has 1 numbers, but must have 2, as `values` has"
        );
    }

    #[test]
    fn v52_memory_grows_towards_a_fold() {
        for (distance, memory) in [(1.0, "0.135335"), (0.25, "0.367879"), (0.04, "0.670320")] {
            meets("fold", given![distance: distance], &[("memory", memory)]);
        }
        // e^(-2 sqrt(0.3) 0.5) and 0.7^2 / (4 sqrt(0.3)), Python.
        let case = given![distance: 0.3, step: 0.5, noise: 0.7];
        meets(
            "fold",
            case,
            &[
                ("rate", "1.095445115"),
                ("memory", "0.578265278"),
                ("variance", "0.223653378"),
            ],
        );
        meets(
            "fold",
            given![distance: 0.0],
            &[("rate", "0"), ("memory", "1"), ("variance", "inf")],
        );
    }

    #[test]
    fn v52_a_series_remembers_as_much_as_it_is_told() {
        // Errors: sqrt((1 - r^2) / n), and variance sqrt(2 (1 + r^2) / (1 - r^2) / n).
        let case = given![memory: 0.9, length: 1e5];
        meets_by_chance(
            "autoregression",
            case,
            &[("variance", 5.263_158, 0.073), ("memory", 0.9, 0.0014)],
        );
        let case = given![memory: -0.5, spread: 2.0, length: 1e5];
        meets_by_chance(
            "autoregression",
            case,
            &[("variance", 5.333_333, 0.031), ("memory", -0.5, 0.0028)],
        );
    }
}
