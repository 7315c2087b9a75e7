//! Folders of images: what they offer, how an image is brought to a size, and what each way of being broken says.

use std::fs;
use std::path::Path;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use ndsl_compiler::ir::{ElementType, Shape};
use ndsl_compiler::plan::{DataField, DataSource, DatasetPlan, Fit, ImageSize, Located};
use ndsl_grammar::Span;
use ndsl_runtime::TensorData;
use ndsl_runtime::data::{DataError, Dataset, Reading, Target, open, open_inputs, read};
use proptest::prelude::*;

fn plan(path: &str, channels: usize, fit: Fit) -> DatasetPlan {
    let path = Located { text: path.to_owned(), span: Span::default() };
    let source = DataSource::Images { path, size: ImageSize { height: 2, width: 2, channels, fit } };
    DatasetPlan { name: "Pets".into(), span: Span::default(), folder: String::new(), source }
}

fn encoded(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(image.clone()).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn one_colour(width: u32, height: u32, colour: [u8; 3]) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb(colour))
}

/// Cats are red, dogs are blue.
fn pets(folder: &Path) {
    for (class, name, colour, format) in [
        ("cat", "b.png", [255, 0, 0], ImageFormat::Png),
        ("cat", "a.JPG", [255, 0, 0], ImageFormat::Jpeg),
        ("dog", "c.jpeg", [0, 0, 255], ImageFormat::Jpeg),
    ] {
        fs::create_dir_all(folder.join("pets").join(class)).unwrap();
        fs::write(folder.join("pets").join(class).join(name), encoded(&one_colour(2, 2, colour), format)).unwrap();
    }
    fs::write(folder.join("pets/cat/notes.txt"), "not an image").unwrap();
}

fn pixels(data: &Dataset) -> &[u8] {
    match &data.field("image").unwrap().data {
        TensorData::U8(pixels) => pixels,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_folder_of_a_class_is_its_label() {
    let folder = tempfile::tempdir().unwrap();
    pets(folder.path());
    let data = open(&plan("pets", 3, Fit::Crop), folder.path()).unwrap();
    let (image, label) = (data.field("image").unwrap(), data.field("label").unwrap());
    assert_eq!((data.rows, image.shape.as_slice()), (3, &[2, 2, 3][..]));
    assert_eq!(
        (&label.data, label.classes.as_deref().unwrap()),
        (&TensorData::I64(vec![0, 0, 1]), &["cat".to_owned(), "dog".to_owned()][..])
    );
    assert_eq!(&pixels(&data)[12..15], [255, 0, 0], "the second cat is the PNG");
    assert!(
        pixels(&data)[24] < 8 && pixels(&data)[26] > 247,
        "a JPEG is nearly what it was: {:?}",
        &pixels(&data)[24..27]
    );
    assert_eq!(data.place(2), "row 3 (`dog/c.jpeg`)");
    let grey = open(&plan("pets", 1, Fit::Crop), folder.path()).unwrap();
    assert_eq!((grey.field("image").unwrap().shape.as_slice(), pixels(&grey)[4]), (&[2, 2, 1][..], 54));
    let clear = open(&plan("pets", 4, Fit::Crop), folder.path()).unwrap();
    assert_eq!(&pixels(&clear)[16..20], [255, 0, 0, 255]);
}

#[test]
fn an_image_of_other_proportions_is_cut_padded_or_stretched() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("pets/wide")).unwrap();
    // Red in the middle half, blue to both sides.
    let mut wide = one_colour(8, 4, [0, 0, 255]);
    for (x, y) in (2..6).flat_map(|x| (0..4).map(move |y| (x, y))) {
        wide.put_pixel(x, y, Rgb([255, 0, 0]));
    }
    fs::write(folder.path().join("pets/wide/1.png"), encoded(&wide, ImageFormat::Png)).unwrap();
    let fitted = |fit| {
        let data = open(&plan("pets", 3, fit), folder.path()).unwrap();
        pixels(&data).to_vec()
    };
    assert!(fitted(Fit::Crop).chunks(3).all(|pixel| pixel[0] > 150), "{:?}", fitted(Fit::Crop));
    let stretched = fitted(Fit::Stretch);
    assert!(stretched.chunks(3).all(|pixel| pixel[0] > 60 && pixel[2] > 60), "{stretched:?}");
    let padded = fitted(Fit::Pad);
    assert_eq!(padded.chunks(3).filter(|pixel| **pixel == [0, 0, 0]).count(), 2, "{padded:?}");
}

