//! Kernels of bundles of fibres.

use super::{Kernel, Need, Values, count, named, number};
use crate::verification::reference::bundles::{self, Strength};
use crate::verification::reference::numerics::within_reach;

const FIBRES: Need = count("fibres", "fibres", "Number of fibres.", (1.0, 1e6));
const LOAD: Need = number(
    "load",
    "ratio",
    "Load a fibre of the whole bundle.",
    (0.0, 1000.0),
);
const SHAPE: Need = number(
    "shape",
    "ratio",
    "0 for strengths uniform from 0 to 1; else the shape, from 0.1, of a Weibull law of scale 1.",
    (0.0, 100.0),
);

fn strength(values: &Values) -> Result<Strength, String> {
    let shape = values.number("shape");
    if shape > 0.0 && shape < 0.1 {
        return Err(format!(
            "`shape` is {shape}, but must be 0, or from 0.1 to 100"
        ));
    }
    Ok(Strength::of_shape(shape))
}

pub(super) const FIBRE_BUNDLE: Kernel = Kernel {
    name: "fibre_bundle",
    doc: "A drawn bundle under load: what breaks hands its load to all that hold, or to the nearest on a ring.",
    source: "Daniels 1945, equal load sharing; Harlow & Phoenix 1978, local load sharing",
    needs: &[
        FIBRES,
        LOAD,
        SHAPE.or(0.0),
        count(
            "neighbours",
            "fibres",
            "Nearest fibres on each side that take over the load of a broken one; 0 for all that hold.",
            (0.0, 50.0),
        )
        .or(0.0),
    ],
    gives: &[("survivors", "share of fibres that hold"), ("failed", "1 if none holds, else 0")],
    chance: true,
    run: |values, keys| {
        let (fibres, load) = (values.count("fibres"), values.number("load"));
        let neighbours = values.count("neighbours");
        within_reach((2 * neighbours * fibres) as f64, "so many `fibres` with so many `neighbours`")?;
        let strengths = strength(values)?.draw(fibres, keys);
        let survivors = if neighbours == 0 {
            bundles::equal_sharing(strengths, load)
        } else {
            bundles::local_sharing(&strengths, load, neighbours)
        };
        Ok(named([("survivors", survivors), ("failed", f64::from(u8::from(survivors == 0.0)))]))
    },
};

pub(super) const FIBRE_STRENGTH: Kernel = Kernel {
    name: "fibre_strength",
    doc: "Largest load that a drawn bundle bears where all that hold share it alike.",
    source: "Daniels 1945",
    needs: &[FIBRES, SHAPE.or(0.0)],
    gives: &[("critical_load", "largest load a fibre of the whole bundle")],
    chance: true,
    run: |values, keys| {
        let strengths = strength(values)?.draw(values.count("fibres"), keys);
        Ok(named([("critical_load", bundles::strength(strengths))]))
    },
};

pub(super) const FIBRE_RECURSION: Kernel = Kernel {
    name: "fibre_recursion",
    doc: "An endless bundle under load, step by step: U' = P(strength > load/U).",
    source: "Pradhan, Hansen & Chakrabarti 2010",
    needs: &[
        LOAD,
        SHAPE.or(0.0),
        number(
            "tolerance",
            "share",
            "Change of U below which it has come to rest.",
            (1e-12, 0.1),
        )
        .or(1e-6),
    ],
    gives: &[
        ("survivors", "share of fibres that hold at rest"),
        ("steps", "steps until it comes to rest"),
        (
            "critical_load",
            "largest load a fibre that such a bundle bears",
        ),
        (
            "survivors_at_failure",
            "share of fibres that hold just then",
        ),
    ],
    chance: false,
    run: |values, _| {
        let strength = strength(values)?;
        let (survivors, steps) =
            strength.recursion(values.number("load"), values.number("tolerance"));
        let (load, at_failure) = strength.critical();
        Ok(named([
            ("survivors", survivors),
            ("steps", f64::from(steps)),
            ("critical_load", load),
            ("survivors_at_failure", at_failure),
        ]))
    },
};

