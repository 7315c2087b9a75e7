//! Reads a picture back, as strictly as XML is read, and holds it to what every picture is.

use std::collections::BTreeMap;

/// Something with a place: a box, an open block, a row of a table.
#[derive(Debug, Default)]
pub struct Item {
    pub class: String,
    pub id: String,
    pub line: Option<String>,
    pub depth: usize,
    pub texts: Vec<String>,
    /// Left, top, right and bottom.
    pub area: [f64; 4],
    /// The open block it stands in.
    pub parent: Option<usize>,
}

#[derive(Debug, Default)]
pub struct Edge {
    pub class: String,
    pub from: String,
    pub to: String,
    pub label: String,
    /// Where its line begins and ends.
    pub ends: [[f64; 2]; 2],
}

#[derive(Debug, Default)]
pub struct Svg {
    pub size: [f64; 2],
    pub boxes: Vec<Item>,
    pub edges: Vec<Edge>,
}

/// A start of an element, an end, or text between.
enum Token<'s> {
    Start(&'s str, BTreeMap<&'s str, String>, bool),
    End(&'s str),
    Text(String),
}

impl Svg {
    pub fn read(text: &str) -> Self {
        let mut svg = Self::default();
        // For every open element its name, and the box or line it belongs to.
        let mut open: Vec<(&str, Option<Place>)> = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (token, left) = token(rest);
            rest = left;
            match token {
                Token::Start(name, attributes, closed) => {
                    let place = svg.start(name, &attributes, &open);
                    if !closed {
                        open.push((name, place));
                    }
                }
                Token::End(name) => {
                    let (opened, _) = open.pop().expect("an end without a start");
                    assert_eq!(opened, name, "elements cross");
                }
                Token::Text(said) => {
                    let Some(("text", place)) = open.last() else { continue };
                    match place {
                        Some(Place::Box(at)) => svg.boxes[*at].texts.push(said),
                        Some(Place::Edge(at)) => svg.edges[*at].label = said,
                        None => {}
                    }
                }
            }
        }
        assert!(open.is_empty(), "elements are left open");
        svg
    }

    fn start(&mut self, name: &str, given: &BTreeMap<&str, String>, open: &[(&str, Option<Place>)]) -> Option<Place> {
        let get = |key: &str| given.get(key).cloned();
        let number = |key: &str| get(key).map(|text| text.parse::<f64>().unwrap());
        let around = open.iter().rev().find_map(|(_, place)| *place);
        let class = get("class").unwrap_or_default();
        match name {
            "svg" => self.size = [number("width").unwrap(), number("height").unwrap()],
            "g" if class.starts_with("edge") => {
                let (from, to) = (get("data-from").unwrap(), get("data-to").unwrap());
                self.edges.push(Edge { class, from, to, ..Edge::default() });
                return Some(Place::Edge(self.edges.len() - 1));
            }
            // The head of an open block stands behind everything else, for its text.
            "g" if class.starts_with("head") => {
                let id = get("data-block").unwrap();
                return self.boxes.iter().position(|item| item.id == id).map(Place::Box);
            }
            "g" => {
                let id = get("data-node").or_else(|| get("data-block")).or_else(|| get("data-column")).unwrap();
                let blocks = open.iter().filter_map(|(_, place)| match place {
                    Some(Place::Box(at)) if self.boxes[*at].class == "block open" => Some(*at),
                    _ => None,
                });
                let blocks: Vec<usize> = {
                    let mut blocks: Vec<usize> = blocks.collect();
                    blocks.dedup();
                    blocks
                };
                let (depth, parent) = (blocks.len(), blocks.last().copied());
                self.boxes.push(Item { class, id, line: get("data-line"), depth, parent, ..Item::default() });
                return Some(Place::Box(self.boxes.len() - 1));
            }
            "rect" if class == "box" || class == "frame" || class == "surface" => {
                if let (Some(Place::Box(at)), Some(x), Some(y)) = (around, number("x"), number("y")) {
                    let (width, height) = (number("width").unwrap(), number("height").unwrap());
                    // A head is a part of its frame, and of a closed block the upper sheet counts.
                    if class != "surface" || self.boxes[at].area == [0.0; 4] {
                        self.boxes[at].area = [x, y, x + width, y + height];
                    }
                }
            }
            "path" => {
                if let Some(Place::Edge(at)) = around {
                    let points = points(&given["d"]);
                    let edge = &mut self.edges[at];
                    match class.as_str() {
                        "arrow" => edge.ends[1] = points[0],
                        "mark" => {}
                        _ if edge.ends == [[0.0; 2]; 2] => edge.ends = [points[0], points[points.len() - 1]],
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        around
    }

    /// What is so of every picture.
    pub fn assert_is_sound(&self) {
        let [width, height] = self.size;
        let inside = |a: [f64; 4], b: [f64; 4]| a[0] >= b[0] && a[1] >= b[1] && a[2] <= b[2] && a[3] <= b[3];
        for (at, item) in self.boxes.iter().enumerate() {
            assert!(inside(item.area, [0.0, 0.0, width, height]), "{item:?} is outside of {width} x {height}");
            assert!(item.area[2] > item.area[0] && item.area[3] > item.area[1], "{item:?} has no size");
            if let Some(parent) = item.parent {
                assert!(inside(item.area, self.boxes[parent].area), "{item:?} leaves {:?}", self.boxes[parent]);
            }
            if item.class.starts_with("column") {
                continue;
            }
            for other in self.boxes[..at].iter().filter(|other| !other.class.starts_with("column")) {
                let (a, b) = (item.area, other.area);
                let apart = a[0] >= b[2] || b[0] >= a[2] || a[1] >= b[3] || b[1] >= a[3];
                assert!(apart || item.parent != other.parent, "{item:?} overlaps {other:?}");
            }
        }
        let mut ids: Vec<&str> = self.boxes.iter().map(|item| item.id.as_str()).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "two boxes have one name");
        for edge in &self.edges {
            for (id, [x, y]) in [&edge.from, &edge.to].into_iter().zip(edge.ends) {
                let node = self.boxes.iter().find(|item| item.id == *id && !item.class.starts_with("block open"));
                let node = node.unwrap_or_else(|| panic!("{edge:?} ends at nothing"));
                let [left, top, right, bottom] = node.area;
                let on = |a: f64, b: f64| (a - b).abs() < 0.02;
                let within = x >= left - 0.02 && x <= right + 0.02 && y >= top - 0.02 && y <= bottom + 0.02;
                let border = on(x, left) || on(x, right) || on(y, top) || on(y, bottom);
                assert!(within && border, "{edge:?} does not end at {node:?}");
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Place {
    Box(usize),
    Edge(usize),
}

fn token(text: &str) -> (Token<'_>, &str) {
    if let Some(verbatim) = text.strip_prefix("<![CDATA[") {
        let (verbatim, rest) = verbatim.split_once("]]>").expect("what is verbatim ends");
        return (Token::Text(verbatim.to_owned()), rest);
    }
    let Some(tag) = text.strip_prefix('<') else {
        let end = text.find('<').unwrap_or(text.len());
        return (Token::Text(unescaped(&text[..end])), &text[end..]);
    };
    let end = tag.find('>').expect("a tag ends");
    let (inside, rest) = (&tag[..end], &tag[end + 1..]);
    if let Some(name) = inside.strip_prefix('/') {
        return (Token::End(name), rest);
    }
    let (inside, closed) = inside.strip_suffix('/').map_or((inside, false), |inside| (inside, true));
    let (name, mut given) = inside.split_once(' ').unwrap_or((inside, ""));
    let mut attributes = BTreeMap::new();
    given = given.trim_start();
    while !given.is_empty() {
        let (key, value) = given.split_once("=\"").expect("an attribute has a value");
        let (value, left) = value.split_once('"').expect("a value ends");
        assert!(!value.contains('<'), "`<` in a value");
        assert!(attributes.insert(key, unescaped(value)).is_none(), "`{key}` is given twice");
        given = left.trim_start();
    }
    // Rules of style are text like any other.
    (Token::Start(name, attributes, closed), rest)
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, entity)) = rest.split_once('&') {
        out.push_str(before);
        let (name, left) = entity.split_once(';').expect("an entity ends");
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#10" => '\n',
            other => panic!("`&{other};` is no entity"),
        });
        rest = left;
    }
    out.push_str(rest);
    assert!(!out.contains(|c: char| c.is_control() && c != '\n'), "a control character");
    out
}

/// The points of a path, in their order.
fn points(path: &str) -> Vec<[f64; 2]> {
    let numbers = path.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).filter(|part| !part.is_empty());
    let numbers: Vec<f64> = numbers.map(|number| number.parse().unwrap()).collect();
    numbers.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
}
