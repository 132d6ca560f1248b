//! Kernels of people.

use super::{Kernel, Shape, count, named, number, several};
use crate::verification::reference::people::{self, Turnover};

pub(super) const LEARNING_CURVE: Kernel = Kernel {
    name: "learning_curve",
    doc: "Time of a unit as people learn by doing: every doubling leaves a share of it.",
    source: "Wright 1936, unit model",
    needs: &[
        number("first", "hours", "Time of the first unit.", (0.0, 1e9)),
        number(
            "rate",
            "share",
            "Share of the time that a doubling leaves.",
            (0.01, 1.0),
        ),
        count("number", "units", "Number of units.", (1.0, 1e6)),
    ],
    gives: &[
        ("exponent", "exponent of the number"),
        ("last", "time of the last unit"),
        ("total", "time of all units"),
    ],
    chance: false,
    run: |values, _| {
        let number = values.count("number") as u32;
        let learnt = people::learning_curve(values.number("first"), values.number("rate"), number);
        Ok(named([
            ("exponent", learnt.exponent),
            ("last", learnt.last),
            ("total", learnt.total),
        ]))
    },
};

pub(super) const ERROR_PROBABILITY: Kernel = Kernel {
    name: "error_probability",
    doc: "Probability of an error under conditions that multiply it, by the engine's function.",
    source: "Williams 1986, HEART",
    needs: &[
        number(
            "base",
            "share",
            "Probability under the best conditions.",
            (0.0, 1.0),
        ),
        several(
            "conditions",
            Shape::Table,
            "Rows of a multiplier and the share of it that holds, 0 to 1.",
            (0.0, 1000.0),
        ),
        number("cap", "share", "Largest probability.", (0.0, 1.0)).or(1.0),
    ],
    gives: &[("probability", "probability of an error")],
    chance: false,
    run: |values, _| {
        let mut conditions = Vec::new();
        for (row, place) in values.table("conditions").iter().zip(1..) {
            let [multiplier, share] = row[..] else {
                return Err(format!(
                    "row {place} of `conditions` has {} numbers, but must have two: a multiplier and a share",
                    row.len()
                ));
            };
            if share > 1.0 {
                return Err(format!(
                    "the share in row {place} of `conditions` is {share}, but must be from 0 to 1"
                ));
            }
            conditions.push((multiplier, share));
        }
        let probability =
            people::error_probability(values.number("base"), &conditions, values.number("cap"));
        Ok(named([("probability", probability)]))
    },
};

pub(super) const TURNOVER_SPIRAL: Kernel = Kernel {
    name: "turnover_spiral",
    doc: "Posts filled where people leave the sooner, the fewer are left for the work.",
    source: "balance of hiring and leaving, with a hazard that grows with the square of the load; integrated",
    needs: &[
        number(
            "quit_rate",
            "per day",
            "Leavers a person and day at load 1.",
            (0.0, 1.0),
        ),
        number(
            "hiring_rate",
            "per day",
            "Hires a vacancy and day.",
            (1e-4, 1.0),
        ),
        number("load", "ratio", "Work over full staff.", (0.0, 100.0)),
        number(
            "start",
            "share",
            "Share of posts filled at the start.",
            (0.0, 1.0),
        ),
        number("days", "days", "Days that are followed.", (0.0, 1e5)),
    ],
    gives: &[
        ("stable", "share filled that holds itself; NaN if none does"),
        ("tipping", "share below which all leave; NaN if none holds"),
        (
            "critical_load",
            "load beyond which none holds; infinite if nobody leaves",
        ),
        ("after", "share filled after those days"),
    ],
    chance: false,
    run: |values, _| {
        let crew = Turnover {
            quit_rate: values.number("quit_rate"),
            hiring_rate: values.number("hiring_rate"),
            load: values.number("load"),
        };
        let (stable, tipping) = crew.rests();
        Ok(named([
            ("stable", stable),
            ("tipping", tipping),
            ("critical_load", crew.critical_load()),
            (
                "after",
                crew.after(values.number("start"), values.number("days"))?,
            ),
        ]))
    },
};

#[cfg(test)]
mod tests {
    use crate::verification::kernels::tests::{given, meets, refusal};

