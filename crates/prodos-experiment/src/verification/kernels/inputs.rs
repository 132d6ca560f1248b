//! Kernels of inputs.

use super::{Kernel, Shape, Values, count, numbered, several};
use crate::verification::reference::inputs;

/// A table of as many rows and columns as a list of the kernel has numbers.
fn square<'a>(values: &'a Values, table: &str, list: &str) -> Result<&'a [Vec<f64>], String> {
    let (rows, n) = (values.table(table), values.list(list).len());
    let columns = rows.first().map_or(0, Vec::len);
    if rows.len() == n && columns == n {
        return Ok(rows);
    }
    Err(format!(
        "`{table}` has {} rows of {columns}, but must have {n} of each, as `{list}` has numbers",
        rows.len()
    ))
}

/// A list of as many numbers as another.
fn matching<'a>(values: &'a Values, list: &str, other: &str) -> Result<&'a [f64], String> {
    let (own, n) = (values.list(list), values.list(other).len());
    if own.len() == n {
        return Ok(own);
    }
    Err(format!(
        "`{list}` has {} numbers, but must have {n}, as `{other}` has",
        own.len()
    ))
}

pub(super) const LEONTIEF: Kernel = Kernel {
    name: "leontief",
    doc: "Outputs that meet final demand and what they use of each other.",
    source: "Leontief 1936; what is left for final demand by the engine's function",
    needs: &[
        several(
            "coefficients",
            Shape::Table,
            "Row i, column j: input of good i a unit of good j.",
            (0.0, 1000.0),
        ),
        several(
            "final",
            Shape::List,
            "Final demand, good by good.",
            (0.0, 1e12),
        ),
    ],
    gives: &[
        ("output_N", "output of each good"),
        ("left_N", "what the engine leaves of it for final demand"),
    ],
    chance: false,
    run: |values, _| {
        let coefficients = square(values, "coefficients", "final")?;
        let outputs = inputs::leontief(coefficients, values.list("final"))
            .map_err(|why| format!("`coefficients` cannot be met: {why}"))?;
        let left = inputs::left_for_final(coefficients, &outputs);
        let mut numbers = numbered("output", &outputs);
        numbers.extend(numbered("left", &left));
        Ok(numbers)
    },
};

pub(super) const INOPERABILITY: Kernel = Kernel {
    name: "inoperability",
    doc: "Share of each that is out while the failure of one is a shock to the others.",
    source: "Santos & Haimes 2004; Lian & Haimes 2006",
    needs: &[
        several(
            "dependence",
            Shape::Table,
            "Row i, column j: share of i that is out when j is all out.",
            (0.0, 1.0),
        ),
        several(
            "shock",
            Shape::List,
            "Share that is out by the shock itself.",
            (0.0, 1.0),
        ),
        several(
            "resilience",
            Shape::List,
            "Share of the way to rest a step.",
            (0.0, 1.0),
        ),
        several(
            "start",
            Shape::List,
            "Share that is out at the start.",
            (0.0, 1.0),
        ),
        count("time", "steps", "Steps from the start.", (0.0, 5000.0)),
    ],
    gives: &[
        ("steady_N", "share that is out at rest"),
        ("after_N", "share that is out after those steps"),
    ],
    chance: false,
    run: |values, _| {
        let dependence = square(values, "dependence", "shock")?;
        let shock = values.list("shock");
        let (resilience, start) = (
            matching(values, "resilience", "shock")?,
            matching(values, "start", "shock")?,
        );
        let steady = inputs::leontief(dependence, shock)
            .map_err(|why| format!("`dependence` has no rest: {why}"))?;
        let after = inputs::inoperability(
            dependence,
            shock,
            resilience,
            start,
            values.count("time") as u32,
        );
        let mut numbers = numbered("steady", &steady);
        numbers.extend(numbered("after", &after));
        Ok(numbers)
    },
};

#[cfg(test)]
mod tests {
    use crate::verification::kernels::tests::{given, meets, refusal};
    use prodos_config::Given;

    #[test]
    fn v41_outputs_meet_what_is_used_of_them() {
        let coefficients = [[0.10, 0.20, 0.05], [0.15, 0.05, 0.25], [0.05, 0.10, 0.10]];
        meets(
            "leontief",
            given![coefficients: coefficients, final: [50.0, 30.0, 40.0]],
            &[
                ("output_1", "71.321085"),
                ("output_2", "57.252843"),
                ("output_3", "54.768154"),
                ("left_1", "50.0000000000"),
                ("left_2", "30.0000000000"),
                ("left_3", "40.0000000000"),
            ],
        );
        // numpy.linalg.solve.
        let coefficients = [
            [0.2, 0.1, 0.0, 0.3],
            [0.05, 0.1, 0.2, 0.15],
            [0.1, 0.25, 0.05, 0.0],
            [0.0, 0.1, 0.3, 0.2],
        ];
        meets(
            "leontief",
            given![coefficients: coefficients, final: [10.0, 20.0, 5.0, 40.0]],
            &[
                ("output_1", "40.80489847"),
                ("output_2", "39.30814319"),
                ("output_3", "19.90265857"),
                ("output_4", "62.37701486"),
                ("left_3", "5.00000000000"),
            ],
        );
    }

