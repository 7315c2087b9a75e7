//! Messages on a stream of bytes: a `Content-Length` header, an empty line, and so many bytes of JSON.
//!
//! Nothing that is read ends the reading but the end of the stream: what is no message is answered as an error, and the
//! next header is looked for. (`tower_lsp_server::Server` stops at the first one, so the bytes are read here.)

use std::io;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use tower_lsp_server::jsonrpc::{Error, Id, Request, Response};

/// The longest message that is read: several times the largest source, since JSON escapes.
const MAX_BODY: usize = 64 << 20;
/// How much of a line is looked at in one go.
const MAX_LINE: u64 = 4096;
/// The start of a header that matters, in lower case.
const LENGTH: &[u8] = b"content-length:";

/// A message from the editor.
#[derive(Debug)]
pub enum Incoming {
    /// A request or a notification.
    Request(Request),
    /// An answer to a request of ours; nothing where it is none that could be read, which is not answered in turn.
    Answer(Option<Response>),
    /// Something that is no message, and what to answer.
    Malformed(Response),
}

/// A message to the editor.
#[derive(Debug)]
pub enum Outgoing {
    /// An answer.
    Response(Response),
    /// A notification or a request.
    Request(Request),
    /// Nothing comes after this.
    End,
}

/// Reads messages.
pub struct Reader<R> {
    input: BufReader<R>,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    /// A reader of `input`.
    pub fn new(input: R) -> Self {
        Self { input: BufReader::with_capacity(64 << 10, input) }
    }

    /// The next message, or nothing where the stream ends.
    pub async fn next(&mut self) -> io::Result<Option<Incoming>> {
        let length = match self.header().await? {
            Header::Length(length) => length,
            Header::Garbage => return Ok(Some(malformed(Id::Null, Error::parse_error()))),
            Header::End => return Ok(None),
        };
        let mut body = Vec::new();
        (&mut self.input).take(length as u64).read_to_end(&mut body).await?;
        if body.len() < length {
            return Ok(None);
        }
        Ok(Some(message(&body)))
    }

    /// Reads lines up to an empty one that follows a length. What stands before a length on its line is the rest of a
    /// body whose length was wrong.
    async fn header(&mut self) -> io::Result<Header> {
        let (mut length, mut garbage) = (None, false);
        let mut line = Vec::new();
        loop {
            if (&mut self.input).take(MAX_LINE).read_until(b'\n', &mut line).await? == 0 {
                return Ok(Header::End);
            }
            let ended = line.last() == Some(&b'\n');
            if line.trim_ascii().is_empty() {
                match length {
                    Some(length) => return Ok(Header::Length(length)),
                    None if garbage => return Ok(Header::Garbage),
                    None => {}
                }
            } else if let (Some(found), true) = (content_length(&line), ended) {
                length = found;
                garbage |= found.is_none();
            } else {
                garbage |= length.is_none();
            }
            // A line longer than what is looked at goes on: a header may begin at its cut.
            let kept = if ended { 0 } else { line.len().min(64) };
            line.drain(..line.len() - kept);
        }
    }
}

enum Header {
    Length(usize),
    Garbage,
    End,
}

/// What a line says of a length; `Some(None)` where it says one that cannot be used.
fn content_length(line: &[u8]) -> Option<Option<usize>> {
    let at = line.windows(LENGTH.len()).rposition(|window| window.eq_ignore_ascii_case(LENGTH))?;
    let value = std::str::from_utf8(&line[at + LENGTH.len()..]).ok();
    Some(value.and_then(|value| value.trim().parse().ok()).filter(|length| *length <= MAX_BODY))
}

fn message(body: &[u8]) -> Incoming {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return malformed(Id::Null, Error::parse_error());
    };
    let id = value.get("id").and_then(|id| serde_json::from_value(id.clone()).ok()).unwrap_or_default();
    if value.get("method").is_some() {
        match serde_json::from_value(value) {
            Ok(request) => Incoming::Request(request),
            Err(_) => malformed(id, Error::invalid_request()),
        }
    } else if value.get("result").is_some() || value.get("error").is_some() {
        Incoming::Answer(serde_json::from_value(value).ok())
    } else {
        malformed(id, Error::invalid_request())
    }
}