#[cfg(test)]
mod tests {
    use crate::verification::kernels::tests::{given, meets, meets_by_chance, number_of, refusal};
    use crate::verification::reference::bundles::{Strength, equal_sharing, local_sharing};
    use prodos_model::keyed::Keys;

    #[test]
    fn v34_a_bundle_holds_until_it_fails_at_once() {
        // Spread of the survivors: sqrt(U (1 - U) / N) / (1 - load / U^2).
        for (load, survivors, error) in [
            (0.16, 0.8, 0.0017),
            (0.20, 0.723_607, 0.0023),
            (0.24, 0.6, 0.0047),
        ] {
            let case = given![fibres: 1e5, load: load];
            meets_by_chance(
                "fibre_bundle",
                case,
                &[("survivors", survivors, error), ("failed", 0.0, 0.0)],
            );
        }
        let over = given![fibres: 1e5, load: 0.26];
        meets("fibre_bundle", over, &[("survivors", "0"), ("failed", "1")]);
        // Spread of the largest of x (1 - F(x)): x sqrt(F (1 - F) / N) where it is largest.
        meets_by_chance(
            "fibre_strength",
            given![fibres: 1e5],
            &[("critical_load", 0.25, 0.0008)],
        );
        // U = e^(-(load/U)^3) by scipy.optimize.brentq; the largest x e^(-x^3) by minimize_scalar.
        let case = given![fibres: 20_000.0, load: 0.3, shape: 3.0];
        meets_by_chance("fibre_bundle", case, &[("survivors", 0.970_933, 0.0013)]);
        let case = given![fibres: 1e5, shape: 3.0];
        meets_by_chance(
            "fibre_strength",
            case,
            &[("critical_load", 0.496_815, 0.001)],
        );
    }

    #[test]
    fn two_fibres_bear_what_the_integral_says() {
        // E max(t1, t2/2) of two uniform strengths: 5/12 by scipy.integrate.dblquad, spread 0.1862 by trial.
        let strength = |replicate: u32| {
            number_of(
                "fibre_strength",
                given![fibres: 2.0],
                replicate,
                "critical_load",
            )
        };
        let mean = (0..4000).map(strength).sum::<f64>() / 4000.0;
        assert!(
            (mean - 5.0 / 12.0).abs() < 4.0 * 0.1862 / libm::sqrt(4000.0),
            "{mean}"
        );
    }

    #[test]
    fn a_bundle_breaks_just_above_its_strength() {
        for shape in [0.0, 2.0] {
            let strength = number_of(
                "fibre_strength",
                given![fibres: 500.0, shape: shape],
                7,
                "critical_load",
            );
            for (load, failed) in [
                (strength * (1.0 - 1e-9), 0.0),
                (strength * (1.0 + 1e-9), 1.0),
            ] {
                let case = given![fibres: 500.0, load: load, shape: shape];
                assert_eq!(number_of("fibre_bundle", case, 7, "failed"), failed);
            }
        }
    }

    #[test]
    fn v34_and_v35_the_recursion_slows_down_before_failure() {
        for (load, survivors, steps) in [
            (0.2, "0.723607", "14"),
            (0.24, "0.60000", "28"),
            (0.249, "0.5316", "71"),
        ] {
            let case = given![load: load];
            meets(
                "fibre_recursion",
                case,
                &[
                    ("survivors", survivors),
                    ("steps", steps),
                    ("critical_load", "0.25"),
                    ("survivors_at_failure", "0.5"),
                ],
            );
        }
        // Just beyond a quarter it nearly stands still at a half, and fails all the same.
        for load in [0.26, 0.250_000_1] {
            meets("fibre_recursion", given![load: load], &[("survivors", "0")]);
        }
        for (shape, load, survivors) in [
            (2.0, "0.428882", "0.606531"),
            (5.0, "0.593399", "0.818731"),
            // minimize_scalar of -x e^(-x^3), scipy.
            (3.0, "0.4968150626", "0.7165313"),
        ] {
            let case = given![load: 0.1, shape: shape];
            meets(
                "fibre_recursion",
                case,
                &[("critical_load", load), ("survivors_at_failure", survivors)],
            );
        }
        // A loop in Python.
        let case = given![load: 0.3, shape: 3.0];
        meets(
            "fibre_recursion",
            case,
            &[("survivors", "0.970932568628"), ("steps", "6")],
        );
        let said = refusal("fibre_recursion", given![load: 0.3, shape: 0.01]);
        assert_eq!(said, "`shape` is 0.01, but must be 0, or from 0.1 to 100");
    }

