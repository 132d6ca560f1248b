//! Parameters: what a user can set.

use serde::{Serialize, de::DeserializeOwned};

/// Who may set a parameter, in the terms of exploratory modelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A policy may set it: what we do.
    Lever,
    /// The world sets it: a city or a scenario.
    Uncertain,
    /// A convention of the model, kept unless the method itself is studied.
    Convention,
}

impl Role {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Role::Lever => "lever",
            Role::Uncertain => "uncertain",
            Role::Convention => "convention",
        }
    }
}

/// A default or a set value: a number, or one of a list of names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A number in the unit of the parameter.
    Number(f64),
    /// One of the names in [`Parameter::choices`].
    Choice(&'static str),
}

/// One number (or choice) that a user can set, with all that is known about it.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The room it belongs to, for example `wear`.
    pub group: &'static str,
    /// Its name within the room, for example `inspection_interval`.
    pub name: &'static str,
    /// Meaning, in a sentence.
    pub doc: &'static str,
    /// Unit, or `choice`.
    pub unit: &'static str,
    /// Value when no file says otherwise.
    pub default: Value,
    /// Hard range, both ends allowed; `(0, 0)` for a choice.
    pub range: (f64, f64),
    /// Range in which real systems are found; inside `range`.
    pub typical: (f64, f64),
    /// Who may set it.
    pub role: Role,
    /// Where the default comes from, or the word assumption.
    pub source: &'static str,
    /// The allowed names of a choice, each with its meaning; empty for a number.
    pub choices: &'static [(&'static str, &'static str)],
}

impl Parameter {
    /// Full name as written in files and on the command line: `group.name`.
    pub fn path(&self) -> String {
        format!("{}.{}", self.group, self.name)
    }
}

/// A number with a unit, stored as `f64`.
pub trait Quantity: Copy {
    /// Unit as shown to people.
    const UNIT: &'static str;
    /// Wraps a bare number.
    fn new(value: f64) -> Self;
    /// The bare number.
    fn get(self) -> f64;
}

/// A parameter with named alternatives.
pub trait Choice: Copy + 'static {
    /// All names with their meaning, in the order of declaration.
    const NAMES: &'static [(&'static str, &'static str)];
    /// Name of this alternative as written in files.
    fn name(self) -> &'static str;
}

/// What may stand as a field of a parameter group.
pub trait Setting: Copy + PartialEq + Serialize + DeserializeOwned {
    /// The current value for tables and checks.
    fn value(self) -> Value;
}

impl<Q: Quantity + PartialEq + Serialize + DeserializeOwned> Setting for Q {
    fn value(self) -> Value {
        Value::Number(self.get())
    }
}

/// A value outside the hard range of its parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct OutOfRange {
    /// `group.name` of the parameter.
    pub path: String,
    /// The offending value (may be NaN).
    pub value: f64,
    /// The hard range.
    pub range: (f64, f64),
    /// Unit of both.
    pub unit: &'static str,
    /// Meaning of the parameter.
    pub doc: &'static str,
}

impl Parameter {
    /// Refuses a number outside the hard range; choices always pass.
    pub fn check(&self, value: Value) -> Result<(), OutOfRange> {
        match value {
            Value::Number(number) if !(self.range.0..=self.range.1).contains(&number) => {
                Err(OutOfRange {
                    path: self.path(),
                    value: number,
                    range: self.range,
                    unit: self.unit,
                    doc: self.doc,
                })
            }
            _ => Ok(()),
        }
    }
}

