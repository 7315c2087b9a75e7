//! What an exported ONNX file holds. What it computes is checked against ONNX Runtime by `.ci/onnx_check.py`, on the same cases.

mod cases;

use std::collections::{BTreeMap, BTreeSet};

use cases::{Case, models, nowhere, rows};
use ndsl_compiler::backend::onnx::proto::{
    AttributeProto, ModelProto, TensorProto, ValueInfoProto, attribute_proto::AttributeType, tensor_proto::DataType,
    tensor_shape_proto::dimension, type_proto,
};
use ndsl_compiler::backend::onnx::{ExportError, OnnxOptions, export};
use ndsl_compiler::ir::{
    Answer, Builder, Cell, Dim, ElementType, Graph, Initializer, Op, Recurrent, Reduction, Role, Shape, Unary,
};
use ndsl_compiler::{Weight, Weights};
use prost::Message;

fn exported(graph: &Graph) -> ModelProto {
    let bytes = export(graph, &Weights::initial(graph, 7), &OnnxOptions::default()).expect("exports");
    ModelProto::decode(&bytes[..]).expect("decodes")
}

fn case(name: &str) -> Case {
    cases::all().into_iter().find(|case| case.name == name).expect("a case of that name")
}

fn refused(graph: &Graph) -> ExportError {
    export(graph, &Weights::initial(graph, 7), &OnnxOptions::default()).expect_err("is refused")
}

/// A model as text: one line for each input, initializer, node and output.
fn dump(model: &ModelProto) -> String {
    let graph = model.graph.as_ref().expect("a graph");
    let mut lines = vec![model.doc_string().to_owned()];
    lines.extend(graph.input.iter().map(|input| format!("input  {}", described(input))));
    lines.extend(graph.initializer.iter().map(|tensor| format!("tensor {}", held(tensor))));
    for node in &graph.node {
        let attributes: Vec<String> = node.attribute.iter().map(attribute).collect();
        let attributes = if attributes.is_empty() { String::new() } else { format!(" {{{}}}", attributes.join(", ")) };
        lines.push(format!("{} = {}({}){attributes}", node.output.join(", "), node.op_type(), node.input.join(", ")));
    }
    lines.extend(graph.output.iter().map(|output| format!("output {}", described(output))));
    lines.join("\n")
}

fn described(value: &ValueInfoProto) -> String {
    let kind = value.r#type.as_ref().and_then(|kind| kind.value.as_ref());
    let Some(type_proto::Value::TensorType(tensor)) = kind else { panic!("a tensor") };
    let dims = tensor.shape.iter().flat_map(|shape| &shape.dim).map(|dim| match &dim.value {
        Some(dimension::Value::DimValue(size)) => size.to_string(),
        Some(dimension::Value::DimParam(name)) => name.clone(),
        None => "?".to_owned(),
    });
    let dims: Vec<String> = dims.collect();
    let element = DataType::try_from(tensor.elem_type()).expect("a data type").as_str_name();
    format!("{} {element}[{}]", value.name(), dims.join(", "))
}

fn held(tensor: &TensorProto) -> String {
    let said = if tensor.doc_string().is_empty() { String::new() } else { format!(" ({})", tensor.doc_string()) };
    if tensor.data_type() == DataType::Int64 as i32 {
        let numbers =
            tensor.raw_data().chunks(8).map(|bytes| i64::from_le_bytes(bytes.try_into().expect("eight bytes")));
        return format!("{} = {:?}{said}", tensor.name(), numbers.collect::<Vec<i64>>());
    }
    format!("{} {:?}{said}", tensor.name(), tensor.dims)
}

fn attribute(attribute: &AttributeProto) -> String {
    let value = match attribute.r#type() {
        AttributeType::Int => attribute.i().to_string(),
        AttributeType::Ints => format!("{:?}", attribute.ints),
        AttributeType::Floats => format!("{:?}", attribute.floats),
        AttributeType::Strings => {
            let texts = attribute.strings.iter().map(|text| String::from_utf8_lossy(text));
            texts.collect::<Vec<_>>().join(" ")
        }
        AttributeType::Float => attribute.f().to_string(),
        AttributeType::String => String::from_utf8_lossy(attribute.s()).into_owned(),
        other => panic!("an attribute of type {other:?}"),
    };
    format!("{}={value}", attribute.name())
}

