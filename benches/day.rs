//! What a day costs: nanoseconds of wall-clock time for one operator on one day, without recording.
//!
//! Run it with `cargo bench -p prodos-benches --bench day`. Figures of one machine at one time; compare two builds
//! by running them in turn.

use prodos_config::{Options as Given, Override, load};
use prodos_model::build::Options;
use prodos_model::simulation::Simulation;
use std::path::Path;
use std::time::Instant;

/// Spans that are timed; the median counts.
const SPANS: usize = 7;

#[allow(clippy::print_stdout, reason = "a bench tells what it measured")]
fn main() {
    println!(
        "city        operators  threads  ns per operator-day: median, least and most of {SPANS}"
    );
    for (name, scale, days) in [
        ("harbour", "1", 2000),
        ("uk-baseline", "10000", 200),
        ("uk-baseline", "1000", 40),
        ("uk-baseline", "100", 4),
    ] {
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .expect("a pool can be built");
            let (operators, mut spans) = pool.install(|| time(name, scale, days));
            spans.sort_by(f64::total_cmp);
            println!(
                "{name:12}{operators:9}{threads:9}  {:.1}, {:.1} to {:.1}",
                spans[SPANS / 2],
                spans[0],
                spans[SPANS - 1]
            );
        }
    }
}

/// Operators of a shipped city at a scale, and what each of several spans of days cost.
fn time(name: &str, scale: &str, days: u32) -> (usize, Vec<f64>) {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../configs/experiments/{name}.ron"));
    let scale = Override::new("city.scale", scale);
    let experiment = load(&file, &[scale], &Given::default());
    let experiment = experiment.unwrap_or_else(|problems| panic!("{problems}"));
    let mut city = Simulation::new(&experiment.run(), 1, 0, Options::default());
    let mut span = || {
        let began = Instant::now();
        for _ in 0..days {
            city.step().unwrap_or_else(|breach| panic!("{breach}"));
        }
        city.take_events();
        began.elapsed().as_secs_f64() * 1e9 / (f64::from(days) * city.posts() as f64)
    };
    span();
    let spans = (0..SPANS).map(|_| span()).collect();
    (city.posts(), spans)
}
