//! The server as its clients meet it: real HTTP, real processes, a real disk.

mod client;
mod compile;
mod crash;
mod fake;
mod jobs;
mod openapi;
mod real;
mod roles;
mod running;
mod startup;
mod transport;
