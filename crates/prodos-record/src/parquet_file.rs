//! Tables to Parquet and back.
//!
//! Each column carries its unit and meaning in the Arrow field metadata (`unit`, `description`).
//! Bytes depend on the table alone: a fixed writer name, fixed row groups, fixed compression.

use crate::whole_file::{begin, commit};
use crate::{Column, Data, Error, Table, Words};
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;
use std::collections::HashMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Rows a group of a Parquet file: what a writer holds until it is full, and a reader loads at once.
pub const ROWS_A_GROUP: usize = 16_384;

impl Table {
    /// Writes the table as one file.
    pub fn write_parquet(&self, path: &Path) -> Result<(), Error> {
        let mut writer = ParquetWriter::create(path, self)?;
        writer.append(self)?;
        writer.finish()
    }

    /// The bytes of such a file.
    pub fn parquet(&self) -> Result<Vec<u8>, Error> {
        self.check()?;
        let path = Path::new("a chunk");
        let schema = Arc::new(Schema::new(
            self.columns.iter().map(field).collect::<Vec<_>>(),
        ));
        let mut writer =
            ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(of_a_chunk(self)))
                .map_err(Error::parquet("write", path))?;
        writer
            .write(&batch(self, &schema, path)?)
            .map_err(Error::parquet("write", path))?;
        writer.into_inner().map_err(Error::parquet("write", path))
    }

    /// Reads the columns whose name is wanted batch by batch, for tables too long to hold.
    pub fn batches(
        path: &Path,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Box<dyn Iterator<Item = Result<Table, Error>>>, Error> {
        let (empty, reader) = reader(path, wanted)?;
        let path = path.to_owned();
        Ok(Box::new(reader.map(move |batch| {
            let batch = batch.map_err(Error::parquet("read", &path))?;
            let mut columns = empty.clone();
            for (column, array) in columns.iter_mut().zip(batch.columns()) {
                extend(&mut column.data, array);
            }
            Ok(Table { columns })
        })))
    }

    /// The columns of a file, without its rows.
    pub fn read_no_rows(path: &Path) -> Result<Vec<Column>, Error> {
        Ok(reader(path, |_| true)?.0)
    }

    /// Reads a whole file.
    pub fn read_parquet(path: &Path) -> Result<Table, Error> {
        Table::read_parquet_columns(path, |_| true)
    }

    /// Reads the columns whose name is wanted, in the order of the file.
    pub fn read_parquet_columns(
        path: &Path,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Table, Error> {
        let (mut columns, reader) = reader(path, wanted)?;
        for batch in reader {
            let batch = batch.map_err(Error::parquet("read", path))?;
            for (column, array) in columns.iter_mut().zip(batch.columns()) {
                extend(&mut column.data, array);
            }
        }
        Ok(Table { columns })
    }
}

/// The wanted columns of a file, empty, and what reads their cells.
fn reader(
    path: &Path,
    wanted: impl Fn(&str) -> bool,
) -> Result<(Vec<Column>, ParquetRecordBatchReader), Error> {
    let file = File::open(path).map_err(Error::disk("read", path))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(Error::parquet("read", path))?;
    let fields = builder.schema().fields().clone();
    let places = (0..fields.len()).filter(|&place| wanted(fields[place].name()));
    let places: Vec<usize> = places.collect();
    let empty = places
        .iter()
        .map(|&place| empty_column(&fields[place], path))
        .collect::<Result<_, _>>()?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), places);
    let reader = builder
        .with_projection(mask)
        .with_batch_size(ROWS_A_GROUP)
        .build()
        .map_err(Error::parquet("read", path))?;
    Ok((empty, reader))
}

/// A Parquet file that grows batch by batch, for tables too long to hold.
///
/// The file appears under its name at [`ParquetWriter::finish`]; if dropped before, nothing is left.
pub struct ParquetWriter {
    path: PathBuf,
    writer: ArrowWriter<BufWriter<NamedTempFile>>,
    schema: Arc<Schema>,
}

impl ParquetWriter {
    /// Begins a file with the columns of this table; its rows are not written yet.
    pub fn create(path: &Path, like: &Table) -> Result<ParquetWriter, Error> {
        like.check()?;
        let schema = Arc::new(Schema::new(
            like.columns.iter().map(field).collect::<Vec<_>>(),
        ));
        let file = BufWriter::new(begin(path)?);
        let properties = properties(like, zstd()).build();
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties))
            .map_err(Error::parquet("write", path))?;
        Ok(ParquetWriter {
            path: path.to_owned(),
            writer,
            schema,
        })
    }

    /// Appends the rows of a table with the same columns.
    pub fn append(&mut self, table: &Table) -> Result<(), Error> {
        table.check()?;
        let batch = batch(table, &self.schema, &self.path)?;
        self.writer
            .write(&batch)
            .map_err(Error::parquet("write", &self.path))
    }

    /// Writes the end of the file and gives it its name.
    pub fn finish(self) -> Result<(), Error> {
        let buffer = self
            .writer
            .into_inner()
            .map_err(Error::parquet("write", &self.path))?;
        let file = buffer
            .into_inner()
            .map_err(|error| Error::disk("write", &self.path)(error.into_error()))?;
        commit(file, &self.path)
    }
}

