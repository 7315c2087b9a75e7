//! Files of other machines: fetched once, held to their hash, gone on with where they broke off. The server is a thread of the test.
#![cfg(feature = "fetch")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ndsl_compiler::plan::{DataSource, DatasetPlan, Files, Format, Located};
use ndsl_grammar::Span;
use ndsl_runtime::data::{DataError, Dataset, Reading, read};
use ndsl_runtime::fetch::{FetchError, Local, Remote};
use sha2::{Digest, Sha256};

const ROWS: &str = "x,y\n1,2\n3,4\n5,6\n";

/// Answers each request, whose path and headers are given, and remembers them.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(answer: impl Fn(&str, &str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let answer = Arc::clone(&answer);
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                let first = lines.next().unwrap_or_default();
                let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
                let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                let headers = headers.join("\n").to_ascii_lowercase();
                seen.lock().unwrap().push(path.clone());
                // One that says nothing keeps no other waiting.
                std::thread::spawn(move || answer(&path, &headers, &mut stream));
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn send(stream: &mut TcpStream, head: &str, body: &[u8]) {
    _ = stream.write_all(format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes());
    _ = stream.write_all(body);
}

/// All of the rows, or those from the byte that is asked for.
fn rows(headers: &str, stream: &mut TcpStream) {
    let from = headers.lines().find_map(|line| line.strip_prefix("range: bytes=")?.strip_suffix('-')?.parse().ok());
    match from.unwrap_or(0) {
        0 => send(stream, &format!("200 OK\r\nContent-Length: {}", ROWS.len()), ROWS.as_bytes()),
        from if from >= ROWS.len() => send(stream, "416 Range Not Satisfiable\r\nContent-Length: 0", b""),
        from => {
            let head = format!("206 Partial Content\r\nContent-Length: {}", ROWS.len() - from);
            send(stream, &head, &ROWS.as_bytes()[from..]);
        }
    }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn fetch(address: &str, sha256: Option<&str>, cache: &Path) -> Result<Local, FetchError> {
    let idle = Duration::from_millis(700);
    Remote { address, sha256, cache: cache.to_path_buf(), idle }.fetch(&mut |_| ControlFlow::Continue(()))
}

#[test]
fn a_file_is_fetched_once_and_then_is_here_without_a_network() {
    let server = Server::new(|path, headers, stream| match path {
        "/moved.csv" => send(stream, "302 Found\r\nLocation: /rows.csv\r\nContent-Length: 0", b""),
        _ => rows(headers, stream),
    });
    let cache = tempfile::tempdir().unwrap();
    let (address, hash) = (format!("{}/moved.csv", server.address), sha256(ROWS));
    let local = fetch(&address, Some(&hash), cache.path()).unwrap();
    assert_eq!((fs::read_to_string(&local.path).unwrap().as_str(), local.was_here), (ROWS, false));
    assert_eq!((local.path, server.asked()), (cache.path().join(&hash).join("moved.csv"), 2));
    assert!(fetch(&address, Some(&hash), cache.path()).unwrap().was_here);
    // Where the same file was, another machine need not be there.
    assert!(fetch("http://127.0.0.1:1/moved.csv", Some(&hash), cache.path()).unwrap().was_here);
    assert_eq!(server.asked(), 2);
}

#[test]
fn what_broke_off_goes_on_where_it_was() {
    let server = Server::new(|path, headers, stream| match (path, headers.contains("range:")) {
        // The first time, half of it.
        ("/rows.csv", false) => {
            send(stream, &format!("200 OK\r\nContent-Length: {}", ROWS.len()), &ROWS.as_bytes()[..8]);
        }
        // A server that knows of no parts.
        ("/whole.csv", true) => rows("", stream),
        ("/whole.csv", false) => send(stream, "200 OK\r\nContent-Length: 16", &ROWS.as_bytes()[..3]),
        _ => rows(headers, stream),
    });
    let hash = sha256(ROWS);
    for (name, first) in [("rows.csv", 8), ("whole.csv", 3)] {
        let cache = tempfile::tempdir().unwrap();
        let address = format!("{}/{name}", server.address);
        let error = fetch(&address, Some(&hash), cache.path()).unwrap_err().to_string();
        assert_eq!(error, format!("it broke off after {first} of 16 bytes; the next run goes on from there"));
        let local = fetch(&address, Some(&hash), cache.path()).unwrap();
        assert_eq!(fs::read_to_string(local.path).unwrap(), ROWS);
    }
    // What is here already may be all of it, or too much.
    for begun in [ROWS, "something longer than that"] {
        let cache = tempfile::tempdir().unwrap();
        fs::write(cache.path().join(format!("{hash}.part")), begun).unwrap();
        let local = fetch(&format!("{}/all.csv", server.address), Some(&hash), cache.path()).unwrap();
        assert_eq!(fs::read_to_string(local.path).unwrap(), ROWS);
    }
}

#[test]
fn what_cannot_be_fetched_says_why() {
    let server = Server::new(|path, headers, stream| match path {
        "/silent.csv" => std::thread::sleep(Duration::from_secs(3)),
        "/stalls.csv" => {
            send(stream, "200 OK\r\nContent-Length: 16", &ROWS.as_bytes()[..5]);
            std::thread::sleep(Duration::from_secs(3));
        }
        "/circle.csv" => send(stream, "302 Found\r\nLocation: /circle.csv\r\nContent-Length: 0", b""),
        "/rows.csv" => rows(headers, stream),
        _ => send(stream, "404 Not Found\r\nContent-Length: 0", b""),
    });
    let cache = tempfile::tempdir().unwrap();
    let other = sha256("something else");
    let message =
        |path: &str| fetch(&format!("{}{path}", server.address), Some(&other), cache.path()).unwrap_err().to_string();
    assert_eq!(message("/nowhere.csv"), "the server answers 404: there is no such file");
    assert_eq!(message("/rows.csv"), format!("its SHA-256 is {}", sha256(ROWS)));
    assert_eq!(message("/circle.csv"), "it cannot be fetched: too many redirects");
    assert_eq!(message("/silent.csv"), "it cannot be fetched: the server said nothing for 0.7 seconds");
    assert!(message("/stalls.csv").starts_with("it broke off after 5 of 16 bytes"));
    let error = fetch("http://127.0.0.1:1/rows.csv", Some(&other), cache.path()).unwrap_err().to_string();
    assert!(error.starts_with("it cannot be fetched: ") && error.contains("refused"), "{error}");
    // Of a file that is another nothing is kept.
    assert!(!cache.path().join(sha256(ROWS)).exists() && !cache.path().join(&other).exists());
}

fn dataset(address: &str, sha256: Option<&str>, cache: &Path) -> Result<Dataset, DataError> {
    let located =
        |text: &str, start| Located { text: text.to_owned(), span: Span { start, end: start + 9, ..Span::default() } };
    let mut files = Files::of(located(address, 4), Format::Csv(Default::default()));
    files.sha256 = sha256.map(|hash| located(hash, 40));
    let source = DataSource::Columns { files, columns: None, target: Some(located("y", 60)) };
    let plan = DatasetPlan { name: "Rows".into(), span: Span::default(), folder: "data".into(), source };
    read(&plan, Path::new("nowhere"), Reading { cache: Some(cache), ..Reading::default() })
}

#[test]
fn a_dataset_is_read_from_its_address_and_held_to_its_hash() {
    let server = Server::new(|_, headers, stream| rows(headers, stream));
    let cache = tempfile::tempdir().unwrap();
    let (address, hash) = (format!("{}/rows.csv", server.address), sha256(ROWS));
    assert_eq!(dataset(&address, Some(&hash), cache.path()).unwrap().rows, 3);
    // Without a hash it is refused, and the fix writes the one that it has.
    let error = dataset(&address, None, cache.path()).unwrap_err();
    assert_eq!(error.to_string(), format!("`{address}`: nothing says which file it must be"));
    let diagnostic = error.diagnostic();
    let edit = &diagnostic.fixes[0].edits[0];
    assert_eq!((edit.span.start, edit.span.end, edit.text.as_str()), (13, 13, &*format!(", sha256=\"{hash}\"")));
    // Another hash is told where it stands.
    let other = sha256("something else");
    let error = dataset(&address, Some(&other), cache.path()).unwrap_err();
    assert_eq!(error.span.start, 40);
    assert_eq!(error.to_string(), format!("`{address}`: its SHA-256 is {hash}, and the program says {other}"));
    // A file that was damaged here is told as well, and fetched anew the next time.
    fs::write(cache.path().join(&hash).join("rows.csv"), "x,y\n").unwrap();
    let error = dataset(&address, Some(&hash), cache.path()).unwrap_err().to_string();
    assert!(error.contains("the program says"), "{error}");
    assert_eq!(dataset(&address, Some(&hash), cache.path()).unwrap().rows, 3);
    // Of this machine a file needs neither a hash nor the cache.
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("my rows.csv"), ROWS).unwrap();
    let address = format!("file://{}/my%20rows.csv", folder.path().display());
    assert_eq!(dataset(&address, None, cache.path()).unwrap().rows, 3);
}
