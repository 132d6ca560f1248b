//! What experiments cost beside the days of the city: how long a run takes to begin, how fast rows reach the disk,
//! what daily rows of the city and its sectors add to a run, and how much a second thread helps a design.
//!
//! Run it with `cargo bench -p prodos-benches --bench recording`. Figures of one machine at one time; what is
//! compared is run in turn.

use prodos_config::{Experiment, Options as Given, Override, Record, load};
use prodos_experiment::{Conditions, conduct, sweep};
use prodos_model::build::Options;
use prodos_model::simulation::Simulation;
use prodos_record::{Manifest, ParquetWriter, Table};
use std::path::Path;
use std::time::Instant;

/// Pairs that are timed in turn; the median counts.
const PAIRS: usize = 5;

#[allow(clippy::print_stdout, reason = "a bench tells what it measured")]
fn main() {
    let scratch = tempfile::tempdir().expect("a folder");
    println!("a run of harbour begins in {:.3} ms", 1e3 * beginning());
    println!(
        "rows of a sector to the disk: {:.0} a second",
        rows_a_second(scratch.path())
    );
    let recording = shares(|| {
        let silent = seconds(|| once(&united_kingdom(0), scratch.path()));
        let told = seconds(|| once(&united_kingdom(1), scratch.path()));
        told / silent - 1.0
    });
    println!(
        "daily rows of city and sectors at {:.0} operators: {}",
        prodos_experiment::operators(&united_kingdom(1)),
        percent(&recording)
    );
    let design = harbour();
    let efficiency = shares(|| {
        let [one, two] = [1, 2].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().expect("a pool can be built");
            let out = tempfile::tempdir_in(scratch.path()).expect("a folder");
            seconds(|| {
                pool.install(|| sweep::whole(&design, out.path(), Manifest::default()))
                    .expect("it can be run");
            })
        });
        println!(
            "  {} runs of harbour: {one:.2} s on one thread, {two:.2} s on two",
            design.replicates
        );
        one / (2.0 * two)
    });
    println!("efficiency of two threads: {}", percent(&efficiency));
}

fn shipped(name: &str, set: &[Override]) -> Experiment {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../configs/experiments/{name}.ron"));
    let experiment = load(&file, set, &Given::default());
    experiment.unwrap_or_else(|problems| panic!("{problems}"))
}

/// A thousand runs of a year, each with its summary.
fn harbour() -> Experiment {
    let set = [
        Override::new("days", 365),
        Override::new("replicates", 1000),
        Override::new("record", "summary"),
    ];
    shipped("harbour", &set)
}

/// The United Kingdom with an operator for a thousand people; rows of city and sectors every so many days.
fn united_kingdom(every: u32) -> Experiment {
    let set = [
        Override::new("city.scale", 1000),
        Override::new("city.burn_in", 0),
        Override::new("days", 200),
    ];
    let mut experiment = shipped("uk-baseline", &set);
    experiment.record = Record {
        city_every: every,
        sectors_every: every,
        teams_every: 0,
        operators: 0,
        operators_every: 0,
        events: false,
    };
    experiment
}

fn once(experiment: &Experiment, scratch: &Path) {
    let out = tempfile::tempdir_in(scratch).expect("a folder");
    let conditions = Conditions::default();
    conduct(experiment, out.path(), conditions, &|_| (), |_, _| ()).expect("it can be run");
}

fn beginning() -> f64 {
    let run = harbour().run();
    let mut times: Vec<f64> = (0..200)
        .map(|replicate| {
            seconds(|| {
                std::hint::black_box(Simulation::new(&run, 1, replicate, Options::default()));
            })
        })
        .collect();
    median(&mut times)
}

/// Real rows, written over and over.
fn rows_a_second(scratch: &Path) -> f64 {
    let out = tempfile::tempdir_in(scratch).expect("a folder");
    let mut experiment = united_kingdom(1);
    experiment.city.scale = 10_000.0;
    experiment.days = 800;
    let conditions = Conditions::default();
    let ran = conduct(&experiment, out.path(), conditions, &|_| (), |_, _| ());
    let ran = ran.expect("it can be run");
    let rows = ran.folder.table("series/sectors.parquet");
    let rows: Table = rows.expect("they were recorded");
    let file = out.path().join("rows.parquet");
    let mut rates: Vec<f64> = (0..PAIRS)
        .map(|_| {
            let times = 20;
            let took = seconds(|| {
                let mut writer = ParquetWriter::create(&file, &rows).expect("a file");
                for _ in 0..times {
                    writer.append(&rows).expect("it can be written");
                }
                writer.finish().expect("it can be written");
            });
            (times * rows.rows()) as f64 / took
        })
        .collect();
    median(&mut rates)
}

fn seconds(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64()
}

fn shares(pair: impl FnMut() -> f64) -> Vec<f64> {
    let mut shares: Vec<f64> = std::iter::repeat_with(pair).take(PAIRS).collect();
    shares.sort_by(f64::total_cmp);
    shares
}

fn percent(shares: &[f64]) -> String {
    format!(
        "{:.1} %, {:.1} to {:.1} (median, least and most of {PAIRS} pairs)",
        100.0 * shares[PAIRS / 2],
        100.0 * shares[0],
        100.0 * shares[PAIRS - 1]
    )
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
