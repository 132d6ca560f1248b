//! Kernels of cascades.

use super::{Kernel, Need, Numbers, Values, count, named, number};
use crate::verification::reference::cascades::{self, Loading, Size};

const COMPONENTS: Need = count(
    "components",
    "components",
    "Number of components.",
    (1.0, 1e5),
);
const DISTURBANCE: Need = number(
    "disturbance",
    "share",
    "Load that all get at the start.",
    (0.0, 1.0),
);
const STEP: Need = number(
    "step",
    "share",
    "Load that a failure adds to each of the others.",
    (0.0, 1.0),
);
const AT_LEAST: Need = count(
    "at_least",
    "components",
    "Failures that count as many.",
    (0.0, 1e5),
)
.or(1.0);
const TRIALS: Need = count("trials", "trials", "Number of trials.", (1.0, 1e6));
const DEGREE: Need = number(
    "degree",
    "links",
    "Mean number of links of a node.",
    (1e-3, 1000.0),
);
const KEPT: Need = number("kept", "share", "Share of nodes that is kept.", (0.0, 1.0));
const THRESHOLD: Need = number(
    "threshold",
    "share",
    "Share of its neighbours whose failure makes a node fail.",
    (0.001, 1.0),
);
const SIZES: &[(&str, &str)] = &[
    ("none", "probability that none fails"),
    ("mean", "mean number that fails"),
    ("at_least", "probability that at least so many fail"),
];

fn loading(values: &Values) -> Loading {
    Loading {
        components: values.count("components"),
        disturbance: values.number("disturbance"),
        step: values.number("step"),
    }
}

fn sizes(size: Size) -> Numbers {
    named([
        ("none", size.none),
        ("mean", size.mean),
        ("at_least", size.at_least),
    ])
}

pub(super) const LOADING_CASCADE: Kernel = Kernel {
    name: "loading_cascade",
    doc: "Components that fail above load 1 and then load all others, by trial.",
    source: "Dobson, Carreras & Newman 2005, CASCADE",
    needs: &[COMPONENTS, DISTURBANCE, STEP, AT_LEAST, TRIALS],
    gives: SIZES,
    chance: true,
    run: |values, keys| {
        let (at_least, trials) = (values.count("at_least"), values.count("trials"));
        Ok(sizes(loading(values).tried(at_least, trials, keys)?))
    },
};

pub(super) const BRANCHING: Kernel = Kernel {
    name: "branching",
    doc: "Families in which everyone has a Poisson number of offspring, by trial.",
    source: "Borel 1942; Otter 1949",
    needs: &[
        number(
            "mean",
            "offspring",
            "Mean number of offspring.",
            (0.0, 10.0),
        ),
        TRIALS,
        count(
            "limit",
            "members",
            "Size from which a family counts as endless.",
            (2.0, 1e6),
        ),
    ],
    gives: &[
        ("one", "share of families of one"),
        ("two", "share of families of two"),
        ("three", "share of families of three"),
        (
            "mean_size",
            "mean size of families that end; NaN if none does",
        ),
        (
            "variance",
            "variance of the size of families that end; NaN if none does",
        ),
        ("extinct", "share of families that end"),
    ],
    chance: true,
    run: |values, keys| {
        let (trials, limit) = (values.count("trials"), values.count("limit"));
        let families = cascades::branching(values.number("mean"), trials, limit, keys)?;
        let [one, two, three] = families.small;
        Ok(named([
            ("one", one),
            ("two", two),
            ("three", three),
            ("mean_size", families.mean),
            ("variance", families.variance),
            ("extinct", families.extinct),
        ]))
    },
};

pub(super) const MUTUAL_PERCOLATION: Kernel = Kernel {
    name: "mutual_percolation",
    doc: "Giant part that two coupled random networks have in common after some nodes are removed.",
    source: "Buldyrev et al. 2010",
    needs: &[DEGREE, KEPT],
    gives: &[
        ("giant", "share of nodes in the giant part"),
        (
            "critical",
            "least share kept with a giant part; above 1 there is none at all",
        ),
    ],
    chance: false,
    run: |values, _| {
        let degree = values.number("degree");
        Ok(named([
            (
                "giant",
                cascades::mutual_giant(degree, values.number("kept")),
            ),
            ("critical", cascades::mutual_critical(degree)),
        ]))
    },
};

