//! The sources of data: each is one entry here.

use super::{absent, int, required, signature, truth, word};
use crate::signature::{Default, Kind, Method, Methods, Parameter};

const FILES: Parameter = required(
    "path",
    Kind::Paths,
    "The file, relative to the program's; a pattern in which `*` stands for any characters, for several in the order of their \
     names; or a list of these. Or an address: `https://…`, `http://…` or `file://…`.",
)
.also(&["file", "filename", "files", "paths"]);
const SHA256: Parameter = absent(
    "sha256",
    Kind::Text,
    "not compared",
    "The hash that the file must have; of several files, that of all their bytes one after another. A file from another machine has one.",
);
const LIMIT: Parameter =
    absent("limit", Kind::Int { min: 1 }, "all", "The most rows that are read.").also(&["nrows", "max_rows"]);
const COLUMNS: Parameter =
    absent("columns", Kind::Columns, "all but the target", "The columns that go into the model.")
        .also(&["features", "inputs", "usecols"]);
const TARGET: Parameter =
    absent("target", Kind::Column, "none", "The column to learn.").also(&["label", "y", "labels"]);

/// Every source of data, in the order the docs list them.
pub const SOURCES: Methods = Methods {
    noun: "source of data",
    all: &[
        Method::new(signature(
            "csv",
            "A file of comma-separated values with a header line, or several.",
            "Offers `columns`, the chosen columns as one `f32[k]` in the order they are chosen, and the target under its own \
             name: whole numbers or words are labels, other numbers are `f32`. In a column's name `*` stands for any \
             characters. A dataset of a schema offers each column under its own name instead. Several files of a schema are \
             named by their tables: `csv(User=\"users.csv\", Order=\"orders.csv\")`. Without a header line the columns are \
             `column_1`, `column_2`, ….",
            &[
                FILES,
                COLUMNS,
                TARGET,
                Parameter::new("delimiter", Kind::Text, Default::Word(","), "What stands between two values.")
                    .also(&["sep", "separator"]),
                truth("header", true, "Whether the first line holds the columns' names."),
                absent(
                    "null",
                    Kind::Texts,
                    "`null`, `na`, `n/a`, `nan`, `none` and `?` in any case",
                    "The texts that mean that there is no value, beside an empty cell.",
                )
                .also(&["na_values", "null_values"]),
                LIMIT,
                SHA256,
            ],
            "dataset Digits = csv(\"digits.csv\", columns=[\"pixel_*\"], target=label)",
        ))
        .also(&["read_csv", "tsv"]),
        Method::new(signature(
            "idx",
            "Images and labels in the format of MNIST, gzip or not.",
            "Offers `image`, a `u8[height, width, 1]`, and `label`.",
            &[
                required("images", Kind::Text, "The file of images, relative to the program's."),
                required("labels", Kind::Text, "The file of labels, relative to the program's."),
            ],
            "dataset Mnist = idx(images=\"train-images-idx3-ubyte.gz\", labels=\"train-labels-idx1-ubyte.gz\")",
        ))
        .also(&["mnist", "ubyte"]),
        Method::new(signature(
            "parquet",
            "A Parquet file, or several.",
            "Offers what `csv` offers; a column inside a group is written with a dot, `\"user.age\"`.",
            &[FILES, COLUMNS, TARGET, LIMIT, SHA256],
            "dataset Rides = parquet(\"rides/*.parquet\", target=fare)",
        ))
        .also(&["read_parquet", "pq"]),
        Method::new(signature(
            "jsonl",
            "A file with one JSON object a line, or several.",
            "Offers what `csv` offers; a column inside an object is written with a dot, `\"user.age\"`, and what an object does \
             not have is missing.",
            &[FILES, COLUMNS, TARGET, LIMIT, SHA256],
            "dataset Events = jsonl(\"events.jsonl\", columns=[\"user.age\", clicks], target=bought)",
        ))
        .also(&["json", "ndjson", "json_lines"]),
        Method::new(signature(
            "arrow",
            "An Arrow IPC file, or Feather, or several; a file or a stream.",
            "Offers what `csv` offers.",
            &[FILES, COLUMNS, TARGET, LIMIT, SHA256],
            "dataset Flights = arrow(\"flights.arrow\", target=delay)",
        ))
        .also(&["feather", "ipc"]),
        Method::new(signature(
            "npy",
            "Arrays of NumPy, one row for each of their first axis.",
            "Offers `x`, the rows of the first file as they are, and `y`, those of the second.",
            &[
                required("x", Kind::Text, "The file of the array that goes into the model, relative to the program's.")
                    .also(&["features", "data"]),
                absent("y", Kind::Text, "none", "The file of the array to learn.").also(&["labels", "target"]),
            ],
            "dataset Spectra = npy(\"spectra.npy\", y=\"substances.npy\")",
        ))
        .also(&["numpy"]),
        Method::new(signature(
            "npz",
            "An archive of NumPy's arrays, one row for each of their first axis.",
            "Offers every array under its own name.",
            &[
                required("path", Kind::Text, "The file, relative to the program's.").also(&["file", "filename"]),
                TARGET,
            ],
            "dataset Spectra = npz(\"spectra.npz\", target=y)",
        )),
        Method::new(signature(
            "images",
            "A folder of PNG and JPEG images, in a folder for each class; or a table of their paths.",
            "Offers `image`, a `u8[height, width, channels]`, and `label`, whose classes are the names of the \
             folders in their order; what lies in folders inside these is of their class too. A picture is read when its batch is \
             made, and turned upright as its camera noted. A prediction takes a folder or pictures by their names. Of a table, such as \
             `images(\"train.csv\", size=224, column=file, target=price)`, a row is the image whose path from the table's folder stands in \
             `column`, and what is learnt of it stands in `target`.",
            &[
                required("path", Kind::Text, "The folder, or the table, relative to the program's.").also(&["folder", "directory"]),
                required("size", Kind::Sizes { axes: 2, min: 1 }, "Height and width that every image is brought to.")
                    .also(&["image_size", "target_size"]),
                int("channels", 1, 3, "1 for grey, 3 for colours, 4 with transparency.").also(&["color_mode"]),
                word("fit", &["crop", "pad", "stretch"], "crop", "How an image of other proportions is brought to the size."),
                word(
                    "interpolation",
                    &["bilinear", "nearest", "bicubic", "lanczos"],
                    "bilinear",
                    "How pixels of another size are made. Of what becomes smaller, every pixel counts, but with `nearest`.",
                ),
                word("labels", &["folders", "none"], "folders", "Whether the folders' names are the labels."),
                absent("column", Kind::Column, "none", "Of a table: the column of the images' paths.")
                    .also(&["x_col", "filename", "files"]),
                absent("target", Kind::Column, "the images themselves", "Of a table: the column to learn.")
                    .also(&["y_col", "label", "y"]),
            ],
            "dataset Pets = images(\"pets\", size=[224, 224])",
        ))
        .also(&["image_folder", "ImageFolder", "image_dataset_from_directory"]),
        Method::new(signature(
            "text",
            "A file of plain text, cut into pieces of `context` tokens.",
            "Offers `tokens`, an `i64[context]`, and `next`, each token's successor. The vocabulary is that of \
             the files, and stays with the model.",
            &[
                FILES,
                required("context", Kind::Int { min: 1 }, "Tokens a row.").also(&["block_size", "seq_len", "sequence_length"]),
                Parameter::new("tokens", Kind::Method(&TOKENS), Default::Word("characters"), "What a token is.")
                    .also(&["tokenizer"]),
                absent("stride", Kind::Int { min: 1 }, "`context`", "Tokens from the start of one row to that of the next."),
                SHA256,
            ],
            "dataset Plays = text(\"plays.txt\", context=128, tokens=bpe(vocab=4096))",
        ))
        .also(&["txt", "TextLineDataset"]),
    ],
};