    #[test]
    fn neighbours_take_over_what_breaks() {
        let strengths = [0.5, 0.1, 0.95, 0.9, 0.6];
        // The second breaks; its neighbours bear 0.45 each.
        assert_eq!(local_sharing(&strengths, 0.3, 1), 0.8);
        // At 0.4 its neighbours bear 0.6: the first breaks, then the last with 0.7, then the third, then all.
        assert_eq!(local_sharing(&strengths, 0.4, 1), 0.0);
        // With two on each side four share its 0.4: 0.5 each, which the first just bears.
        assert_eq!(local_sharing(&strengths, 0.399, 2), 0.8);
        assert_eq!(local_sharing(&strengths, 0.05, 1), 1.0);
        assert_eq!(local_sharing(&[0.5], 0.6, 3), 0.0);
    }

    #[test]
    fn with_neighbours_all_round_load_is_shared_alike() {
        for replicate in 0..40 {
            let strengths = Strength::Uniform.draw(60, Keys::new(2, replicate));
            let load = 0.05 + 0.005 * f64::from(replicate);
            let alike = equal_sharing(strengths.clone(), load);
            assert!(
                (local_sharing(&strengths, load, 50) - alike).abs() < 1e-12,
                "at {load}"
            );
        }
    }

    #[test]
    fn neighbours_are_found_as_by_looking_at_all() {
        for replicate in 0..60 {
            let strengths = Strength::Uniform.draw(300, Keys::new(3, replicate));
            let (load, reach) = (
                0.05 + 0.002 * f64::from(replicate),
                1 + replicate as usize % 4,
            );
            assert_eq!(
                local_sharing(&strengths, load, reach),
                by_looking_at_all(&strengths, load, reach),
                "at {load}"
            );
        }
    }

    /// The same without lists: every broken fibre looks both ways round the ring.
    fn by_looking_at_all(strengths: &[f64], load: f64, reach: usize) -> f64 {
        let n = strengths.len();
        let mut loads = vec![load; n];
        let mut holds = vec![true; n];
        loop {
            let broken: Vec<usize> = (0..n)
                .filter(|&k| holds[k] && strengths[k] < loads[k])
                .collect();
            for &k in &broken {
                holds[k] = false;
            }
            let left = holds.iter().filter(|holds| **holds).count();
            if broken.is_empty() || left == 0 {
                return left as f64 / n as f64;
            }
            for k in broken {
                let before = (1..n)
                    .map(|d| (k + n - d) % n)
                    .filter(|&at| holds[at])
                    .take(reach);
                let after = (1..n)
                    .map(|d| (k + d) % n)
                    .filter(|&at| holds[at])
                    .take(reach);
                let mut nearest: Vec<usize> = before.chain(after).collect();
                nearest.sort_unstable();
                nearest.dedup();
                let part = loads[k] / nearest.len() as f64;
                for at in nearest {
                    loads[at] += part;
                }
            }
        }
    }

    #[test]
    fn local_sharing_breaks_before_equal_sharing() {
        let case =
            |neighbours: f64| given![fibres: 20_000.0, load: 0.22, neighbours: neighbours].to_vec();
        meets("fibre_bundle", &case(1.0), &[("failed", "1")]);
        meets("fibre_bundle", &case(0.0), &[("failed", "0")]);
        // A large ring that breaks all over, where each looks far for the next that holds.
        meets(
            "fibre_bundle",
            given![fibres: 1e6, load: 0.3, neighbours: 1.0],
            &[("failed", "1")],
        );
    }
}