fn kinds(model: &ModelProto) -> Vec<&str> {
    model.graph.as_ref().expect("a graph").node.iter().map(|node| node.op_type()).collect()
}

#[test]
fn the_model_of_the_language_reference() {
    insta::assert_snapshot!(dump(&exported(&models::my_model())));
}

#[test]
fn a_flatten_is_a_reshape_to_static_numbers_with_the_batch_copied() {
    insta::assert_snapshot!(dump(&exported(&models::my_model_flattened())));
}

#[test]
fn a_chain_of_image_layers_has_one_transpose_at_each_end() {
    insta::assert_snapshot!(dump(&exported(&models::chain())));
}

#[test]
fn a_residual_block_stays_channels_first() {
    insta::assert_snapshot!(dump(&exported(&models::residual())));
}

#[test]
fn names_are_the_users() {
    insta::assert_snapshot!(dump(&exported(&models::two_heads())));
}

#[test]
fn every_output_has_its_name_whatever_it_is_equal_to() {
    insta::assert_snapshot!(dump(&exported(&models::same_value_twice())));
}

#[test]
fn bytes_are_cast_inside() {
    insta::assert_snapshot!(dump(&exported(&models::bytes())));
}

#[test]
fn a_program_of_every_layer() {
    insta::assert_snapshot!(dump(&exported(&case("program_every_layer").graph)));
}

/// What the checker builds and what these tests build by hand is the same graph, so the same file.
#[test]
fn the_text_of_the_language_reference_gives_the_graph_built_by_hand() {
    let text = dump(&exported(&case("program_reference").graph));
    assert_eq!(text, dump(&exported(&models::my_model())));
}

#[test]
fn a_batch_normalisation_folds_where_nothing_else_reads_what_is_before_it() {
    let folded = |name: &str| kinds(&exported(&case(name).graph)).join(" ");
    assert_eq!(folded("batch_norm_folded_into_convolution"), "Transpose Conv Transpose");
    assert_eq!(folded("batch_norm_folded_into_linear"), "Gemm");
    assert_eq!(folded("batch_norm_folded_into_linear_of_rows"), "MatMul Add");
    assert_eq!(folded("batch_norm_not_folded_where_another_reads"), "Gemm BatchNormalization Add");
    assert_eq!(folded("batch_norm_after_relu"), "Transpose Conv Relu BatchNormalization Transpose");
    assert_eq!(folded("batch_norm_of_image"), "Mul Add");
}

#[test]
fn folded_weights_stay_under_the_parameters_names_unless_those_are_needed_as_they_are() {
    let names = |name: &str| -> Vec<String> {
        let model = exported(&case(name).graph);
        model.graph.expect("a graph").initializer.iter().map(|tensor| tensor.name().to_owned()).collect()
    };
    assert_eq!(names("batch_norm_folded_into_convolution"), ["conv.weight", "conv.bias"]);
    assert_eq!(names("batch_norm_folded_into_linear"), ["dense.weight", "dense.bias"]);
    assert_eq!(
        names("batch_norm_folded_into_shared_weights"),
        ["dense.weight/folded", "dense.bias/folded", "dense.weight", "dense.bias"]
    );
}

#[test]
fn what_does_nothing_is_left_out() {
    for name in ["dropout_alone", "reshape_same", "cast_f32_f32", "mean_nothing"] {
        let kinds = kinds(&exported(&case(name).graph)).join(" ");
        let expected = if name == "reshape_same" { "Abs" } else { "Identity" };
        assert_eq!(kinds, expected, "{name}");
    }
}

#[test]
fn a_mean_over_the_image_needs_no_transpose_after_a_convolution() {
    let kinds = |name: &str| kinds(&exported(&case(name).graph)).join(" ");
    assert_eq!(kinds("mean_after_convolution_image"), "Transpose Conv ReduceMean");
    assert_eq!(kinds("mean_after_convolution_height"), "Transpose Conv Transpose ReduceMean");
}

