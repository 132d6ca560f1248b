//! From drawings to pixels: figures to PNG, cells of the lattice to small pictures.

use crate::Error;
use crate::sheet::{REGULAR, SEMIBOLD};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::{Arc, OnceLock};

/// Pixels of an SVG drawing, `scale` a point: width, height and RGBA.
pub(crate) fn rasterise(name: &str, svg: &str, scale: f64) -> Result<(u32, u32, Vec<u8>), Error> {
    let options = Options {
        fontdb: fonts(),
        font_family: "Inter".into(),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).map_err(|error| Error::drawing(name, error))?;
    let size = tree.size();
    let (wide, high) = (pixels(size.width(), scale), pixels(size.height(), scale));
    let mut pixmap =
        Pixmap::new(wide, high).ok_or_else(|| Error::drawing(name, "it is too large"))?;
    resvg::render(
        &tree,
        Transform::from_scale(scale as f32, scale as f32),
        &mut pixmap.as_mut(),
    );
    Ok((wide, high, pixmap.take()))
}

/// A figure as PNG, opaque, two pixels a point.
pub(crate) fn figure_png(name: &str, svg: &str) -> Result<Vec<u8>, Error> {
    let (wide, high, rgba) = rasterise(name, svg, 2.0)?;
    let rgb: Vec<u8> = rgba
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, wide, high);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let write = |encoder: png::Encoder<'_, &mut Vec<u8>>| -> Result<(), png::EncodingError> {
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&rgb)?;
        writer.finish()
    };
    write(encoder).map_err(|error| Error::drawing(name, error))?;
    Ok(bytes)
}

/// A picture of few colours as PNG; the last colour of the palette is transparent.
pub(crate) fn palette_png(
    name: &str,
    wide: u32,
    high: u32,
    palette: &[u8],
    indices: &[u8],
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, wide, high);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(palette);
    let mut alpha = vec![255; palette.len() / 3];
    if let Some(last) = alpha.last_mut() {
        *last = 0;
    }
    encoder.set_trns(alpha);
    let write = |encoder: png::Encoder<'_, &mut Vec<u8>>| -> Result<(), png::EncodingError> {
        let mut writer = encoder.write_header()?;
        writer.write_image_data(indices)?;
        writer.finish()
    };
    write(encoder).map_err(|error| Error::drawing(name, error))?;
    Ok(bytes)
}

/// Bytes as text for a data address.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0u32, |group, at| {
            group << 8 | u32::from(chunk.get(at).copied().unwrap_or(0))
        });
        for place in 0..4 {
            let letter = LETTERS[(group >> (18 - 6 * place)) as usize & 63] as char;
            text.push(if place <= chunk.len() { letter } else { '=' });
        }
    }
    text
}

fn pixels(points: f32, scale: f64) -> u32 {
    (f64::from(points) * scale).round().max(1.0) as u32
}

/// The two bundled fonts and no other, so that every machine draws the same.
fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    Arc::clone(FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(REGULAR.to_vec());
        fonts.load_font_data(SEMIBOLD.to_vec());
        fonts.set_sans_serif_family("Inter");
        Arc::new(fonts)
    }))
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_pads_to_fours() {
        for (bytes, text) in [
            ("", ""),
            ("M", "TQ=="),
            ("Ma", "TWE="),
            ("Man", "TWFu"),
            ("Many", "TWFueQ=="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
