//! A folder of pictures that were drawn: one for each row, and one that shows them side by side.

use std::fs;
use std::path::Path;

use super::values::{Made, Written};
use crate::files::write_whole;
use crate::operations::Error;
use crate::sampling::{MAX_ON_SHEET, PictureShape, png, sheet};
use crate::tensor::TensorData;

/// The picture that shows all.
const SHEET: &str = "sheet.png";

/// Writes a picture for each row and value, and one that shows them side by side.
pub(super) fn hang(made: Made<'_>, folder: &Path, range: (f64, f64)) -> Result<Written, Error> {
    let at = |path: &Path| {
        let path = path.to_path_buf();
        move |error| Error::Write { path, error }
    };
    if !(range.1 > range.0 && range.0.is_finite() && range.1.is_finite()) {
        return Err(Error::Request(format!(
            "black is {} and white is {}: the second is to be larger",
            range.0, range.1
        )));
    }
    let before = ours(folder)?;
    fs::create_dir_all(folder).map_err(at(folder))?;
    let digits = made.fed.rows.saturating_sub(1).to_string().len().max(3);
    let names: Vec<(String, PictureShape)> = made
        .wanted
        .iter()
        .filter_map(|wanted| {
            let before =
                if made.wanted.len() > 1 { format!("{}-", wanted.name.replace(':', "-")) } else { String::new() };
            Some((before, PictureShape::of(&wanted.shape)?))
        })
        .collect();
    let mut shown: Vec<Vec<Vec<f32>>> = vec![Vec::new(); names.len()];
    let mut written = Vec::new();
    let mut write = |name: String, picture: Result<Vec<u8>, String>| {
        let path = folder.join(&name);
        let picture = picture.map_err(|reason| Error::Request(format!("`{name}` cannot be made: {reason}")))?;
        write_whole(&path, &picture).map_err(at(&path))?;
        written.push(name);
        Ok::<(), Error>(())
    };
    made.each(|from, outputs| {
        for ((output, (before, shape)), shown) in outputs.iter().zip(&names).zip(&mut shown) {
            let floats: Vec<f32> = match &output.data {
                TensorData::F32(numbers) => numbers.clone(),
                other => (0..other.len()).filter_map(|at| other.number(at)).map(|number| number as f32).collect(),
            };
            for (row, picture) in floats.chunks_exact(shape.numbers()).enumerate() {
                write(format!("{before}{:0digits$}.png", from + row), png(picture, *shape, range))?;
                if shown.len() < MAX_ON_SHEET {
                    shown.push(picture.to_vec());
                }
            }
        }
        Ok(())
    })?;
    for ((before, shape), shown) in names.iter().zip(&shown) {
        write(format!("{before}{SHEET}"), sheet(shown, *shape, range))?;
    }
    // Pictures of a longer series that stood here before are none of this one.
    for old in before.iter().filter(|old| !written.contains(old)) {
        let path = folder.join(old);
        fs::remove_file(&path).map_err(at(&path))?;
    }
    Ok(Written::Pictures { folder: folder.to_path_buf(), range })
}

/// The pictures that were written into a folder before; a folder that holds anything else is refused.
fn ours(folder: &Path) -> Result<Vec<String>, Error> {
    let failed = |error| Error::Write { path: folder.to_path_buf(), error };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
    }
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_ours = |name: &String| {
        name.strip_suffix(".png").is_some_and(|stem| {
            let last = stem.rsplit_once('-').map_or(stem, |(_, last)| last);
            is_number(last) || last == "sheet"
        })
    };
    let has_sheet = names.iter().any(|name| name.ends_with(SHEET));
    match names.is_empty() || has_sheet && names.iter().all(is_ours) {
        true => Ok(names),
        false => Err(Error::Request(format!(
            "`{}` holds something else than pictures that were drawn; choose another folder",
            folder.display()
        ))),
    }
}
