//! Tables in memory: named columns of equal length.
//!
//! A table grows by rows and is stored by columns, so that a run can append one row an entity a day
//! and the disk still sees long runs of one kind of number. No cell is an allocation of its own;
//! words are kept once and referred to by number.

use crate::Error;
use prodos_quantity::Probe;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::Range;

/// One column: its name, what it means, and its cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Name as written in files.
    pub name: String,
    /// Unit as shown to people; `text` for words, `id` for numbers that only tell things apart.
    pub unit: String,
    /// Meaning, in a sentence.
    pub doc: String,
    /// The cells.
    pub data: Data,
}

/// The cells of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Data {
    /// Numbers; NaN stands for null.
    Float(Vec<f64>),
    /// Whole numbers that always exist.
    Integer(Vec<i64>),
    /// Whole numbers that may be missing.
    OptionalInteger(Vec<Option<i64>>),
    /// Words from a small vocabulary.
    Text(Words),
}

/// One cell, as appended to a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// A number, for a float column; NaN for null.
    Float(f64),
    /// A whole number, for an integer or an optional integer column.
    Integer(i64),
    /// Nothing: NaN in a float column, missing in an optional one, the empty word in a text column.
    Null,
    /// A word, for a text column.
    Text(&'a str),
}

impl Column {
    /// An empty column of numbers.
    pub fn float(name: &str, unit: &str, doc: &str) -> Column {
        Column::of(name, unit, doc, Data::Float(Vec::new()))
    }

    /// An empty column of whole numbers.
    pub fn integer(name: &str, unit: &str, doc: &str) -> Column {
        Column::of(name, unit, doc, Data::Integer(Vec::new()))
    }

    /// An empty column of whole numbers that may be missing.
    pub fn optional_integer(name: &str, unit: &str, doc: &str) -> Column {
        Column::of(name, unit, doc, Data::OptionalInteger(Vec::new()))
    }

    /// An empty column of words.
    pub fn text(name: &str, doc: &str) -> Column {
        Column::of(name, "text", doc, Data::Text(Words::default()))
    }

    /// An empty column for a probe, with its name, unit and meaning; money has the name of its currency.
    pub fn from_probe(probe: &Probe, currency: &str) -> Column {
        let unit = match probe.unit.strip_prefix("money") {
            Some(per) if !currency.is_empty() => format!("{currency}{per}"),
            _ => probe.unit.to_owned(),
        };
        Column::float(probe.name, &unit, probe.doc.trim())
    }

    /// A column of numbers that are there already.
    pub fn of(name: &str, unit: &str, doc: &str, data: Data) -> Column {
        Column {
            name: name.into(),
            unit: unit.into(),
            doc: doc.into(),
            data,
        }
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        match &self.data {
            Data::Float(cells) => cells.len(),
            Data::Integer(cells) => cells.len(),
            Data::OptionalInteger(cells) => cells.len(),
            Data::Text(words) => words.len(),
        }
    }

    /// Whether there are no cells.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends a cell. A cell of another kind is a slip of the caller and panics.
    fn push(&mut self, cell: Cell<'_>) {
        match (&mut self.data, cell) {
            (Data::Float(cells), Cell::Float(number)) => cells.push(number),
            (Data::Float(cells), Cell::Integer(number)) => cells.push(number as f64),
            (Data::Float(cells), Cell::Null) => cells.push(f64::NAN),
            (Data::Integer(cells), Cell::Integer(number)) => cells.push(number),
            (Data::OptionalInteger(cells), Cell::Integer(number)) => cells.push(Some(number)),
            (Data::OptionalInteger(cells), Cell::Null) => cells.push(None),
            (Data::Text(words), Cell::Text(word)) => words.push(word),
            (Data::Text(words), Cell::Null) => words.push(""),
            (_, cell) => panic!("column '{}' cannot hold {cell:?}", self.name),
        }
    }

    /// Empties the column and keeps its description.
    fn clear(&mut self) {
        match &mut self.data {
            Data::Float(cells) => cells.clear(),
            Data::Integer(cells) => cells.clear(),
            Data::OptionalInteger(cells) => cells.clear(),
            Data::Text(words) => words.codes.clear(),
        }
    }
}

/// A column of words, each kept once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Words {
    vocabulary: Vec<String>,
    codes: Vec<u32>,
    code_of: HashMap<String, u32>,
}

impl Words {
    /// Appends a word.
    pub fn push(&mut self, word: &str) {
        let next = self.vocabulary.len() as u32;
        let code = self.code_of.get(word).copied().unwrap_or(next);
        if code == next {
            self.vocabulary.push(word.into());
            self.code_of.insert(word.into(), next);
        }
        self.codes.push(code);
    }

    /// The word of a row.
    pub fn get(&self, row: usize) -> &str {
        &self.vocabulary[self.codes[row] as usize]
    }

    /// The words, row by row.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.codes
            .iter()
            .map(|&code| self.vocabulary[code as usize].as_str())
    }

    /// The distinct words in order of first appearance, and for each row the place of its word there.
    pub fn codes(&self) -> (&[String], &[u32]) {
        (&self.vocabulary, &self.codes)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }
}

impl From<Vec<String>> for Words {
    fn from(words: Vec<String>) -> Words {
        words.iter().map(String::as_str).collect()
    }
}

