//! A small HTTP client, so that a test sees exactly what goes over the wire.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The header called `name`.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body as problem details, once it is certain that it is that.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, error_code: &str) -> Value {
        let problem = self.json();
        assert_eq!(self.header("content-type"), "application/problem+json", "{problem}");
        assert_eq!((self.status, problem["status"].as_u64()), (status, Some(status.into())), "{problem}");
        assert_eq!(problem["error_code"], error_code, "{problem}");
        for member in ["type", "title", "detail", "error", "request_id"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {problem}");
        }
        assert!(problem["diagnostics"].is_array(), "{problem}");
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        problem
    }
}

/// Opens a connection that gives up after a while, so that no test hangs.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// Sends `text` and reads all that comes back.
pub(crate) fn raw(address: SocketAddr, text: &[u8]) -> Answer {
    let mut stream = connect(address);
    stream.write_all(text).unwrap();
    read(&mut stream)
}

/// Reads an answer up to the end of the connection.
pub(crate) fn read(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> =
        lines.map(|line| line.split_once(": ").unwrap()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    let answer = Answer { status, headers, body: bytes[end + 4..].to_vec() };
    assert_eq!(answer.header("transfer-encoding"), "", "every answer here has a length");
    if status != 204 && status != 304 {
        let length: usize = answer.header("content-length").parse().unwrap();
        assert!(answer.body.len() == length || answer.body.is_empty(), "{answer:?}");
    }
    answer
}

/// One request on a connection of its own.
pub(crate) fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() || method == "POST" {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    raw(address, &[head.as_bytes(), body].concat())
}
