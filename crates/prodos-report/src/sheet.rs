//! A sheet to draw on, in points of a figure 1000 wide.
//!
//! plotters draws in whole pixels, which makes curves into stairs. So everything is drawn four times
//! as large and shown through a `viewBox`. Text is placed by its baseline and measured with the
//! bundled font, so that what is laid out here is what every viewer shows.

use crate::Error;
use crate::colour::{INK, PAPER};
use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::prelude::IntoFont;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontStyle, RGBAColor, RGBColor, ShapeStyle, TextStyle, register_font,
};
use std::fmt::Write as _;
use std::sync::Once;

/// Drawn pixels a point.
const FINE: f64 = 4.0;
/// plotters divides a font's size by this when it writes SVG.
const FONT_FACTOR: f64 = 1.24;
/// Height of Inter's line over its em, by which plotters' measure is off.
const LINE_HEIGHT: f64 = 1.2102;
/// Written into every text element; the first name is the bundled font.
pub(crate) const FAMILY: &str = "Inter, system-ui, sans-serif";
/// Width of every figure.
pub(crate) const WIDTH: f64 = 1000.0;

pub(crate) const REGULAR: &[u8] = include_bytes!("../assets/Inter-Regular.otf");
pub(crate) const SEMIBOLD: &[u8] = include_bytes!("../assets/Inter-SemiBold.otf");

/// How a text is set.
#[derive(Clone, Copy)]
pub(crate) struct Type {
    /// Size in points.
    pub(crate) size: f64,
    /// Semi-bold or regular.
    pub(crate) bold: bool,
    /// Colour.
    pub(crate) colour: RGBColor,
    /// Which end of the text stands at the given place.
    pub(crate) anchor: Anchor,
}

/// Which end of a text stands at the given place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Type {
    pub(crate) const fn of(size: f64) -> Type {
        Type {
            size,
            bold: false,
            colour: INK,
            anchor: Anchor::Start,
        }
    }

    pub(crate) const fn bold(self) -> Type {
        Type { bold: true, ..self }
    }

    pub(crate) const fn colour(self, colour: RGBColor) -> Type {
        Type { colour, ..self }
    }

    pub(crate) const fn middle(self) -> Type {
        Type {
            anchor: Anchor::Middle,
            ..self
        }
    }

    pub(crate) const fn end(self) -> Type {
        Type {
            anchor: Anchor::End,
            ..self
        }
    }
}

/// The sheet of one figure.
pub(crate) struct Sheet {
    height: f64,
    body: String,
    problem: Option<String>,
}

impl Sheet {
    /// An empty sheet; its height is known once all is drawn.
    pub(crate) fn new() -> Sheet {
        register_fonts();
        Sheet {
            height: 0.0,
            body: String::new(),
            problem: None,
        }
    }

    /// A line through the points; fewer than two draw nothing.
    pub(crate) fn line(&mut self, points: &[(f64, f64)], colour: RGBColor, width: f64) {
        self.stroke(points, colour.to_rgba(), width, None);
    }

    /// A dashed line through the points.
    pub(crate) fn dashed(&mut self, points: &[(f64, f64)], colour: RGBColor, width: f64) {
        self.stroke(points, colour.to_rgba(), width, Some("20 14"));
    }

    /// A dotted line through the points.
    pub(crate) fn dotted(&mut self, points: &[(f64, f64)], colour: RGBColor, width: f64) {
        self.stroke(points, colour.to_rgba(), width, Some("6 10"));
    }

    fn stroke(&mut self, points: &[(f64, f64)], colour: RGBAColor, width: f64, dash: Option<&str>) {
        if points.len() < 2 {
            return;
        }
        let path: Vec<_> = points.iter().map(|&point| fine(point)).collect();
        let style = ShapeStyle {
            color: colour,
            filled: false,
            stroke_width: (width * FINE).round().max(1.0) as u32,
        };
        self.add(dash, |backend| {
            backend
                .draw_path(path, &style)
                .map_err(|error| error.to_string())
        });
    }

    /// A filled polygon.
    pub(crate) fn area(&mut self, points: &[(f64, f64)], colour: RGBColor, opacity: f64) {
        if points.len() < 3 {
            return;
        }
        let path: Vec<_> = points.iter().map(|&point| fine(point)).collect();
        let style = ShapeStyle {
            color: colour.mix(opacity),
            filled: true,
            stroke_width: 0,
        };
        self.add(None, |backend| {
            backend
                .fill_polygon(path, &style)
                .map_err(|error| error.to_string())
        });
    }

    /// A filled rectangle.
    pub(crate) fn rectangle(
        &mut self,
        x: f64,
        y: f64,
        width: f64,
        height: f64,
        colour: RGBColor,
        opacity: f64,
    ) {
        let style = ShapeStyle {
            color: colour.mix(opacity),
            filled: true,
            stroke_width: 0,
        };
        let corners = (fine((x, y)), fine((x + width, y + height)));
        self.add(None, |backend| {
            backend
                .draw_rect(corners.0, corners.1, &style, true)
                .map_err(|error| error.to_string())
        });
    }

    /// A filled disc.
    pub(crate) fn disc(&mut self, x: f64, y: f64, radius: f64, colour: RGBColor) {
        self.circle((x, y), radius, colour, true);
    }

