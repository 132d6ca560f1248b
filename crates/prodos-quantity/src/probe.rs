//! Probes: what a user can see.

/// The level of the lattice a probe is read at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zoom {
    /// Z0: one operator.
    Operator,
    /// Z1: one team.
    Team,
    /// Z2: one sector.
    Sector,
    /// The whole city.
    City,
}

impl Zoom {
    /// Name as written in tables.
    pub fn name(self) -> &'static str {
        match self {
            Zoom::Operator => "operator",
            Zoom::Team => "team",
            Zoom::Sector => "sector",
            Zoom::City => "city",
        }
    }
}

/// How a probe behaves over time, which decides how it is summed up and drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A quantity per day: sums over days make sense.
    Flow,
    /// A quantity at the end of the day.
    Stock,
    /// A ratio, index or mean: only averages make sense.
    Level,
    /// One of a list of states, by its number: neither sums nor averages make sense.
    State,
}

impl Kind {
    /// A value of a day from those of its ticks, in order.
    pub fn of_day(self, ticks: impl Iterator<Item = f64>) -> f64 {
        match self {
            Kind::Stock | Kind::State => ticks.last().unwrap_or_default(),
            Kind::Flow | Kind::Level => {
                let (mut sum, mut there, mut all) = (0.0, 0u32, 0u32);
                for value in ticks {
                    all += 1;
                    if !value.is_nan() {
                        sum += value;
                        there += 1;
                    }
                }
                match (there, all) {
                    (0, 0) => 0.0,
                    (0, _) => f64::NAN,
                    _ => sum / f64::from(there),
                }
            }
        }
    }
}

/// One number that a user can see.
#[derive(Clone, Copy, Debug)]
pub struct Probe {
    /// Column name.
    pub name: &'static str,
    /// Meaning, in a sentence.
    pub doc: &'static str,
    /// Unit as shown to people.
    pub unit: &'static str,
    /// The zoom it is read at.
    pub zoom: Zoom,
    /// Flow, stock, level or state.
    pub kind: Kind,
}

/// Declares the row of probes of one zoom: a struct of `f64` with its table.
///
/// A value that does not exist on a day (a ratio without a denominator) is NaN and recorded as null.
#[macro_export]
macro_rules! probes {
    (
        $(#[$rdoc:meta])*
        pub struct $row:ident in $zoom:ident {
            $(#[doc = $doc:literal] $(#[doc = $more:literal])* $name:ident: $kind:ident $unit:literal;)*
        }
    ) => {
        $(#[$rdoc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, $crate::serde::Serialize, $crate::serde::Deserialize)]
        #[serde(crate = "prodos_quantity::serde")]
        pub struct $row {
            $(#[doc = $doc] $(#[doc = $more])* pub $name: f64,)*
        }

        impl $row {
            /// The table of this row, in the order of declaration.
            pub const PROBES: &'static [$crate::Probe] = &[
                $($crate::Probe {
                    name: stringify!($name), doc: concat!($doc $(, $more)*), unit: $unit,
                    zoom: $crate::Zoom::$zoom, kind: $crate::Kind::$kind,
                },)*
            ];

            /// The values, in the order of [`Self::PROBES`].
            pub fn values(&self) -> impl Iterator<Item = f64> + use<> {
                [$(self.$name,)*].into_iter()
            }

            /// The row of a day from those of its ticks, in order: flows and levels are means, stocks and states
            /// those of the evening. Null only where every tick is; the default without any tick.
            pub fn of_day(ticks: &[$row]) -> $row {
                $row {
                    $($name: $crate::Kind::$kind.of_day(ticks.iter().map(|row| row.$name)),)*
                }
            }
        }
    };
}