/// What a text is cut into.
pub const TOKENS: Methods = Methods {
    noun: "kind of tokens",
    all: &[
        super::method("characters", "Every character that occurs, in the order of Unicode.", &[], "tokens: characters")
            .also(&["chars", "char"]),
        super::method("bytes", "The 256 bytes.", &[], "tokens: bytes"),
        super::method(
            "words",
            "What stands between spaces and signs, and each sign; numbered from the commonest, 0 being every other.",
            &[
                int("vocab", 2, 20_000, "The most words that are known; all others are one token.")
                    .also(&["max_tokens", "vocab_size"]),
                truth("lower", true, "Whether capitals are read as small letters."),
            ],
            "tokens: words(vocab=10_000)",
        )
        .also(&["word"]),
        super::method(
            "bpe",
            "Byte-pair encoding: the 256 bytes, and what often stands together in the text, learnt here within words and the space before them.",
            &[int("vocab", 257, 8192, "The most tokens there are.").also(&["vocab_size"])],
            "tokens: bpe(vocab=4096)",
        )
        .also(&["BPE", "byte_pair"]),
        Method::new(signature(
            "tokenizer",
            "Byte-pair encoding as a `tokenizer.json` of Hugging Face has it, where it cuts texts as GPT-2 does.",
            "The numbers are those of Hugging Face's `tokenizers` without what its `post_processor` puts around a text. Added tokens, such as \
             `<|endoftext|>`, are found where a text has them. What would cut otherwise, such as a `normalizer` or another \
             `pre_tokenizer`, is refused with its name.",
            &[required("path", Kind::Text, "The file, relative to the program's.")],
            "tokens: tokenizer(\"tokenizer.json\")",
        )),
    ],
};