    #[test]
    fn goods_that_need_too_much_of_each_other_are_refused() {
        for coefficients in [
            [[0.5, 0.5], [0.5, 0.5]],
            [[0.0, 2.0], [0.6, 0.0]],
            [[1.0, 0.0], [0.0, 0.1]],
        ] {
            let said = refusal(
                "leontief",
                given![coefficients: coefficients, final: [1.0, 1.0]],
            );
            assert!(said.starts_with("`coefficients` cannot be met"), "{said}");
        }
        // A hundred goods, each made of a thousand of the next.
        let chain: Vec<Vec<f64>> = (0..100)
            .map(|row| {
                (0..100)
                    .map(|column| if column == row + 1 { 1000.0 } else { 0.0 })
                    .collect()
            })
            .collect();
        let long = given![coefficients: Given::Table(chain), final: Given::List(vec![1e12; 100])];
        let said = refusal("leontief", long);
        assert_eq!(
            said,
            "`coefficients` cannot be met: what is needed is beyond all numbers; try smaller numbers"
        );
        let said = refusal(
            "leontief",
            given![coefficients: [[0.5, 0.2]], final: [1.0, 1.0]],
        );
        assert_eq!(
            said,
            "`coefficients` has 1 rows of 2, but must have 2 of each, as `final` has numbers"
        );
    }

    #[test]
    fn v42_a_failure_is_a_shock_to_the_others() {
        let case = |time: f64, shock: [f64; 3], start: [f64; 3]| {
            let dependence = [[0.0, 0.3, 0.1], [0.4, 0.0, 0.2], [0.2, 0.1, 0.0]];
            given![dependence: dependence, shock: shock, resilience: [0.1, 0.2, 0.15], start: start, time: time].to_vec()
        };
        meets(
            "inoperability",
            &case(0.0, [0.1, 0.0, 0.05], [0.0; 3]),
            &[
                ("steady_1", "0.128641"),
                ("steady_2", "0.067961"),
                ("steady_3", "0.082524"),
                ("after_1", "0"),
            ],
        );
        for (time, after) in [
            (1.0, ["0.27", "0.024", "0.009"]),
            (10.0, ["0.117493", "0.065680", "0.033222"]),
            (30.0, ["0.024676", "0.018832", "0.012095"]),
        ] {
            let case = case(time, [0.0; 3], [0.3, 0.0, 0.0]);
            let names = ["after_1", "after_2", "after_3"];
            let [one, two, three] = after;
            meets(
                "inoperability",
                &case,
                &[(names[0], one), (names[1], two), (names[2], three)],
            );
        }
        // It settles where the equations of rest say.
        let long = case(2000.0, [0.1, 0.0, 0.05], [0.9, 0.9, 0.9]);
        meets(
            "inoperability",
            &long,
            &[
                ("after_1", "0.128641"),
                ("after_2", "0.067961"),
                ("after_3", "0.082524"),
            ],
        );
        // numpy.linalg.solve and a loop in numpy.
        meets(
            "inoperability",
            given![
                dependence: [[0.1, 0.5], [0.25, 0.2]], shock: [0.02, 0.1], resilience: [0.3, 0.4],
                start: [0.5, 0.1], time: 7.0
            ],
            &[
                ("steady_1", "0.11092437"),
                ("steady_2", "0.15966387"),
                ("after_1", "0.16878469"),
                ("after_2", "0.19119289"),
            ],
        );
        let short = given![
            dependence: [[0.1, 0.5], [0.25, 0.2]], shock: [0.02, 0.1], resilience: [0.3], start: [0.5, 0.1], time: 7.0
        ];
        assert_eq!(
            refusal("inoperability", short),
            "`resilience` has 1 numbers, but must have 2, as `shock` has"
        );
        let all = given![
            dependence: [[0.5, 0.5], [0.5, 0.5]], shock: [0.1, 0.1], resilience: [0.3, 0.3], start: [0.5, 0.1], time: 7.0
        ];
        assert!(refusal("inoperability", all).starts_with("`dependence` has no rest"));
    }
}