    #[test]
    fn v24_every_doubling_leaves_a_share_of_the_time() {
        meets(
            "learning_curve",
            given![first: 100.0, rate: 0.8, number: 10.0],
            &[
                ("exponent", "-0.321928"),
                ("last", "47.650987"),
                ("total", "631.537302"),
            ],
        );
        meets(
            "learning_curve",
            given![first: 100.0, rate: 0.8, number: 100.0],
            &[("last", "22.706166")],
        );
        // The formula in Python.
        meets(
            "learning_curve",
            given![first: 250.0, rate: 0.85, number: 37.0],
            &[
                ("exponent", "-0.234465253637"),
                ("last", "107.213924574"),
                ("total", "5038.57450409"),
            ],
        );
        meets(
            "learning_curve",
            given![first: 3.0, rate: 1.0, number: 4.0],
            &[("last", "3"), ("total", "12")],
        );
    }

    #[test]
    fn v27_conditions_multiply_errors() {
        let published = [[3.0, 0.4], [6.0, 1.0], [4.0, 0.8], [2.5, 0.8], [1.2, 0.6]];
        meets(
            "error_probability",
            given![base: 0.003, conditions: published],
            &[("probability", "0.271434")],
        );
        let two = [[11.0, 0.5], [3.0, 0.4]];
        meets(
            "error_probability",
            given![base: 0.003, conditions: two],
            &[("probability", "0.032400")],
        );
        // 0.02 (16 0.3 + 1)(0.5 0.2 ... ): 0.02 x 5.8 x 0.9, and capped.
        let mixed = [[17.0, 0.3], [0.5, 0.2]];
        meets(
            "error_probability",
            given![base: 0.02, conditions: mixed],
            &[("probability", "0.1044")],
        );
        meets(
            "error_probability",
            given![base: 0.02, conditions: mixed, cap: 0.1],
            &[("probability", "0.1")],
        );
        let wide = given![base: 0.02, conditions: [[2.0, 0.5, 1.0]]];
        assert!(
            refusal("error_probability", wide).starts_with("row 1 of `conditions` has 3 numbers")
        );
        let over = given![base: 0.02, conditions: [[2.0, 0.5], [2.0, 1.5]]];
        assert!(
            refusal("error_probability", over)
                .starts_with("the share in row 2 of `conditions` is 1.5")
        );
    }

    #[test]
    fn v30_too_few_are_left_with_too_much() {
        let case = |start: f64, days: f64| {
            given![quit_rate: 0.001, hiring_rate: 0.02, load: 2.0, start: start, days: days]
                .to_vec()
        };
        meets(
            "turnover_spiral",
            &case(0.30, 5000.0),
            &[
                ("stable", "0.723607"),
                ("tipping", "0.276393"),
                ("critical_load", "2.236068"),
                ("after", "0.723607"),
            ],
        );
        meets("turnover_spiral", &case(0.25, 5000.0), &[("after", "0")]);
        let over = given![quit_rate: 0.001, hiring_rate: 0.02, load: 2.3, start: 1.0, days: 5000.0];
        meets(
            "turnover_spiral",
            over,
            &[("stable", "NaN"), ("after", "0")],
        );
        // solve_ivp of ds/dt = v (1 - s) - h0 D^2 / s to 1e-12, scipy.
        let other = |start: f64, days: f64| {
            given![quit_rate: 0.0015, hiring_rate: 0.03, load: 1.8, start: start, days: days]
                .to_vec()
        };
        meets(
            "turnover_spiral",
            &other(0.5, 60.0),
            &[
                ("stable", "0.796647939"),
                ("tipping", "0.203352061"),
                ("after", "0.7077482"),
            ],
        );
        meets(
            "turnover_spiral",
            &other(0.2, 20.0),
            &[("after", "0.1816151")],
        );
        let nobody_leaves =
            given![quit_rate: 0.0, hiring_rate: 0.03, load: 1.8, start: 0.0, days: 23.0];
        // 1 - e^(-0.69)
        meets(
            "turnover_spiral",
            nobody_leaves,
            &[("critical_load", "inf"), ("after", "0.49842393")],
        );
    }
}
