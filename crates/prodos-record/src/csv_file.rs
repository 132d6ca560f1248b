//! Tables to CSV, for spreadsheets: RFC 4180, a point for decimals, null as an empty field.

use crate::{Data, Error, Table, write_whole};
use std::fmt::Write as _;
use std::path::Path;

impl Table {
    /// Writes the table with one header line. Numbers are as short as still reads back to the same bits.
    pub fn write_csv(&self, path: &Path) -> Result<(), Error> {
        self.check()?;
        write_whole(path, |out| {
            let mut csv = csv::WriterBuilder::new()
                .terminator(csv::Terminator::CRLF)
                .from_writer(out);
            csv.write_record(self.columns.iter().map(|column| &column.name))?;
            let mut cell = String::new();
            for row in 0..self.rows() {
                for column in &self.columns {
                    cell.clear();
                    write_cell(&mut cell, &column.data, row);
                    csv.write_field(&cell)?;
                }
                csv.write_record(None::<&[u8]>)?;
            }
            csv.flush()
        })
    }
}

fn write_cell(cell: &mut String, data: &Data, row: usize) {
    let written = match data {
        Data::Float(cells) if cells[row].is_nan() => Ok(()),
        Data::Float(cells) => write_float(cell, cells[row]),
        Data::Integer(cells) => write!(cell, "{}", cells[row]),
        Data::OptionalInteger(cells) => {
            cells[row].map_or(Ok(()), |number| write!(cell, "{number}"))
        }
        Data::Text(words) => cell.write_str(words.get(row)),
    };
    written.expect("a string takes everything");
}

/// Plain digits for ordinary sizes, an exponent where plain digits would be a wall of zeros.
fn write_float(cell: &mut String, number: f64) -> std::fmt::Result {
    let size = number.abs();
    if size != 0.0 && !(1e-5..1e16).contains(&size) && size.is_finite() {
        write!(cell, "{number:e}")
    } else {
        write!(cell, "{number}")
    }
}
