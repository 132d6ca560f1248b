//! The city grid over all recorded days, as a moving PNG.
//!
//! The sheet is drawn once; from frame to frame only the day, the bar of time and the cells change. A
//! palette of four phases and sixteen greys keeps the file small.

use super::lattice::{patches, share_in};
use crate::Error;
use crate::colour::{INK, PHASES};
use crate::facts::chosen_spells;
use crate::figure::{Draft, Figure, MARGIN, NoFigure, Player, because};
use crate::marks::phase_band;
use crate::panel::{Panel, day_range, legend, phase_legend};
use crate::phrase;
use crate::pixels::rasterise;
use crate::sheet::{Sheet, Type, WIDTH};
use crate::story::{Lattice, Story};
use plotters::style::RGBColor;

const NAME: &str = "lattice-animation";
const FRAMES: usize = 160;
const GREYS: u8 = 16;
/// Letters a page may carry for the cells of all frames.
const LETTERS: usize = 600_000;
const LABEL: f64 = 26.0;
/// Frames a second.
const PACE: u16 = 10;

pub(crate) fn draw(story: &Story) -> Result<Figure, NoFigure> {
    let lattice = story
        .lattice
        .as_ref()
        .ok_or_else(|| because("The phases of teams on the lattice were not recorded."))?;
    if lattice.frames.len() < 3 {
        return Err(because(
            "The lattice was recorded on fewer than three days, so there is nothing to animate.",
        ));
    }
    let frames = frames(lattice);
    let cell = ((WIDTH - 2.0 * MARGIN) / lattice.width as f64)
        .min(680.0 / lattice.height as f64)
        .floor()
        .max(1.0);
    let reading = "Each cell is a team, each outlined patch a sector with its code; the band is the city's phase over time.";
    let mut draft = Draft::new(NAME, title(lattice) + &story.which(), reading.into());
    legend(&mut draft.sheet, MARGIN, draft.top + 12.0, &phase_legend());
    let width = cell * lattice.width as f64;
    let panel = Panel {
        x: MARGIN,
        y: 0.0,
        width,
        height: 0.0,
        days: day_range(story),
        values: (0.0, 1.0),
    };
    let band = draft.top + 34.0;
    phase_band(&mut draft.sheet, &panel, band, 14.0, &chosen_spells(story));
    // Everything below starts on a whole pixel.
    let label = (band + 18.0).ceil();
    let top = label + LABEL + 8.0;
    let bottom = top + cell * lattice.height as f64;

    let player = player(story, lattice)?;
    let mut over = Sheet::new();
    patches(&mut over, story, lattice, (MARGIN, top), cell);
    let still = draft.finish(story, bottom, true)?;
    let base = quantised(&still.svg)?;
    let over = overlay(&over.finish(NAME, f64::from(base.1), "", "")?)?;

    let moving = Moving {
        lattice,
        base: &base.2,
        over: &over,
        wide: base.0 as usize,
        origin: (MARGIN as usize, top as usize),
        cell: cell as usize,
        label: (label as usize, LABEL as usize),
    };
    let labels = labels(story, lattice, &frames, &panel)?;
    let bytes = moving
        .encode(base.1, &frames, &labels)
        .map_err(|error| Error::drawing(NAME, error))?;
    Ok(Figure {
        animation: Some(bytes),
        player: Some(player),
        ..still
    })
}

/// Recorded days, evenly thinned if there are very many, first and last kept.
fn frames(lattice: &Lattice) -> Vec<usize> {
    let number = lattice.frames.len().min(FRAMES);
    (0..number)
        .map(|frame| frame * (lattice.frames.len() - 1) / (number - 1).max(1))
        .collect()
}

