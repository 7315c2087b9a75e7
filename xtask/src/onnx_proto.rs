//! The Rust types of ONNX's protobuf messages, from the official definition.

use std::fs;
use std::path::Path;

/// The official definition, kept as it was published. It is proto2 on purpose: proto3 would pack repeated numbers, which some
/// readers of ONNX refuse.
const PROTO: &str = "xtask/proto/onnx-ml.proto";
const GENERATED: &str = "compiler/src/backend/onnx/proto.rs";

/// Generates the types and puts them in their place.
pub(crate) fn write(root: &Path) -> Result<String, String> {
    let path = root.join(GENERATED);
    let beside = path.with_extension("rs.new");
    let source = generate(root)?;
    fs::write(&beside, source).map_err(|error| format!("{}: {error}", beside.display()))?;
    fs::rename(&beside, &path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(format!("wrote {GENERATED}"))
}

/// Fails when the committed types are not those that would be generated.
pub(crate) fn check(root: &Path) -> Result<String, String> {
    let path = root.join(GENERATED);
    let committed = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    if committed == generate(root)? {
        Ok(format!("{GENERATED} is what {PROTO} makes"))
    } else {
        Err(format!("{GENERATED} is not what {PROTO} makes: run `cargo xtask onnx-proto`"))
    }
}

fn generate(root: &Path) -> Result<String, String> {
    let proto = root.join(PROTO);
    let folder = proto.parent().unwrap_or(root);
    let files = protox::compile([&proto], [folder]).map_err(|error| format!("{PROTO}: {error}"))?;
    let mut config = prost_build::Config::new();
    // Its comments are not Markdown: rustdoc would take their indented lines for tests.
    config.disable_comments(["."]);
    let requests = files.file.into_iter().map(|file| {
        let module = prost_build::Module::from_protobuf_package_name(file.package());
        (module, file)
    });
    let modules = config.generate(requests.collect()).map_err(|error| format!("{PROTO}: {error}"))?;
    modules.into_values().next().ok_or_else(|| format!("{PROTO} holds no message"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_types_are_those_generated() {
        super::check(&crate::root()).expect("up to date");
    }
}
