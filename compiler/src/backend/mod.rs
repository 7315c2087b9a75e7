//! The artifacts a graph can become, one module each.

pub mod onnx;