/// The same for a page that can draw: outlines as a drawing of their own, cells as letters.
fn player(story: &Story, lattice: &Lattice) -> Result<Player, NoFigure> {
    let cell = (WIDTH / lattice.width as f64).min(600.0 / lattice.height as f64);
    let mut over = Sheet::new();
    patches(&mut over, story, lattice, (0.0, 0.0), cell);
    let (wide, high) = (cell * lattice.width as f64, cell * lattice.height as f64);
    let outlines = over.finish(
        "lattice-outlines",
        high,
        "Sectors on the lattice",
        "Outlines and letters of sectors",
    )?;
    let most = (LETTERS / (lattice.width * lattice.height).div_ceil(2)).clamp(2, FRAMES);
    let number = lattice.frames.len().min(most);
    let frames = (0..number).map(|place| {
        let (day, cells) =
            &lattice.frames[place * (lattice.frames.len() - 1) / (number - 1).max(1)];
        // Two cells a letter: five states each make twenty-five letters.
        let letters = cells
            .chunks(2)
            .map(|pair| (b'a' + 5 * pair[0] + pair.get(1).copied().unwrap_or(0)) as char);
        (
            phrase::capital(&phrase::day(story, *day)),
            share_in(cells, 0),
            letters.collect(),
        )
    });
    Ok(Player {
        columns: lattice.width,
        rows: lattice.height,
        wide,
        outlines,
        frames: frames.collect(),
    })
}

/// One strip a frame: the day in words and a mark on the bar of time, below one another.
fn labels(
    story: &Story,
    lattice: &Lattice,
    frames: &[usize],
    panel: &Panel,
) -> Result<Vec<u8>, NoFigure> {
    let mut sheet = Sheet::new();
    for (place, &frame) in frames.iter().enumerate() {
        let (day, cells) = &lattice.frames[frame];
        let top = place as f64 * LABEL;
        let x = panel.across(*day);
        sheet.area(
            &[(x - 4.0, top + 6.0), (x + 4.0, top + 6.0), (x, top)],
            INK,
            1.0,
        );
        let text = format!(
            "{} · {} of teams in phase\u{a0}0",
            phrase::capital(&phrase::day(story, *day)),
            phrase::percent(share_in(cells, 0))
        );
        sheet.text(MARGIN, top + 20.0, &text, Type::of(13.0).bold());
    }
    let svg = sheet.finish(NAME, frames.len() as f64 * LABEL, "", "")?;
    Ok(quantised(&svg)?.2)
}

struct Moving<'a> {
    lattice: &'a Lattice,
    base: &'a [u8],
    over: &'a [u8],
    wide: usize,
    origin: (usize, usize),
    cell: usize,
    label: (usize, usize),
}

impl Moving<'_> {
    fn encode(
        &self,
        high: u32,
        frames: &[usize],
        labels: &[u8],
    ) -> Result<Vec<u8>, png::EncodingError> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.wide as u32, high);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(palette());
        encoder.set_trns(transparency());
        encoder.set_compression(png::Compression::Balanced);
        encoder.set_filter(png::Filter::NoFilter);
        encoder.set_animated(frames.len() as u32, 0)?;
        encoder.set_frame_delay(1, PACE)?;
        let mut writer = encoder.write_header()?;
        let moving_rows = self.label.0..self.origin.1 + self.cell * self.lattice.height;
        let mut before: Vec<u8> = Vec::new();
        for (place, &frame) in frames.iter().enumerate() {
            let sheet = self.paint(frame, &labels[place * self.label.1 * self.wide..]);
            if place == 0 {
                writer.write_image_data(&sheet)?;
            } else {
                writer.set_frame_dimension(self.wide as u32, moving_rows.len() as u32)?;
                writer.set_frame_position(0, moving_rows.start as u32)?;
                if place + 1 == frames.len() {
                    writer.set_frame_delay(2, 1)?;
                }
                writer.set_blend_op(png::BlendOp::Over)?;
                // What has not changed is see-through, so that a frame is mostly one colour.
                let moving = moving_rows.start * self.wide..moving_rows.end * self.wide;
                let changes: Vec<u8> = sheet[moving.clone()]
                    .iter()
                    .zip(&before[moving])
                    .map(|(&now, &then)| if now == then { UNCHANGED } else { now })
                    .collect();
                writer.write_image_data(&changes)?;
            }
            before = sheet;
        }
        writer.finish()?;
        Ok(bytes)
    }

    fn paint(&self, frame: usize, label: &[u8]) -> Vec<u8> {
        let mut sheet = self.base.to_vec();
        let strip = self.label.0 * self.wide;
        let length = self.label.1 * self.wide;
        sheet[strip..strip + length].copy_from_slice(&label[..length]);
        let (left, top) = self.origin;
        for (row, cells) in self.lattice.frames[frame]
            .1
            .chunks(self.lattice.width)
            .enumerate()
        {
            for y in top + row * self.cell..top + (row + 1) * self.cell {
                let line = &mut sheet[y * self.wide + left..];
                for (column, &phase) in cells.iter().enumerate() {
                    let colour = if phase == Lattice::EMPTY {
                        WHITE
                    } else {
                        phase
                    };
                    line[column * self.cell..(column + 1) * self.cell].fill(colour);
                }
            }
        }
        for (pixel, &over) in sheet.iter_mut().zip(self.over) {
            if over != TRANSPARENT {
                *pixel = over;
            }
        }
        sheet
    }
}

