//! Kernels of norms.

use super::{Kernel, named, number};
use crate::verification::reference::norms;

pub(super) const NORMS: Kernel = Kernel {
    name: "norms",
    doc: "Norms at rest under a pull of peers: the engine's rule of choice, m = tanh(pull m + field).",
    source: "Brock & Durlauf 2001",
    needs: &[
        number(
            "pull",
            "ratio",
            "Pull of peers; above 1 two cultures hold themselves.",
            (0.0, 20.0),
        ),
        number(
            "field",
            "ratio",
            "What favours one side for all.",
            (-20.0, 20.0),
        )
        .or(0.0),
    ],
    gives: &[
        ("low", "mean below 0 that holds itself; NaN if none does"),
        (
            "middle",
            "brink between two cultures, or 0 if it is the only rest; else NaN",
        ),
        ("high", "mean above 0 that holds itself; NaN if none does"),
        (
            "turn",
            "field against a culture beyond which it turns; NaN with one culture",
        ),
    ],
    chance: false,
    run: |values, _| {
        let found = norms::norms(values.number("pull"), values.number("field"));
        Ok(named([
            ("low", found.low),
            ("middle", found.middle),
            ("high", found.high),
            ("turn", found.turn),
        ]))
    },
};

#[cfg(test)]
mod tests {
    use crate::verification::kernels::tests::{given, meets, number_of};

    #[test]
    fn v47_strong_pull_makes_two_cultures() {
        let both = given![pull: 1.5];
        meets(
            "norms",
            both,
            &[
                ("low", "-0.858560"),
                ("middle", "0"),
                ("high", "0.858560"),
                ("turn", "0.207546"),
            ],
        );
        let favoured = given![pull: 1.5, field: 0.05];
        meets(
            "norms",
            favoured,
            &[
                ("low", "-0.833925"),
                ("middle", "-0.100685"),
                ("high", "0.878010"),
            ],
        );
        meets(
            "norms",
            given![pull: 1.2],
            &[("low", "-0.658570"), ("high", "0.658570")],
        );
        let one = given![pull: 0.8];
        meets(
            "norms",
            one,
            &[
                ("low", "NaN"),
                ("middle", "0"),
                ("high", "NaN"),
                ("turn", "NaN"),
            ],
        );
        // brentq of tanh(J m + h) - m, and halving of the field on the count of its roots, numpy.
        meets(
            "norms",
            given![pull: 2.0, field: -0.1],
            &[
                ("low", "-0.9662537094"),
                ("middle", "0.1003387815"),
                ("high", "0.9459635824"),
                ("turn", "0.5328400"),
            ],
        );
    }

    #[test]
    fn a_culture_turns_where_it_is_said_to() {
        for pull in [1.1, 1.5, 2.0, 6.0] {
            let turn = number_of("norms", given![pull: pull], 0, "turn");
            for (share, is_there) in [(0.999, true), (1.001, false)] {
                let against = given![pull: pull, field: -turn * share];
                assert_eq!(
                    !number_of("norms", against, 0, "high").is_nan(),
                    is_there,
                    "{pull}"
                );
                assert_eq!(
                    !number_of("norms", against, 0, "middle").is_nan(),
                    is_there,
                    "{pull}"
                );
                assert!(number_of("norms", against, 0, "low") < 0.0);
                let favoured = given![pull: pull, field: turn * share];
                assert_eq!(
                    !number_of("norms", favoured, 0, "low").is_nan(),
                    is_there,
                    "{pull}"
                );
            }
        }
    }
}