pub(super) const MUTUAL_GRAPHS: Kernel = Kernel {
    name: "mutual_graphs",
    doc: "Largest part that two coupled random networks have in common, on drawn networks.",
    source: "Buldyrev et al. 2010",
    needs: &[
        count(
            "nodes",
            "nodes",
            "Number of nodes of each network.",
            (1.0, 1e6),
        ),
        DEGREE,
        KEPT,
    ],
    gives: &[("giant", "share of nodes in the largest part")],
    chance: true,
    run: |values, keys| {
        let (nodes, degree) = (values.count("nodes"), values.number("degree"));
        Ok(named([(
            "giant",
            cascades::mutual_graphs(nodes, degree, values.number("kept"), keys)?,
        )]))
    },
};

pub(super) const WATTS_WINDOW: Kernel = Kernel {
    name: "watts_window",
    doc: "Mean degrees of a random network between which one failure can start a global cascade.",
    source: "Watts 2002, cascade window",
    needs: &[THRESHOLD],
    gives: &[
        ("from", "least mean degree; NaN if no degree does"),
        ("to", "largest mean degree; NaN if no degree does"),
    ],
    chance: false,
    run: |values, _| {
        let (from, to) = cascades::watts_window(values.number("threshold"));
        Ok(named([("from", from), ("to", to)]))
    },
};

pub(super) const WATTS_CONDITION: Kernel = Kernel {
    name: "watts_condition",
    doc: "Failures that a failure leads to in a random network; above 1 a global cascade is possible.",
    source: "Watts 2002",
    needs: &[
        THRESHOLD,
        number(
            "degree",
            "links",
            "Mean number of links of a node.",
            (0.0, 1e4),
        ),
    ],
    gives: &[("condition", "failures that a failure leads to")],
    chance: false,
    run: |values, _| {
        let (threshold, degree) = (values.number("threshold"), values.number("degree"));
        Ok(named([(
            "condition",
            cascades::watts_condition(threshold, degree),
        )]))
    },
};

#[cfg(test)]
mod tests {
    use crate::verification::kernels::tests::{given, meets, meets_by_chance, number_of, refusal};

    #[test]
    fn v38_a_failure_that_loads_all_others_can_take_many_along() {
        // The second by exact fractions in Python; saturated: in most cases all fail. Standard errors: sqrt(p (1 - p) /
        // trials) for shares; the spread of the number is 3.77 and 19.1.
        let case = given![components: 100.0, disturbance: 0.02, step: 0.005, at_least: 10.0, trials: 40_000.0];
        let wanted = [
            ("none", 0.132_620, 0.0017),
            ("mean", 3.923_705, 0.0189),
            ("at_least", 0.083_771, 0.0014),
        ];
        meets_by_chance("loading_cascade", case, &wanted);
        let case = given![components: 50.0, disturbance: 0.05, step: 0.03, at_least: 5.0, trials: 40_000.0];
        let wanted = [
            ("none", 0.076_945, 0.0013),
            ("mean", 40.579_111, 0.0955),
            ("at_least", 0.829_204, 0.0019),
        ];
        meets_by_chance("loading_cascade", case, &wanted);
    }

    #[test]
    fn without_a_disturbance_none_fails_and_with_a_full_one_all_do() {
        for step in [0.0, 0.3] {
            let case = |disturbance: f64| {
                given![components: 7.0, disturbance: disturbance, step: step, at_least: 7.0, trials: 10.0]
                    .to_vec()
            };
            meets(
                "loading_cascade",
                &case(0.0),
                &[("none", "1"), ("mean", "0"), ("at_least", "0")],
            );
            meets(
                "loading_cascade",
                &case(1.0),
                &[("none", "0"), ("mean", "7"), ("at_least", "1")],
            );
        }
    }