#[test]
fn weights_keep_their_names_numbers_and_layout() {
    let case = case("conv2d_plain");
    let weights = case.weights();
    let bytes = export(&case.graph, &weights, &OnnxOptions::default()).expect("exports");
    let graph = ModelProto::decode(&bytes[..]).expect("decodes").graph.expect("a graph");
    for tensor in &graph.initializer {
        let weight = weights.get(tensor.name()).expect("a parameter's name");
        let numbers =
            tensor.raw_data().chunks(4).map(|bytes| f32::from_le_bytes(bytes.try_into().expect("four bytes")));
        assert_eq!(numbers.collect::<Vec<f32>>(), weight.data);
        assert_eq!(tensor.dims, weight.shape.iter().map(|dim| *dim as i64).collect::<Vec<i64>>());
    }
    assert_eq!(graph.initializer.len(), 2);
}

#[test]
fn the_file_says_who_made_it_and_what_it_was_told() {
    let graph = models::my_model();
    let metadata = BTreeMap::from([("labels".to_owned(), "0,1".to_owned()), ("hash".to_owned(), "ab".to_owned())]);
    for (opset, ir_version) in [(20, 9), (23, 11)] {
        let options = OnnxOptions { opset, metadata: metadata.clone() };
        let bytes = export(&graph, &Weights::initial(&graph, 7), &options).expect("exports");
        let model = ModelProto::decode(&bytes[..]).expect("decodes");
        assert_eq!((model.ir_version(), model.opset_import[0].version()), (ir_version, opset));
        assert_eq!((model.producer_name(), model.producer_version()), ("ndsl", env!("CARGO_PKG_VERSION")));
        let said: Vec<_> = model.metadata_props.iter().map(|entry| (entry.key(), entry.value())).collect();
        assert_eq!(said, [("hash", "ab"), ("labels", "0,1")]);
    }
}

/// A size that only a run knows is read off an input once.
#[test]
fn attention_hides_the_future_by_what_a_run_knows() {
    insta::assert_snapshot!(dump(&exported(&case("attention_masked_and_causal").graph)));
}

#[test]
fn the_states_and_the_memory_of_a_layer_are_one_node() {
    insta::assert_snapshot!(dump(&exported(&case("recurrent_lstm_both").graph)));
}

#[test]
fn a_u_net_stays_channels_first() {
    insta::assert_snapshot!(dump(&exported(&case("u_net").graph)));
}

#[test]
fn what_is_constant_is_a_constant() {
    let model = exported(&case("constants_are_folded").graph);
    assert_eq!(kinds(&model), ["Add"]);
}

#[test]
fn drawn_numbers_are_drawn_in_the_artifact() {
    let mut b = Builder::new("Sample");
    let mean = b.input("mean", ElementType::F32, rows(&[3]), nowhere());
    let noise = b.node(Op::RandomNormal, vec![mean], nowhere());
    let even = b.node(Op::RandomUniform, vec![mean], nowhere());
    b.output("noise", noise);
    b.output("even", even);
    assert_eq!(kinds(&exported(&b.finish())), ["RandomNormalLike", "RandomUniformLike"]);
}

#[test]
fn equal_graphs_give_equal_bytes_that_decode_and_encode_to_themselves() {
    for case in cases::all() {
        let bytes = export(&case.graph, &case.weights(), &OnnxOptions::default()).expect("exports");
        assert_eq!(bytes, export(&case.graph.clone(), &case.weights(), &OnnxOptions::default()).expect("exports"));
        assert_eq!(bytes, ModelProto::decode(&bytes[..]).expect("decodes").encode_to_vec(), "{}", case.name);
    }
}