/// Declares an enum of named alternatives that can stand as a parameter.
#[macro_export]
macro_rules! choices {
    ($(#[$doc:meta])* pub enum $name:ident {
        $(#[doc = $vdoc:literal] $(#[doc = $vmore:literal])* $variant:ident = $text:literal,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, $crate::serde::Serialize, $crate::serde::Deserialize)]
        #[serde(crate = "prodos_quantity::serde")]
        pub enum $name {
            $(#[doc = $vdoc] $(#[doc = $vmore])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Name of this alternative as written in files.
            pub const fn text(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }
        }

        impl $crate::Choice for $name {
            const NAMES: &'static [(&'static str, &'static str)] =
                &[$(($text, concat!($vdoc $(, $vmore)*)),)*];
            fn name(self) -> &'static str {
                self.text()
            }
        }
    };
}

/// Declares a group of parameters: the struct, its patch (only what differs), and its table.
///
/// Numbers read `name: Unit = default, range min..=max, typical min..=max, role, "source";`.
/// Choices follow in a block `choices { name: Enum = Enum::Variant, role, "source"; }`.
#[macro_export]
macro_rules! params {
    (
        $(#[$gdoc:meta])*
        pub struct $group:ident / $patch:ident in $room:literal {
            $(
                #[doc = $doc:literal] $(#[doc = $more:literal])*
                $name:ident: $unit:ident = $default:literal,
                range $min:literal ..= $max:literal, typical $low:literal ..= $high:literal,
                $role:ident, $source:literal;
            )*
            $(choices {
                $(
                    #[doc = $cdoc:literal] $(#[doc = $cmore:literal])*
                    $cname:ident: $cty:ident = $cdefault:ident, $crole:ident, $csource:literal;
                )*
            })?
        }
    ) => {
        $(#[$gdoc])*
        #[derive(Clone, Copy, Debug, PartialEq, $crate::serde::Serialize, $crate::serde::Deserialize)]
        #[serde(crate = "prodos_quantity::serde", default, deny_unknown_fields)]
        pub struct $group {
            $(#[doc = $doc] $(#[doc = $more])* pub $name: $crate::$unit,)*
            $($(#[doc = $cdoc] $(#[doc = $cmore])* pub $cname: $cty,)*)?
        }

        impl Default for $group {
            fn default() -> Self {
                $group {
                    $($name: <$crate::$unit as $crate::Quantity>::new($default as f64),)*
                    $($($cname: $cty::$cdefault,)*)?
                }
            }
        }

        /// Only the parameters of this group that differ.
        #[derive(Clone, Debug, Default, PartialEq, $crate::serde::Serialize, $crate::serde::Deserialize)]
        #[serde(crate = "prodos_quantity::serde", default, deny_unknown_fields)]
        pub struct $patch {
            $(#[doc = $doc] #[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<$crate::$unit>,)*
            $($(#[doc = $cdoc] #[serde(skip_serializing_if = "Option::is_none")] pub $cname: Option<$cty>,)*)?
        }

        impl $group {
            /// The table of this group, in the order of declaration.
            pub const PARAMETERS: &'static [$crate::Parameter] = &[
                $($crate::Parameter {
                    group: $room, name: stringify!($name),
                    doc: concat!($doc $(, $more)*), unit: <$crate::$unit as $crate::Quantity>::UNIT,
                    default: $crate::Value::Number($default as f64),
                    range: ($min as f64, $max as f64), typical: ($low as f64, $high as f64),
                    role: $crate::Role::$role, source: $source, choices: &[],
                },)*
                $($($crate::Parameter {
                    group: $room, name: stringify!($cname),
                    doc: concat!($cdoc $(, $cmore)*), unit: "choice",
                    default: $crate::Value::Choice($cty::$cdefault.text()),
                    range: (0.0, 0.0), typical: (0.0, 0.0),
                    role: $crate::Role::$crole, source: $csource,
                    choices: <$cty as $crate::Choice>::NAMES,
                },)*)?
            ];

            /// Replaces what the patch names.
            pub fn apply(&mut self, patch: &$patch) {
                $(if let Some(value) = patch.$name { self.$name = value; })*
                $($(if let Some(value) = patch.$cname { self.$cname = value; })*)?
            }

            /// Current values, in the order of [`Self::PARAMETERS`].
            pub fn values(&self) -> Vec<$crate::Value> {
                vec![
                    $($crate::Setting::value(self.$name),)*
                    $($($crate::Value::Choice($crate::Choice::name(self.$cname)),)*)?
                ]
            }
        }

        impl $patch {
            /// Takes over what the other patch names: later layers win.
            pub fn merge(&mut self, later: &$patch) {
                $(if later.$name.is_some() { self.$name = later.$name; })*
                $($(if later.$cname.is_some() { self.$cname = later.$cname; })*)?
            }

            /// Forgets what the other patch names.
            pub fn forget(&mut self, other: &$patch) {
                $(if other.$name.is_some() { self.$name = None; })*
                $($(if other.$cname.is_some() { self.$cname = None; })*)?
            }

            /// Whether it names nothing.
            pub fn is_empty(&self) -> bool {
                *self == Self::default()
            }
        }
    };
}

/// Collects parameter groups into one tree with one table.
#[macro_export]
macro_rules! parameters {
    (
        $(#[$doc:meta])*
        pub struct $all:ident / $patch:ident {
            $(#[doc = $fdoc:literal] $field:ident: $group:ident / $gpatch:ident,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, $crate::serde::Serialize, $crate::serde::Deserialize)]
        #[serde(crate = "prodos_quantity::serde", default, deny_unknown_fields)]
        pub struct $all {
            $(#[doc = $fdoc] pub $field: $group,)*
        }

        /// Only the parameters that differ, room by room.
        #[derive(Clone, Debug, Default, PartialEq, $crate::serde::Serialize, $crate::serde::Deserialize)]
        #[serde(crate = "prodos_quantity::serde", default, deny_unknown_fields)]
        pub struct $patch {
            $(#[doc = $fdoc] #[serde(skip_serializing_if = "nothing_said")] pub $field: $gpatch,)*
        }

        /// Whether a room of a patch says nothing, so that it is left out when written.
        fn nothing_said<P: Default + PartialEq>(patch: &P) -> bool {
            *patch == P::default()
        }

        impl $all {
            /// Groups of parameters as files name them, with what each is about.
            pub const GROUPS: &'static [(&'static str, &'static str)] =
                &[$((stringify!($field), $fdoc),)*];

            /// Every parameter of the model, room by room.
            pub fn table() -> Vec<&'static $crate::Parameter> {
                let mut table = Vec::new();
                $(table.extend($group::PARAMETERS);)*
                table
            }

            /// Replaces what the patch names.
            pub fn apply(&mut self, patch: &$patch) {
                $(self.$field.apply(&patch.$field);)*
            }

            /// Current values, in the order of [`Self::table`].
            pub fn values(&self) -> Vec<$crate::Value> {
                let mut values = Vec::new();
                $(values.extend(self.$field.values());)*
                values
            }
        }

        impl $patch {
            /// Takes over what the other patch names: later layers win.
            pub fn merge(&mut self, later: &$patch) {
                $(self.$field.merge(&later.$field);)*
            }

            /// Forgets what the other patch names.
            pub fn forget(&mut self, other: &$patch) {
                $(self.$field.forget(&other.$field);)*
            }

            /// Whether it names nothing.
            pub fn is_empty(&self) -> bool {
                *self == Self::default()
            }
        }
    };
}
