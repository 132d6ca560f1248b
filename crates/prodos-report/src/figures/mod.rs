//! The figures, one file each, in the order the report shows them.

mod animation;
mod cascade;
mod hours;
mod lattice;
mod phases;
mod readings;
mod repair;
mod replicates;
mod sectors;
mod warnings;

pub(crate) use warnings::{Early, after_shock, indicators};

use crate::figure::{Figure, NoFigure};
use crate::story::Story;

/// A figure's name, what it is about in a word or two, and the function that draws it.
pub(crate) type Entry = (
    &'static str,
    &'static str,
    fn(&Story) -> Result<Figure, NoFigure>,
);

/// Every figure.
pub(crate) const ALL: [Entry; 10] = [
    ("phases", "Phases", phases::draw),
    ("readings", "Readings and margin", readings::draw),
    ("replicates", "Spread over runs", replicates::draw),
    ("sectors", "Sectors", sectors::draw),
    ("repair", "Repair", repair::draw),
    ("hours", "Hours", hours::draw),
    ("warnings", "Early warnings", warnings::draw),
    ("cascade", "Largest cascade", cascade::draw),
    ("lattice", "Map", lattice::draw),
    ("lattice-animation", "Map over time", animation::draw),
];
