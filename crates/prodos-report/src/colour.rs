//! Colours, decided once: the same thing has the same colour in every figure.
//!
//! Lines take the eight colours of Okabe and Ito, which people with any common colour blindness can
//! tell apart. Twenty sectors need more; there the letter beside the line is the first sign and the
//! colour the second.

use plotters::style::RGBColor;

/// Text and axes.
pub(crate) const INK: RGBColor = RGBColor(0x1B, 0x23, 0x2B);
/// Secondary text.
pub(crate) const MUTED: RGBColor = RGBColor(0x5F, 0x6B, 0x76);
/// Grid lines.
pub(crate) const GRID: RGBColor = RGBColor(0xE3, 0xE7, 0xEA);
/// The sheet.
pub(crate) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
/// Text on a light colour; unlike ink it stays dark when the page turns dark.
pub(crate) const ON_LIGHT: RGBColor = RGBColor(0x1A, 0x22, 0x2A);
/// Text on a dark colour; unlike paper it stays light when the page turns dark.
pub(crate) const ON_DARK: RGBColor = RGBColor(0xFE, 0xFE, 0xFE);
/// Thresholds and alarms.
pub(crate) const ALARM: RGBColor = RGBColor(0xB8, 0x3A, 0x0E);

/// Okabe and Ito's palette without black and yellow, which are hard to see on one of two grounds.
pub(crate) const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xB2);
/// See [`BLUE`].
pub(crate) const ORANGE: RGBColor = RGBColor(0xE6, 0x9F, 0x00);
/// See [`BLUE`].
pub(crate) const GREEN: RGBColor = RGBColor(0x00, 0x9E, 0x73);
/// See [`BLUE`].
pub(crate) const VERMILLION: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
/// See [`BLUE`].
pub(crate) const PURPLE: RGBColor = RGBColor(0xCC, 0x79, 0xA7);
/// See [`BLUE`].
pub(crate) const SKY: RGBColor = RGBColor(0x56, 0xB4, 0xE9);

/// For kinds of events beyond the palette.
pub(crate) const BROWN: RGBColor = RGBColor(0x7A, 0x4B, 0x21);
/// See [`BROWN`].
pub(crate) const GREY: RGBColor = RGBColor(0x9A, 0xA3, 0xAB);

/// Phase 0 to 3: from alarm to calm, in falling then rising lightness so that greys differ too.
pub(crate) const PHASES: [RGBColor; 4] = [
    RGBColor(0xB3, 0x36, 0x0B),
    RGBColor(0xF0, 0xA8, 0x30),
    RGBColor(0xA6, 0xD3, 0xEE),
    RGBColor(0x3F, 0x8F, 0xC4),
];

/// What the phases are called.
pub(crate) const PHASE_NAMES: [&str; 4] = ["breakdown", "repair", "rebuild", "stable"];

/// Twenty colours for sectors in the order of the city file.
const SECTORS: [RGBColor; 20] = [
    RGBColor(0x00, 0x9E, 0x73),
    RGBColor(0x7A, 0x4B, 0x21),
    RGBColor(0x00, 0x72, 0xB2),
    RGBColor(0xE6, 0x9F, 0x00),
    RGBColor(0x17, 0xA2, 0xB8),
    RGBColor(0xD5, 0x5E, 0x00),
    RGBColor(0xCC, 0x79, 0xA7),
    RGBColor(0x6A, 0x51, 0xA3),
    RGBColor(0xC5, 0x1B, 0x7D),
    RGBColor(0x56, 0xB4, 0xE9),
    RGBColor(0x4D, 0x7C, 0x0F),
    RGBColor(0xA1, 0x8B, 0x2E),
    RGBColor(0x36, 0x4B, 0x9A),
    RGBColor(0x8C, 0x8C, 0x8C),
    RGBColor(0xB2, 0x22, 0x22),
    RGBColor(0x2F, 0x9E, 0x44),
    RGBColor(0xE0, 0x56, 0x6B),
    RGBColor(0x9C, 0x6A, 0xDE),
    RGBColor(0x54, 0x6E, 0x7A),
    RGBColor(0xB0, 0x7A, 0x4B),
];

/// The colour of a sector by its place in the city file; the table repeats after twenty.
pub(crate) fn sector(place: usize) -> RGBColor {
    SECTORS[place % SECTORS.len()]
}

/// `#RRGGBB`, as plotters writes it.
pub(crate) fn hex(colour: RGBColor) -> String {
    format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2)
}
