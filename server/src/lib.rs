//! The REST server: routes over the runtime's operations, and a durable job queue.