    #[test]
    fn v39_families_end_or_do_not() {
        // Borel's law; errors from its fourth moment, 732,500 about the mean.
        meets_by_chance(
            "branching",
            given![mean: 0.8, trials: 100_000.0, limit: 1e6],
            &[
                ("one", 0.449_329, 0.0016),
                ("two", 0.161_517, 0.0012),
                ("three", 0.087_089, 0.0009),
                ("mean_size", 5.0, 0.0316),
                ("variance", 100.0, 2.7),
                ("extinct", 1.0, 0.0),
            ],
        );
        let endless = given![mean: 1.5, trials: 20_000.0, limit: 1000.0];
        meets_by_chance("branching", endless, &[("extinct", 0.417_188, 0.0035)]);
        // Borel's law and q = e^(2 (q - 1)) by brentq, scipy.
        meets_by_chance(
            "branching",
            given![mean: 0.5, trials: 100_000.0, limit: 1e6],
            &[
                ("one", 0.606_531, 0.0016),
                ("two", 0.183_940, 0.0012),
                ("three", 0.083_674, 0.0009),
                ("mean_size", 2.0, 0.0064),
                ("variance", 4.0, 0.067),
            ],
        );
        let endless = given![mean: 2.0, trials: 20_000.0, limit: 500.0];
        meets_by_chance("branching", endless, &[("extinct", 0.203_188, 0.0029)]);
        let said = refusal("branching", given![mean: 1.5, trials: 1e6, limit: 1e6]);
        assert!(
            said.contains("`limit`") && said.contains("`trials`"),
            "{said}"
        );
    }

    #[test]
    fn v40_what_two_networks_have_in_common_breaks_at_once() {
        let giant = |degree: f64, kept: f64, giant: &str, critical: &str| {
            let case = given![degree: degree, kept: kept];
            meets(
                "mutual_percolation",
                case,
                &[("giant", giant), ("critical", critical)],
            );
        };
        giant(4.0, 0.70, "0.557616", "0.613852");
        giant(4.0, 0.65, "0.459778", "0.613852");
        giant(4.0, 0.6138, "0", "0.613852");
        // The recursion in Python from 1, 200,000 steps; minimize_scalar of x / (1 - e^-x)^2, scipy.
        giant(4.0, 0.6139, "0.318658549", "0.613851870571");
        giant(6.0, 0.6, "0.558735149011", "0.409234580381");
        giant(6.0, 0.409, "0", "0.409234580381");
        giant(2.0, 1.0, "0", "1.2277037");
    }

    #[test]
    fn v40_drawn_networks_agree_with_endless_ones() {
        // Spread over 20 replicates of 20,000 nodes: 0.0069 and 0.0041.
        let mean = |degree: f64, kept: f64| {
            let case = given![nodes: 20_000.0, degree: degree, kept: kept];
            (0..5)
                .map(|replicate| number_of("mutual_graphs", case, replicate, "giant"))
                .sum::<f64>()
                / 5.0
        };
        for (degree, kept, giant, error) in [
            (4.0, 0.70, 0.557_616, 0.0069),
            (6.0, 0.60, 0.558_735, 0.0041),
        ] {
            let found = mean(degree, kept);
            assert!(
                (found - giant).abs() < 4.0 * error / libm::sqrt(5.0),
                "{found}, not {giant}"
            );
        }
        assert!(mean(4.0, 0.5) < 0.01);
        // All are kept and all hang together, or there are hardly any links.
        meets(
            "mutual_graphs",
            given![nodes: 500.0, degree: 40.0, kept: 1.0],
            &[("giant", "1")],
        );
        meets(
            "mutual_graphs",
            given![nodes: 1.0, degree: 1.0, kept: 1.0],
            &[("giant", "1")],
        );
    }

    #[test]
    fn v36_cascades_are_global_within_a_window_of_degrees() {
        meets(
            "watts_window",
            given![threshold: 0.18],
            &[("from", "1.0207"), ("to", "5.7647")],
        );
        meets(
            "watts_window",
            given![threshold: 0.0999],
            &[("from", "1.0000"), ("to", "13.659")],
        );
        meets(
            "watts_condition",
            given![threshold: 0.18, degree: 4.0],
            &[("condition", "1.7339")],
        );
        meets(
            "watts_condition",
            given![threshold: 0.18, degree: 6.0],
            &[("condition", "0.9072")],
        );
        // poisson.cdf and brentq, scipy.
        meets(
            "watts_window",
            given![threshold: 0.14],
            &[("from", "1.0005963707"), ("to", "9.0969865684")],
        );
        meets(
            "watts_condition",
            given![threshold: 0.14, degree: 5.0],
            &[("condition", "3.0798032742")],
        );
        // K = 10, though this tenth is a little more than one. A sum in Python.
        meets(
            "watts_condition",
            given![threshold: 0.1 + 0.2 - 0.2, degree: 10.0],
            &[("condition", "3.3281968")],
        );
        meets(
            "watts_window",
            given![threshold: 0.4],
            &[("from", "NaN"), ("to", "NaN")],
        );
        meets(
            "watts_condition",
            given![threshold: 0.9, degree: 3.0],
            &[("condition", "0")],
        );
    }
}