fn malformed(id: Id, error: Error) -> Incoming {
    Incoming::Malformed(Response::from_error(id, error))
}

/// Writes what `messages` brings, until its end.
pub async fn write<W: AsyncWrite + Unpin>(
    mut output: W,
    mut messages: mpsc::UnboundedReceiver<Outgoing>,
) -> io::Result<()> {
    while let Some(message) = messages.recv().await {
        let body = match message {
            Outgoing::Response(response) => serde_json::to_vec(&response)?,
            Outgoing::Request(request) => serde_json::to_vec(&request)?,
            Outgoing::End => break,
        };
        // One write: a header alone on the wire would wait for the body on some connections.
        let mut frame = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
        frame.extend(body);
        output.write_all(&frame).await?;
        output.flush().await?;
    }
    output.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Vec<String> {
        let mut reader = Reader::new(bytes);
        let mut seen = Vec::new();
        while let Some(incoming) = reader.next().await.unwrap() {
            seen.push(match incoming {
                Incoming::Request(request) => request.method().to_owned(),
                Incoming::Answer(_) => "answer".to_owned(),
                Incoming::Malformed(response) => response.error().unwrap().code.code().to_string(),
            });
        }
        seen
    }

    fn frame(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    const HELLO: &str = r#"{"jsonrpc":"2.0","method":"hello"}"#;

    #[tokio::test]
    async fn headers_may_come_in_any_case_order_and_company() {
        let text = format!("Content-Type: any\r\nX: y\r\nCONTENT-LENGTH:{}\r\nMore: z\r\n\r\n{HELLO}", HELLO.len());
        assert_eq!(read(text.as_bytes()).await, ["hello"]);
    }

    #[tokio::test]
    async fn what_is_no_message_is_answered_and_the_next_is_read() {
        let deep = "[".repeat(100_000);
        let bodies = ["{", "[]", "7", r#"{"jsonrpc":"1.0","method":"x"}"#, r#"{"jsonrpc":"2.0","id":1}"#, &deep];
        for body in bodies {
            let seen = read((frame(body) + &frame(HELLO)).as_bytes()).await;
            assert!(matches!(seen[0].as_str(), "-32700" | "-32600"), "{body:.20}: {seen:?}");
            assert_eq!(seen[1..], ["hello"], "{body:.20}");
        }
        let invalid = [b"Content-Length: 3\r\n\r\n\"\xff\"".as_slice(), frame(HELLO).as_bytes()].concat();
        assert_eq!(read(&invalid).await, ["-32700", "hello"]);
    }

    #[tokio::test]
    async fn a_header_is_found_after_any_garbage() {
        let garbage = [
            "nonsense\r\n\r\n".to_owned(),
            "\r\n\r\n".to_owned(),
            "Content-Length: -1\r\n\r\n{}".to_owned(),
            format!("Content-Length: {}\r\n\r\n{}", u64::MAX, HELLO),
            "Content-Length: many\r\n\r\n".to_owned(),
            format!("Content-Length: 10\r\n\r\n{HELLO}"),
            "x".repeat(MAX_LINE as usize - 5),
            "x".repeat(3 * MAX_LINE as usize),
        ];
        for text in garbage {
            let seen = read((text.clone() + &frame(HELLO)).as_bytes()).await;
            assert_eq!(seen.last().map(String::as_str), Some("hello"), "{text:.40}: {seen:?}");
        }
    }

    #[tokio::test]
    async fn a_message_cut_short_ends_the_stream() {
        let text = frame(HELLO);
        assert!(read(&text.as_bytes()[..text.len() - 1]).await.is_empty());
        assert!(read(b"Content-Length: 5").await.is_empty());
    }
}