/// The rows of a table with the columns of a schema.
fn batch(table: &Table, schema: &Arc<Schema>, path: &Path) -> Result<RecordBatch, Error> {
    let arrays = table.columns.iter().map(array).collect();
    RecordBatch::try_new(Arc::clone(schema), arrays).map_err(|error| Error::Shape {
        reason: format!("{}: {error}", path.display()),
    })
}

/// Rows from which the columns of a chunk are worth compressing: a compressor takes longer to set up than a few
/// numbers take to write.
const WORTH_COMPRESSING: usize = 4096;

/// Bytes that are read once, by the program itself, soon after.
fn of_a_chunk(table: &Table) -> WriterProperties {
    let compression = if table.rows() < WORTH_COMPRESSING {
        Compression::UNCOMPRESSED
    } else {
        zstd()
    };
    properties(table, compression)
        .set_statistics_enabled(EnabledStatistics::None)
        .build()
}

fn zstd() -> Compression {
    Compression::ZSTD(ZstdLevel::default())
}

/// Columns of floats go without a dictionary: most of their numbers seldom repeat, and each would take
/// memory for one.
fn properties(like: &Table, compression: Compression) -> WriterPropertiesBuilder {
    let common = WriterProperties::builder()
        .set_created_by("prodos".into())
        .set_compression(compression)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(ROWS_A_GROUP));
    let floats = like
        .columns
        .iter()
        .filter(|column| matches!(column.data, Data::Float(_)));
    floats.fold(common, |properties, column| {
        let path = ColumnPath::from(column.name.as_str());
        properties.set_column_dictionary_enabled(path, false)
    })
}

fn field(column: &Column) -> Field {
    let (kind, nullable) = match column.data {
        Data::Float(_) => (DataType::Float64, true),
        Data::Integer(_) => (DataType::Int64, false),
        Data::OptionalInteger(_) => (DataType::Int64, true),
        Data::Text(_) => (DataType::Utf8, false),
    };
    let metadata = [("unit", &column.unit), ("description", &column.doc)];
    let metadata = metadata.into_iter().filter(|(_, text)| !text.is_empty());
    Field::new(&column.name, kind, nullable).with_metadata(
        metadata
            .map(|(key, text)| (key.to_owned(), text.clone()))
            .collect::<HashMap<_, _>>(),
    )
}

fn array(column: &Column) -> ArrayRef {
    match &column.data {
        Data::Float(cells) => {
            let nulls = cells.iter().any(|cell| cell.is_nan());
            let nulls = nulls.then(|| cells.iter().map(|cell| !cell.is_nan()).collect());
            Arc::new(Float64Array::new(cells.clone().into(), nulls))
        }
        Data::Integer(cells) => Arc::new(Int64Array::from(cells.clone())),
        Data::OptionalInteger(cells) => Arc::new(Int64Array::from(cells.clone())),
        Data::Text(words) => Arc::new(words.iter().map(Some).collect::<StringArray>()),
    }
}

fn empty_column(field: &Field, path: &Path) -> Result<Column, Error> {
    let data = match (field.data_type(), field.is_nullable()) {
        (DataType::Float64, _) => Data::Float(Vec::new()),
        (DataType::Int64, false) => Data::Integer(Vec::new()),
        (DataType::Int64, true) => Data::OptionalInteger(Vec::new()),
        (DataType::Utf8, _) => Data::Text(Words::default()),
        (other, _) => {
            let reason = format!(
                "column '{}' holds {other}; recorded tables hold 64-bit floats, 64-bit integers and text",
                field.name()
            );
            return Err(Error::Parquet {
                action: "read",
                path: path.to_owned(),
                reason,
            });
        }
    };
    let text = |key: &str| field.metadata().get(key).map_or("", String::as_str);
    Ok(Column::of(
        field.name(),
        text("unit"),
        text("description"),
        data,
    ))
}

/// The array has the type its column was made for.
fn extend(data: &mut Data, array: &ArrayRef) {
    match data {
        Data::Float(cells) => {
            cells.extend(
                array
                    .as_primitive::<Float64Type>()
                    .iter()
                    .map(|cell| cell.unwrap_or(f64::NAN)),
            );
        }
        Data::Integer(cells) => cells.extend_from_slice(array.as_primitive::<Int64Type>().values()),
        Data::OptionalInteger(cells) => cells.extend(array.as_primitive::<Int64Type>().iter()),
        Data::Text(words) => {
            let texts = array.as_string::<i32>();
            for row in 0..texts.len() {
                words.push(if texts.is_null(row) {
                    ""
                } else {
                    texts.value(row)
                });
            }
        }
    }
}
