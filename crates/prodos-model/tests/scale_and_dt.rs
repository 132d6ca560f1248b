//! Neither the length of a tick nor the number of people an operator stands for is a result.

mod common;

use common::{harbour, mean_and_error, means, uk};
use prodos_config::Experiment;
use prodos_model::rows::CityRow;
use prodos_model::spec::Neighbourhood;
use rayon::prelude::*;

const NAMES: [&str; 5] = [
    "pressure",
    "machines_down",
    "skill",
    "customer_trust",
    "output",
];

fn read(row: &CityRow) -> [f64; 5] {
    [
        row.pressure,
        row.machines_down,
        row.skill,
        row.customer_trust,
        row.output / row.output_at_rest,
    ]
}

fn measured(experiment: &Experiment, seeds: u64, days: u32) -> [(f64, f64); 5] {
    let run = experiment.run();
    let runs: Vec<[f64; 5]> = (1..=seeds)
        .into_par_iter()
        .map(|seed| means(&run, seed, (0, days), read))
        .collect();
    std::array::from_fn(|k| {
        let values: Vec<f64> = runs.iter().map(|run| run[k]).collect();
        mean_and_error(&values)
    })
}

#[test]
fn measure() {
    for (name, base, seeds, days) in [
        ("harbour", harbour(), 24, 730),
        ("uk", uk(10_000.0), 4, 365),
    ] {
        for tick in [1.0, 0.5, 0.25] {
            let mut e = base.clone();
            e.city.tick = tick;
            let t0 = std::time::Instant::now();
            let m = measured(&e, seeds, days);
            for k in 0..5 {
                println!("{name} {tick} {} {:.5} +- {:.5}", NAMES[k], m[k].0, m[k].1);
            }
            println!("{:?}", t0.elapsed());
        }
    }
    for scale in [20_000.0, 10_000.0, 5_000.0] {
        let mut e = uk(scale);
        e.city.lattice.neighbourhood = Neighbourhood::None;
        let m = measured(&e, 4, 365);
        for k in 0..5 {
            println!("scale {scale} {} {:.5} +- {:.5}", NAMES[k], m[k].0, m[k].1);
        }
    }
}
