//! What the test files share: shipped cities, small changes of them, and short ways to run them.

#![allow(dead_code, reason = "each test file uses a part of it")]

use prodos_config::{Experiment, Options as Given, Override, load, with_overrides};
use prodos_model::build::Options;
use prodos_model::parameters::ParametersPatch;
use prodos_model::rows::CityRow;
use prodos_model::simulation::{Hashes, Simulation};
use prodos_model::spec::Run;
use serde::de::value::Error;
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

/// Options with every team's ledgers checked.
pub(crate) const AUDIT: Options = Options {
    audit: true,
    readings_off: false,
    extra_draw: false,
};

fn shipped(name: &str) -> Experiment {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../configs/experiments/{name}.ron"));
    load(&path, &[], &Given::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Harbour, with a short burn-in: it starts at rest anyway.
pub(crate) fn harbour() -> Experiment {
    static HARBOUR: OnceLock<Experiment> = OnceLock::new();
    HARBOUR
        .get_or_init(|| {
            let mut experiment = shipped("harbour");
            experiment.city.burn_in = 60;
            experiment
        })
        .clone()
}

/// The United Kingdom at a scale, with a short burn-in.
pub(crate) fn uk(scale: f64) -> Experiment {
    static UK: OnceLock<Experiment> = OnceLock::new();
    let mut experiment = UK.get_or_init(|| shipped("uk-baseline")).clone();
    experiment.city.burn_in = 60;
    experiment.city.scale = scale;
    experiment
}

/// An experiment with some values changed, as `--set` does it; refused where the door refuses it.
pub(crate) fn try_set(
    experiment: &Experiment,
    values: &[(&str, String)],
) -> Result<Experiment, String> {
    let overrides: Vec<Override> = values
        .iter()
        .map(|(path, value)| Override::new(*path, value))
        .collect();
    with_overrides(experiment, &overrides).map_err(|problems| problems.to_string())
}

/// An experiment with some values changed.
pub(crate) fn set(experiment: &Experiment, values: &[(&str, &str)]) -> Experiment {
    let values: Vec<(&str, String)> = values
        .iter()
        .map(|(path, value)| (*path, (*value).to_owned()))
        .collect();
    try_set(experiment, &values).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The city after its burn-in.
pub(crate) fn settled(run: &Run, seed: u64, options: Options) -> Simulation {
    let mut city = Simulation::new(run, seed, 0, options);
    city.settle()
        .unwrap_or_else(|breach| panic!("while settling: {breach}"));
    city
}

/// Hashes after some days.
pub(crate) fn hashes_after(run: &Run, seed: u64, days: u32, options: Options) -> Hashes {
    let mut city = settled(run, seed, options);
    advance(&mut city, days);
    city.hashes()
}

/// Steps until that many days later.
pub(crate) fn advance(city: &mut Simulation, days: u32) {
    let end = city.day() + f64::from(days) - 1e-9;
    while city.day() < end {
        city.step().unwrap_or_else(|breach| panic!("{breach}"));
    }
}

/// Mean over the days of a run of some numbers of the city's row.
pub(crate) fn means<const N: usize>(
    run: &Run,
    seed: u64,
    (skip, days): (u32, u32),
    read: impl Fn(&CityRow) -> [f64; N],
) -> [f64; N] {
    let mut city = settled(run, seed, Options::default());
    advance(&mut city, skip);
    let end = city.day() + f64::from(days) - 1e-9;
    let mut sums = [0.0; N];
    let mut ticks = 0.0;
    while city.day() < end {
        city.step().unwrap_or_else(|breach| panic!("{breach}"));
        ticks += 1.0;
        for (sum, value) in sums.iter_mut().zip(read(&city.city_row())) {
            *sum += value;
        }
    }
    sums.map(|sum| sum / ticks)
}

/// Mean and standard error of independent numbers.
pub(crate) fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    (mean, (square / n).sqrt())
}

/// A value as written in a file, for fields of any patch.
struct Written<'a>(&'a str);

impl<'a> IntoDeserializer<'a, Error> for Written<'a> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Written<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.parse() {
            Ok(number) => visitor.visit_f64(number),
            Err(_) => visitor.visit_enum(self.0.into_deserializer()),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The patch that sets one parameter, named as on the command line.
pub(crate) fn patch(path: &str, value: &str) -> ParametersPatch {
    let (room, name) = path.split_once('.').expect("a path has a room");
    let rooms = BTreeMap::from([(room, BTreeMap::from([(name, Written(value))]))]);
    ParametersPatch::deserialize(IntoDeserializer::<Error>::into_deserializer(rooms))
        .unwrap_or_else(|problem| panic!("{path}={value}: {problem}"))
}
