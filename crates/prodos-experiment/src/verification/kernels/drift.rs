//! Kernels of drift and loss.

use super::{Kernel, count, named, number};
use crate::verification::reference::drift::{self, Drift};

pub(super) const BOUNDARY_DRIFT: Kernel = Kernel {
    name: "boundary_drift",
    doc: "Days until an operating point that drifts, with noise, reaches the boundary of safe work, by trial.",
    source: "Rasmussen 1997; Cook & Rasmussen 2005; inverse Gaussian law",
    needs: &[
        number(
            "distance",
            "distance",
            "Distance to the boundary at the start.",
            (0.0, 1e6),
        ),
        number(
            "speed",
            "per day",
            "Drift towards the boundary a day.",
            (0.0, 1e6),
        ),
        number(
            "noise",
            "distance",
            "Standard deviation of a day's noise.",
            (0.0, 1e6),
        ),
        number("step", "days", "Step.", (0.001, 100.0)).or(1.0),
        count("paths", "paths", "Number of paths.", (1.0, 1e6)),
        number(
            "limit_days",
            "days",
            "Days after which a path is given up.",
            (0.0, 1e6),
        ),
    ],
    gives: &[
        ("mean", "mean days of paths that reach it; NaN if none does"),
        (
            "spread",
            "standard deviation of these days; NaN if none does",
        ),
        ("reached", "share of paths that reach it in time"),
    ],
    chance: true,
    run: |values, keys| {
        let drift = Drift {
            distance: values.number("distance"),
            speed: values.number("speed"),
            noise: values.number("noise"),
            step: values.number("step"),
        };
        let reached = drift.reaches(values.count("paths"), values.number("limit_days"), keys)?;
        Ok(named([
            ("mean", reached.mean),
            ("spread", reached.spread),
            ("reached", reached.share),
        ]))
    },
};

pub(super) const RESILIENCE: Kernel = Kernel {
    name: "resilience",
    doc: "Output lost by a drop until it is made good, by the engine's measure.",
    source: "Bruneau et al. 2003, resilience triangle",
    needs: &[
        number("drop", "share", "Drop of output.", (0.0, 1.0)),
        number(
            "share",
            "share",
            "Share of the gap that is closed a day; 0 for a recovery along a line.",
            (0.0, 1.0),
        )
        .or(0.0),
        number(
            "linear_days",
            "days",
            "Days of recovery along a line; 0 for a share of the gap a day.",
            (0.0, 1e5),
        )
        .or(0.0),
        number(
            "level",
            "share",
            "Output that counts as back.",
            (0.0, 0.999_999),
        )
        .or(0.95),
    ],
    gives: &[
        ("lost", "days of output lost"),
        ("back", "days until output is back at the level"),
    ],
    chance: false,
    run: |values, _| {
        let (drop, level) = (values.number("drop"), values.number("level"));
        let (share, days) = (values.number("share"), values.number("linear_days"));
        if (share > 0.0) == (days > 0.0) {
            return Err(format!(
                "`share` is {share} and `linear_days` {days}, but just one of them must be above 0"
            ));
        }
        let loss = if days > 0.0 {
            drift::linear_loss(drop, days, level)
        } else {
            drift::closing_loss(drop, share, level)
        };
        Ok(named([("lost", loss.lost), ("back", loss.back)]))
    },
};

#[cfg(test)]
mod tests {
    use crate::verification::kernels::tests::{given, meets, meets_by_chance, refusal};

    #[test]
    fn v48_drift_reaches_the_boundary() {
        let drift = |distance: f64, speed: f64, noise: f64, step: f64, paths: f64| {
            given![distance: distance, speed: speed, noise: noise, step: step, paths: paths, limit_days: 5000.0].to_vec()
        };
        // The mean in steps: linear equations for the density (scipy, 2500 points). Errors: 56.6 days over the root of
        // the paths, and 56.6 sqrt(3.2 / (4 paths)) with the fourth moment of the inverse Gaussian law.
        let hourly = drift(10.0, 0.05, 0.2, 1.0 / 24.0, 2000.0);
        meets_by_chance(
            "boundary_drift",
            &hourly,
            &[
                ("mean", 200.488, 1.27),
                ("spread", 56.5685, 1.14),
                ("reached", 1.0, 0.0),
            ],
        );
        let daily = drift(10.0, 0.05, 0.2, 1.0, 20_000.0);
        meets_by_chance(
            "boundary_drift",
            &daily,
            &[("mean", 202.59, 0.40), ("spread", 56.62, 0.36)],
        );
        // The spread by 400,000 paths in numpy.
        let other = drift(5.0, 0.1, 0.3, 0.25, 20_000.0);
        meets_by_chance(
            "boundary_drift",
            &other,
            &[("mean", 50.939, 0.152), ("spread", 21.40, 0.14)],
        );
    }

    #[test]
    fn without_noise_the_boundary_is_reached_on_the_day() {
        let case =
            given![distance: 1.0, speed: 0.3, noise: 0.0, step: 0.5, paths: 3.0, limit_days: 100.0];
        meets(
            "boundary_drift",
            case,
            &[("mean", "3.5"), ("spread", "0"), ("reached", "1")],
        );
        let case =
            given![distance: 1.0, speed: 0.3, noise: 0.0, step: 0.5, paths: 3.0, limit_days: 3.0];
        meets(
            "boundary_drift",
            case,
            &[("mean", "NaN"), ("spread", "NaN"), ("reached", "0")],
        );
    }

    #[test]
    fn v49_a_drop_costs_its_triangle() {
        let closing = given![drop: 0.4, share: 1.0 / 12.0];
        meets(
            "resilience",
            closing,
            &[("lost", "4.8000000000"), ("back", "24")],
        );
        meets(
            "resilience",
            given![drop: 0.4, linear_days: 30.0],
            &[("lost", "6.0000000000"), ("back", "27")],
        );
        // 0.6 / 0.2; ln(6) / -ln(0.8) = 8.03. A line over 12.5 days: 0.6 x 12.5 / 2; 12.5 x 5/6 = 10.4.
        let other = given![drop: 0.6, share: 0.2, level: 0.9];
        meets(
            "resilience",
            other,
            &[("lost", "3.0000000000"), ("back", "9")],
        );
        let line = given![drop: 0.6, linear_days: 12.5, level: 0.9];
        meets(
            "resilience",
            line,
            &[("lost", "3.7500000000"), ("back", "11")],
        );
        meets(
            "resilience",
            given![drop: 0.04, share: 0.2],
            &[("lost", "0.2000000000"), ("back", "0")],
        );
        meets(
            "resilience",
            given![drop: 0.4, share: 1.0],
            &[("lost", "0.4000000000"), ("back", "1")],
        );
        for (share, days) in [(0.0, 0.0), (0.1, 30.0)] {
            let case = given![drop: 0.4, share: share, linear_days: days];
            let said = refusal("resilience", case);
            assert!(
                said.contains("`share`") && said.contains("`linear_days`"),
                "{said}"
            );
        }
        // Longer than is followed day by day: 0.5 / 1e-6; ln(10) / -ln(1 - 1e-6).
        meets(
            "resilience",
            given![drop: 0.5, share: 1e-6],
            &[("lost", "500000.0000"), ("back", "2302584")],
        );
    }
}
