//! Everything that computes: data, engines, training, and one file for each operation.
