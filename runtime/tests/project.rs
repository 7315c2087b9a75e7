//! The files of a project on disk: found from where the program stands, and never outside of its root.

use std::fs;
use std::path::Path;

use ndsl_compiler::files::{FileError, Files};
use ndsl_runtime::files::Disk;

fn write(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn the_root_is_the_nearest_folder_with_a_mark_or_the_programs_own() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path();
    write(root, "a/b/main.ndsl", "");
    write(root, "blocks.ndsl", "const width = 1");
    let (source, files) = Disk::program(&root.join("a/b"), "b/main.ndsl", "");
    assert_eq!((&*source.path, source.name.as_str()), ("main.ndsl", "b/main.ndsl"));
    assert_eq!(files.read("blocks.ndsl"), Err(FileError::Missing));

    fs::create_dir(root.join(".git")).unwrap();
    let (source, files) = Disk::program(&root.join("a/b"), "main.ndsl", "");
    assert_eq!(&*source.path, "a/b/main.ndsl");
    assert_eq!(files.read("blocks.ndsl").as_deref(), Ok("const width = 1"));

    write(root, "a/ndsl.toml", "");
    let (source, _) = Disk::program(&root.join("a/b"), "main.ndsl", "");
    assert_eq!(&*source.path, "b/main.ndsl");
}

#[test]
fn what_is_no_program_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path();
    fs::create_dir(root.join("folder.ndsl")).unwrap();
    fs::write(root.join("bytes.ndsl"), b"const a = 1\n\xff").unwrap();
    write(root, "sub/one.ndsl", "");
    write(root, "sub/two.txt", "");
    let (_, files) = Disk::program(root, "main.ndsl", "");
    assert!(matches!(files.read("folder.ndsl"), Err(FileError::Other(_))));
    assert_eq!(files.read("bytes.ndsl"), Err(FileError::NotText(2)));
    assert_eq!(files.in_folder("sub"), ["sub/one.ndsl"]);
    assert_eq!(files.in_folder("nowhere"), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_project_is_not_followed() {
    let (place, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(outside.path(), "secret.ndsl", "const a = 1");
    std::os::unix::fs::symlink(outside.path().join("secret.ndsl"), place.path().join("link.ndsl")).unwrap();
    std::os::unix::fs::symlink(outside.path(), place.path().join("folder")).unwrap();
    let (_, files) = Disk::program(place.path(), "main.ndsl", "");
    assert_eq!(files.read("link.ndsl"), Err(FileError::Outside));
    assert_eq!(files.read("folder/secret.ndsl"), Err(FileError::Outside));
}