#[test]
fn tensors_have_unique_names_and_are_made_before_they_are_read() {
    for case in cases::all() {
        let graph = exported(&case.graph).graph.expect("a graph");
        let mut made = BTreeSet::new();
        let given = graph.input.iter().map(|input| input.name());
        for name in given.chain(graph.initializer.iter().map(|tensor| tensor.name())) {
            assert!(made.insert(name), "{}: two tensors are called {name}", case.name);
        }
        for node in &graph.node {
            for name in node.input.iter().filter(|name| !name.is_empty()) {
                assert!(made.contains(name.as_str()), "{}: {name} is read before it is made", case.name);
            }
            for name in node.output.iter().filter(|name| !name.is_empty()) {
                assert!(made.insert(name), "{}: two tensors are called {name}", case.name);
            }
        }
        for output in &graph.output {
            assert!(made.contains(output.name()), "{}: {} is never made", case.name, output.name());
        }
    }
}

/// The cases are what holds the exporter to ONNX Runtime, so none may be missing among them.
#[test]
fn the_cases_hold_every_operation() {
    let cases = cases::all();
    let names: BTreeSet<&str> = cases.iter().flat_map(|case| &case.graph.nodes).map(|node| node.op.name()).collect();
    insta::assert_snapshot!(names.into_iter().collect::<Vec<&str>>().join(" "));
}

#[test]
fn the_shapes_of_the_graph_are_those_that_are_computed() {
    for case in cases::all() {
        for batch in [1, 3] {
            let outputs = case.outputs(&case.inputs(batch));
            for output in &case.graph.outputs {
                let shape = case.graph.value(output.value).shape.at(&cases::sizes(batch));
                assert_eq!(Some(&outputs[&output.name].shape), shape.as_ref(), "{}", case.name);
            }
        }
    }
}

#[test]
fn a_loss_is_refused() {
    let mut b = Builder::new("Training");
    let logits = b.input("logits", ElementType::F32, rows(&[3]), nowhere());
    let labels = b.input("labels", ElementType::I64, rows(&[]), nowhere());
    let loss = b.node(Op::SoftmaxCrossEntropy, vec![logits, labels], nowhere());
    b.output("loss", loss);
    insta::assert_snapshot!(refused(&b.finish()), @"`softmax_cross_entropy` cannot be exported to ONNX: it is a loss, which belongs to training and not to a model for inference");
}

#[test]
fn a_loss_that_no_output_needs_is_left_out() {
    let mut b = Builder::new("Training");
    let logits = b.input("logits", ElementType::F32, rows(&[3]), nowhere());
    let labels = b.input("labels", ElementType::I64, rows(&[]), nowhere());
    b.node(Op::SoftmaxCrossEntropy, vec![logits, labels], nowhere());
    let probabilities = b.softmax(logits, nowhere());
    b.output("probabilities", probabilities);
    assert_eq!(kinds(&exported(&b.finish())), ["Softmax"]);
}

#[test]
fn a_graph_with_something_unknown_is_refused() {
    let mut b = Builder::new("Unfinished");
    let width = b.unknown(ElementType::F32, Shape::batched([Dim::Unknown]), nowhere());
    b.output("y", width);
    insta::assert_snapshot!(refused(&b.finish()), @"the shape of `unknown` is not known, so the model cannot be exported");
}

#[test]
fn a_graph_without_outputs_is_refused() {
    assert_eq!(refused(&Builder::new("Nothing").finish()), ExportError::NoOutput);
}

#[test]
fn a_name_can_be_given_once() {
    let mut b = Builder::new("Names");
    let x = b.input("x", ElementType::F32, rows(&[3]), nowhere());
    let y = b.softmax(x, nowhere());
    b.output("x", y);
    insta::assert_snapshot!(refused(&b.finish()), @"an output cannot be called `x`: an input, output or parameter has that name already");
}

#[test]
fn weights_of_another_model_are_refused() {
    let graph = case("linear").graph;
    let refused =
        |weights: Weights| export(&graph, &weights, &OnnxOptions::default()).expect_err("is refused").to_string();
    insta::assert_snapshot!(refused(Weights::default()), @"the weights do not fit the model: there is no `dense.weight`");
    let mut short = Weights::initial(&graph, 7);
    short.0.insert("dense.bias".to_owned(), Weight { shape: vec![4], data: vec![0.0; 3] });
    insta::assert_snapshot!(refused(short), @"the weights do not fit the model: `dense.bias` holds 3 numbers, not 4");
}