const WHITE: u8 = 4 + GREYS - 1;
const UNCHANGED: u8 = 4 + GREYS;
const TRANSPARENT: u8 = 255;

/// Four phases, then greys from ink to paper, then the see-through colour.
fn palette() -> Vec<u8> {
    let greys = (0..GREYS).flat_map(|step| {
        let share = f64::from(step) / f64::from(GREYS - 1);
        [INK.0, INK.1, INK.2]
            .map(|ink| (f64::from(ink) + share * (255.0 - f64::from(ink))).round() as u8)
    });
    PHASES
        .iter()
        .flat_map(|colour| [colour.0, colour.1, colour.2])
        .chain(greys)
        .chain([255, 255, 255])
        .collect()
}

/// Every colour covers but the last.
fn transparency() -> Vec<u8> {
    (0..=UNCHANGED)
        .map(|colour| if colour == UNCHANGED { 0 } else { 255 })
        .collect()
}

/// A drawing in the palette: width, height and the colour of each pixel.
fn quantised(svg: &str) -> Result<(u32, u32, Vec<u8>), Error> {
    let (wide, high, rgba) = rasterise(NAME, svg, 1.0)?;
    Ok((wide, high, rgba.chunks_exact(4).map(nearest).collect()))
}

/// Outlines and letters to lay over the cells; the page itself is left out and counts as transparent.
fn overlay(svg: &str) -> Result<Vec<u8>, Error> {
    let without_page: String = svg
        .lines()
        .filter(|line| !line.starts_with("<rect width"))
        .collect();
    let (_, _, rgba) = rasterise(NAME, &without_page, 1.0)?;
    Ok(rgba
        .chunks_exact(4)
        .map(|pixel| {
            if pixel[3] < 128 {
                TRANSPARENT
            } else {
                nearest(pixel)
            }
        })
        .collect())
}

fn nearest(pixel: &[u8]) -> u8 {
    let distance = |colour: &RGBColor| {
        [colour.0, colour.1, colour.2]
            .iter()
            .zip(pixel)
            .map(|(a, b)| i32::from(a.abs_diff(*b)).pow(2))
            .sum::<i32>()
    };
    if let Some(phase) = PHASES.iter().position(|colour| distance(colour) < 1200) {
        return phase as u8;
    }
    let light = |red: u8, green: u8, blue: u8| f64::from(red) + f64::from(green) + f64::from(blue);
    let dark = light(INK.0, INK.1, INK.2);
    let share = (light(pixel[0], pixel[1], pixel[2]) - dark) / (765.0 - dark);
    4 + (share.clamp(0.0, 1.0) * f64::from(GREYS - 1)).round() as u8
}

fn title(lattice: &Lattice) -> String {
    let zero = |frame: &(f64, Vec<u8>)| share_in(&frame.1, 0);
    let half = lattice.frames.iter().find(|frame| zero(frame) >= 0.5);
    let most = lattice.frames.iter().map(zero).fold(0.0, f64::max);
    let pictures = format!("{} pictures", lattice.frames.len());
    match half {
        Some((day, _)) => format!(
            "Half of all teams are in phase\u{a0}0 by day\u{a0}{}: how it spread, in {pictures}",
            phrase::grouped(*day)
        ),
        None if most == 0.0 => {
            format!("No team reaches phase\u{a0}0: the map over time, in {pictures}")
        }
        None => format!(
            "Phase\u{a0}0 never holds more than {} of teams: the map over time, in {pictures}",
            phrase::small(most)
        ),
    }
}