impl From<Words> for Vec<String> {
    fn from(words: Words) -> Vec<String> {
        words.iter().map(str::to_owned).collect()
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Words) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a> FromIterator<&'a str> for Words {
    fn from_iter<I: IntoIterator<Item = &'a str>>(words: I) -> Words {
        let mut column = Words::default();
        words.into_iter().for_each(|word| column.push(word));
        column
    }
}

/// Columns of equal length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The columns, in the order they are written.
    pub columns: Vec<Column>,
}

impl Table {
    /// A table of these columns.
    pub fn new(columns: Vec<Column>) -> Table {
        Table { columns }
    }

    /// An empty table: the key columns first, then one column a probe, money in this currency.
    pub fn of_probes(keys: Vec<Column>, probes: &[Probe], currency: &str) -> Table {
        let mut columns = keys;
        columns.extend(
            probes
                .iter()
                .map(|probe| Column::from_probe(probe, currency)),
        );
        Table { columns }
    }

    /// Its columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }

    /// Appends a row: the keys into the first columns, the values into the rest.
    ///
    /// The caller writes as many cells as there are columns, of the kinds they have;
    /// anything else is a slip in the program and panics.
    pub fn push_row(&mut self, keys: &[Cell<'_>], values: impl IntoIterator<Item = f64>) {
        let mut columns = self.columns.iter_mut();
        for (&key, column) in keys.iter().zip(columns.by_ref()) {
            column.push(key);
        }
        let mut values = values.into_iter();
        for column in columns {
            let Some(value) = values.next() else {
                panic!("the row ends before column '{}'", column.name)
            };
            column.push(Cell::Float(value));
        }
        assert!(
            values.next().is_none(),
            "the row is longer than the table is wide"
        );
    }

    /// Appends some rows of a table with the same columns; other columns are a slip in the program and panic.
    pub fn append_rows(&mut self, from: &Table, rows: Range<usize>) {
        assert_eq!(
            self.columns.len(),
            from.columns.len(),
            "the tables have other columns"
        );
        for (own, other) in self.columns.iter_mut().zip(&from.columns) {
            match (&mut own.data, &other.data) {
                (Data::Float(own), Data::Float(other)) => {
                    own.extend_from_slice(&other[rows.clone()]);
                }
                (Data::Integer(own), Data::Integer(other)) => {
                    own.extend_from_slice(&other[rows.clone()]);
                }
                (Data::OptionalInteger(own), Data::OptionalInteger(other)) => {
                    own.extend_from_slice(&other[rows.clone()]);
                }
                (Data::Text(own), Data::Text(other)) => {
                    rows.clone().for_each(|row| own.push(other.get(row)));
                }
                _ => panic!("column '{}' holds other cells", own.name),
            }
        }
    }

    /// Forgets the rows and keeps the columns, for the next batch.
    pub fn clear(&mut self) {
        self.columns.iter_mut().for_each(Column::clear);
    }

    /// Sets all cells of a column of whole numbers; nothing where there is no such column.
    pub fn fill_integers(&mut self, name: &str, number: i64) {
        let column = self.columns.iter_mut().find(|column| column.name == name);
        if let Some(Data::Integer(cells)) = column.map(|column| &mut column.data) {
            cells.fill(number);
        }
    }

    /// The column of that name, if there is one.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The cells of a column of numbers.
    pub fn floats(&self, name: &str) -> Result<&[f64], Error> {
        match self.column(name).map(|column| &column.data) {
            Some(Data::Float(cells)) => Ok(cells),
            _ => Err(self.missing(name, "numbers")),
        }
    }

    /// The cells of a column of whole numbers.
    pub fn integers(&self, name: &str) -> Result<&[i64], Error> {
        match self.column(name).map(|column| &column.data) {
            Some(Data::Integer(cells)) => Ok(cells),
            _ => Err(self.missing(name, "whole numbers")),
        }
    }

    /// The cells of a column of whole numbers, missing or not.
    pub fn optional_integers(&self, name: &str) -> Result<Vec<Option<i64>>, Error> {
        match self.column(name).map(|column| &column.data) {
            Some(Data::OptionalInteger(cells)) => Ok(cells.clone()),
            Some(Data::Integer(cells)) => Ok(cells.iter().copied().map(Some).collect()),
            _ => Err(self.missing(name, "whole numbers, possibly missing")),
        }
    }

    /// The cells of a column of words.
    pub fn words(&self, name: &str) -> Result<&Words, Error> {
        match self.column(name).map(|column| &column.data) {
            Some(Data::Text(words)) => Ok(words),
            _ => Err(self.missing(name, "words")),
        }
    }

    /// The check before writing: at least one column, all of one length, no name twice.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let Some(first) = self.columns.first() else {
            return Err(Error::Shape {
                reason: "it has no columns".into(),
            });
        };
        for (place, column) in self.columns.iter().enumerate() {
            if column.len() != first.len() {
                let reason = format!(
                    "column '{}' has {} rows, column '{}' has {}",
                    column.name,
                    column.len(),
                    first.name,
                    first.len()
                );
                return Err(Error::Shape { reason });
            }
            if self.columns[..place]
                .iter()
                .any(|other| other.name == column.name)
            {
                return Err(Error::Shape {
                    reason: format!("two columns are called '{}'", column.name),
                });
            }
        }
        Ok(())
    }

    fn missing(&self, name: &str, kind: &'static str) -> Error {
        let present: Vec<&str> = self
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        Error::Column {
            name: name.into(),
            kind,
            present: present.join(", "),
        }
    }
}