#[test]
fn other_operator_sets_are_refused() {
    let graph = models::my_model();
    let options = OnnxOptions { opset: 24, ..OnnxOptions::default() };
    let error = export(&graph, &Weights::initial(&graph, 7), &options).expect_err("is refused");
    assert_eq!(error, ExportError::Opset(24));
}

#[test]
fn what_onnx_does_not_compute_is_refused_with_the_reason() {
    let mut b = Builder::new("Bytes");
    let image = b.input("image", ElementType::U8, rows(&[4, 4, 1]), nowhere());
    let op = Op::MaxPool { size: vec![2, 2], strides: vec![2, 2], padding: vec![(0, 0); 2] };
    let pooled = b.node(op, vec![image], nowhere());
    b.output("y", pooled);
    insta::assert_snapshot!(refused(&b.finish()), @"`max_pool` cannot be exported to ONNX: it does not work on u8 values; cast them first");

    let mut b = Builder::new("Padding");
    let image = b.input("image", ElementType::F32, rows(&[4, 4, 1]), nowhere());
    let padding = [(2, 0), (0, 0)];
    let pooled = b.node(
        Op::AveragePool { size: vec![2, 2], strides: vec![1, 1], padding: padding.to_vec() },
        vec![image],
        nowhere(),
    );
    b.output("y", pooled);
    insta::assert_snapshot!(refused(&b.finish()), @"`average_pool` cannot be exported to ONNX: a window lies in the padding alone");

    let mut b = Builder::new("Gates");
    let x = b.input("x", ElementType::F32, rows(&[2, 3]), nowhere());
    b.begin_layer("encoder".to_owned(), "LSTM", x, nowhere());
    let mut read = vec![x];
    for (name, shape) in [("w", [8, 3]), ("r", [8, 2])] {
        read.push(b.parameter(name, shape.to_vec(), Initializer::Zeros, Role::Trainable, nowhere()));
    }
    let op = Op::Recurrent(Recurrent {
        cell: Cell::Lstm,
        activation: Unary::Gelu { approximate: false },
        recurrent_activation: Unary::Sigmoid,
        biases: 0,
        initial: false,
        masked: false,
        reverse: false,
        answer: Answer::States,
    });
    let states = b.node(op, read, nowhere());
    b.end_layer(states);
    b.output("y", states);
    insta::assert_snapshot!(refused(&b.finish()), @"`lstm` in `encoder` cannot be exported to ONNX: the recurrent layers of ONNX have no `gelu`");

    let mut b = Builder::new("Inputs");
    let sum = b.node(Op::Reduce { reduction: Reduction::Sum, axes: vec![1], keep: false }, vec![], nowhere());
    b.output("y", sum);
    insta::assert_snapshot!(refused(&b.finish()), @"`sum` cannot be exported to ONNX: it reads 0 values only");
}

/// The file format counts its own bytes in 31 bits. The weights are only claimed here: two gigabytes need not be held to be refused.
#[test]
fn a_size_no_file_holds_is_refused_with_the_limit() {
    let error = ExportError::TooLarge { bytes: 3_000_000_000, limit: i32::MAX as u64 };
    insta::assert_snapshot!(error, @"the model takes 3000000000 bytes; an ONNX file holds at most 2147483647");
    let mut b = Builder::new("Large");
    let x = b.input("x", ElementType::F32, rows(&[4]), nowhere());
    let read = vec![x, b.parameter("w", vec![1 << 28, 4], Initializer::Zeros, Role::Trainable, nowhere())];
    let y = b.node(Op::Linear, read, nowhere());
    b.output("y", y);
    let weights = Weights(BTreeMap::from([("w".to_owned(), Weight { shape: vec![1 << 28, 4], data: Vec::new() })]));
    let error = export(&b.finish(), &weights, &OnnxOptions::default()).expect_err("is refused");
    assert!(matches!(error, ExportError::TooLarge { bytes: 4_294_967_296, .. }), "{error}");
}
