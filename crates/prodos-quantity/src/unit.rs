//! Quantities: a number that knows its unit.

use crate::Quantity;
use serde::{Deserialize, Serialize};

macro_rules! quantity {
    ($(#[$doc:meta] $name:ident = $unit:literal;)*) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub f64);

        impl Quantity for $name {
            const UNIT: &'static str = $unit;
            fn new(value: f64) -> Self {
                $name(value)
            }
            fn get(self) -> f64 {
                self.0
            }
        }
    )*};
}

quantity! {
    /// A span of time in days.
    Days = "days";
    /// Working time in hours.
    Hours = "hours";
    /// A rate per day.
    PerDay = "1/day";
    /// A part of a whole, 0 to 1 unless its range says otherwise.
    Share = "share";
    /// A number without a unit: a gain, a multiplier, a logit weight.
    Ratio = "ratio";
    /// A number of things.
    Count = "count";
}