#[test]
fn images_to_answer_for_need_no_folders() {
    let folder = tempfile::tempdir().unwrap();
    pets(folder.path());
    let rows = |path: &str| open_inputs(&plan(path, 3, Fit::Crop), folder.path(), None).unwrap().rows;
    assert_eq!((rows("pets"), rows("pets/cat"), rows("pets/dog/c.jpeg")), (3, 2, 1));
}

fn message(folder: &Path) -> String {
    open(&plan("pets", 3, Fit::Crop), folder).unwrap_err().fault.to_string()
}

#[test]
fn a_broken_folder_says_how() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(message(folder.path()), "there is no such file");
    pets(folder.path());
    fs::create_dir(folder.path().join("pets/emu")).unwrap();
    assert_eq!(message(folder.path()), "its folder `emu` has no PNG or JPEG images");
    fs::remove_dir(folder.path().join("pets/emu")).unwrap();
    fs::write(folder.path().join("pets/stray.png"), "").unwrap();
    assert_eq!(
        message(folder.path()),
        "`stray.png` is in no folder of a class: each class has a folder of its own, named after it"
    );
    fs::remove_file(folder.path().join("pets/stray.png")).unwrap();

    let field = DataField {
        name: "label".into(),
        element: ElementType::I64,
        shape: Shape(Vec::new()),
        classes: Some(vec!["cow".into(), "cat".into(), "dogs".into()]),
    };
    let as_trained = Reading { target: Target::As(&field), columns: None, vocabulary: None };
    let error = read(&plan("pets", 3, Fit::Crop), folder.path(), as_trained).unwrap_err().fault.to_string();
    assert_eq!(error, "`dog` is none of the classes the model was trained on; did you mean `dogs`?");
}

#[test]
fn every_image_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    pets(folder.path());
    fs::write(folder.path().join("pets/cat/empty.png"), "").unwrap();
    fs::write(folder.path().join("pets/dog/text.jpg"), "no image").unwrap();
    let said = message(folder.path());
    assert!(said.starts_with("2 files cannot be used\n  `"), "{said}");
    assert!(
        said.contains("empty.png`: it cannot be read as a image: the file is empty")
            || said.contains("the file is empty"),
        "{said}"
    );
    assert!(said.contains("text.jpg`"), "{said}");
    // A picture of four billion pixels in a few bytes.
    let mut huge = encoded(&one_colour(1, 1, [0, 0, 0]), ImageFormat::Png);
    huge[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    fs::write(folder.path().join("pets/cat/empty.png"), huge).unwrap();
    assert!(message(folder.path()).contains("empty.png`"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 100 } else { 2_000 }))]

    #[test]
    fn damage_is_no_harm(
        jpeg: bool,
        cut in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("pets/cat")).unwrap();
        let format = if jpeg { ImageFormat::Jpeg } else { ImageFormat::Png };
        let mut bytes = encoded(&one_colour(9, 7, [200, 100, 50]), format);
        for (place, byte) in &flips {
            let place = place.index(bytes.len());
            bytes[place] = *byte;
        }
        if flips.is_empty() {
            bytes.truncate(cut.index(bytes.len()));
        }
        fs::write(folder.path().join("pets/cat/1.png"), bytes).unwrap();
        let _: Result<Dataset, DataError> = open(&plan("pets", 3, Fit::Crop), folder.path());
    }
}