    /// A circle that is left open.
    pub(crate) fn ring(&mut self, x: f64, y: f64, radius: f64, colour: RGBColor) {
        self.circle((x, y), radius, colour, false);
    }

    fn circle(&mut self, centre: (f64, f64), radius: f64, colour: RGBColor, filled: bool) {
        let style = ShapeStyle {
            color: colour.to_rgba(),
            filled,
            stroke_width: if filled { 0 } else { (2.0 * FINE) as u32 },
        };
        self.add(None, |backend| {
            let radius = (radius * FINE).round() as u32;
            backend
                .draw_circle(fine(centre), radius, &style, filled)
                .map_err(|error| error.to_string())
        });
    }

    /// A text whose baseline begins, ends or is centred at the place.
    pub(crate) fn text(&mut self, x: f64, baseline: f64, text: &str, set: Type) {
        if text.is_empty() {
            return;
        }
        let weight = if set.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        let font = (FAMILY, set.size * FINE * FONT_FACTOR)
            .into_font()
            .style(weight);
        let anchor = match set.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let style = TextStyle {
            font,
            color: set.colour.to_backend_color(),
            pos: Pos::new(anchor, VPos::Top),
        };
        // Text hung from its top is written with dy = 0.76 em, which this takes back.
        let place = fine((x, baseline - 0.76 * set.size));
        self.add(None, |backend| {
            backend
                .draw_text(text, &style, place)
                .map_err(|error| error.to_string())
        });
    }

    /// A picture, given as PNG bytes.
    pub(crate) fn image(&mut self, x: f64, y: f64, width: f64, height: f64, png: &[u8]) {
        let ((left, top), (right, bottom)) = (fine((x, y)), fine((x + width, y + height)));
        let _ = writeln!(
            self.body,
            "<image x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
             style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{}\"/>",
            right - left,
            bottom - top,
            crate::pixels::base64(png)
        );
    }

    /// Closes the sheet: sets the page behind the drawing and tells readers of screens what it shows.
    pub(crate) fn finish(
        mut self,
        name: &str,
        height: f64,
        title: &str,
        description: &str,
    ) -> Result<String, Error> {
        // Whole points, so that the page reaches every edge of the picture.
        self.height = height.ceil();
        if let Some(problem) = self.problem {
            return Err(Error::drawing(name, problem));
        }
        let (wide, high) = fine((WIDTH, self.height));
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{}\" viewBox=\"0 0 {wide} {high}\" \
             role=\"img\" aria-labelledby=\"{name}-title {name}-desc\" stroke-linejoin=\"round\">\n\
             <title id=\"{name}-title\">{}</title>\n<desc id=\"{name}-desc\">{}</desc>\n\
             <rect width=\"{wide}\" height=\"{high}\" fill=\"{}\"/>\n{}</svg>\n",
            self.height,
            escape(title),
            escape(description),
            crate::colour::hex(PAPER),
            self.body
        ))
    }

    /// Lets plotters write one element and takes it over, without the document around it.
    fn add(
        &mut self,
        dash: Option<&str>,
        draw: impl FnOnce(&mut SVGBackend) -> Result<(), String>,
    ) {
        let mut document = String::new();
        let outcome = {
            let mut backend = SVGBackend::with_string(&mut document, (1, 1));
            draw(&mut backend)
        };
        if let Err(problem) = outcome {
            self.problem.get_or_insert(problem);
            return;
        }
        let inside = document.split_once('\n').map_or("", |(_, rest)| rest);
        let inside = inside
            .rsplit_once("</svg>")
            .map_or("", |(element, _)| element);
        match dash {
            Some(dash) => {
                let dashed = format!("<polyline stroke-dasharray=\"{dash}\" ");
                self.body
                    .push_str(&inside.replacen("<polyline ", &dashed, 1));
            }
            None => self.body.push_str(inside),
        }
    }
}

/// Width of a text in points.
pub(crate) fn width_of(text: &str, set: Type) -> f64 {
    register_fonts();
    let weight = if set.bold {
        FontStyle::Bold
    } else {
        FontStyle::Normal
    };
    let font = (FAMILY, set.size * FINE * FONT_FACTOR)
        .into_font()
        .style(weight);
    let measured = font.layout_box(text).map_or(
        0.55 * set.size * text.chars().count() as f64 * FINE,
        |(start, end)| f64::from(end.0 - start.0) * LINE_HEIGHT / FONT_FACTOR,
    );
    measured / FINE
}

/// Breaks a text into lines no wider than `width`; a hard space holds its words together.
pub(crate) fn wrap(text: &str, set: Type, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width_of(&format!("{line} {word}"), set) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

/// Shortens a text to a width, with an ellipsis.
pub(crate) fn shorten(text: &str, set: Type, width: f64) -> String {
    if width_of(text, set) <= width {
        return text.into();
    }
    let mut short: String = text.into();
    while short.pop().is_some() {
        let tried = format!("{}…", short.trim_end_matches([' ', ',', ';', '-']));
        if width_of(&tried, set) <= width {
            return tried;
        }
    }
    String::new()
}

/// Text for inside an element or an attribute.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn fine((x, y): (f64, f64)) -> (i32, i32) {
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

fn register_fonts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Both are committed beside this file; a font that fails to load shows as an error of the first text.
        let _ = register_font(FAMILY, FontStyle::Normal, REGULAR);
        let _ = register_font(FAMILY, FontStyle::Bold, SEMIBOLD);
    });
}
