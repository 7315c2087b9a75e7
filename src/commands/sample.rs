//! `ndsl sample`: makes something new with a trained model.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use ndsl::grammar::unescaped;
use ndsl::runtime::operations::sample::Sampler;
use ndsl::runtime::operations::sample::text::{self, Reader, Response};
use ndsl::runtime::operations::sample::values::{self, Written};
use ndsl::runtime::train::Cancel;
use serde_json::json;

use super::device::DeviceArgument;
use super::{Failure, Format, interrupt, report, summary};

/// The longest prompt that is read from stdin.
const MAX_PROMPT: u64 = 64 << 20;

/// Make something new with a trained model: go on with a text, or draw from a variational model
#[derive(clap::Args)]
#[command(after_help = "Examples:
  ndsl sample runs/gpt --prompt 'ROMEO:' --tokens 400 --temperature 0.8
  ndsl sample runs/gpt --prompt 'To be' --top-k 40 --top-p 0.95 --stop '\\n\\n' --seed 7
  ndsl sample runs/gpt --prompt 'To be' --temperature 0          the likeliest token each time
  head -c 200 play.txt | ndsl sample runs/gpt --prompt -
  ndsl sample runs/gpt --prompt 'KING' --count 8 --json          eight texts, a JSON object each
  ndsl sample runs/gpt --prompt 'KING' --device wgpu             on a GPU
  ndsl sample runs/vae --count 16 -o pictures/                   pictures of what the model draws
  ndsl sample runs/vae --from code --given codes.csv -o pictures/
  ndsl sample runs/digits --given label=3 -o threes/             of a model that draws by a label")]
pub struct Arguments {
    /// The model's folder
    model: PathBuf,
    #[command(flatten)]
    text: TextArguments,
    #[command(flatten)]
    values: ValueArguments,
    /// How many texts, or rows; by default one text, or 16 rows
    #[arg(long)]
    count: Option<usize>,
    /// What every draw comes from: the same seed makes the same
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    device: DeviceArgument,
    /// How faults are written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

/// How a text goes on.
#[derive(clap::Args)]
#[command(next_help_heading = "Texts")]
struct TextArguments {
    /// What the text goes on from, with the escapes of a program's texts such as \n; `-` reads it from stdin as it is. By default a new line
    #[arg(long, value_name = "TEXT")]
    prompt: Option<String>,
    /// The most tokens that are added; by default 256
    #[arg(long, value_name = "COUNT")]
    tokens: Option<usize>,
    /// Below 1 the likely becomes likelier, above it less so; 0 takes the likeliest each time; by default 1
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    temperature: Option<f64>,
    /// Choose from so many of the likeliest tokens
    #[arg(long, value_name = "COUNT")]
    top_k: Option<usize>,
    /// Choose from the likeliest tokens that together have this probability
    #[arg(long, value_name = "SHARE")]
    top_p: Option<f64>,
    /// End before this text, with escapes such as \n; may be given several times
    #[arg(long, value_name = "TEXT")]
    stop: Vec<String>,
    /// Write a JSON object for each text in place of the text, when it is whole
    #[arg(long)]
    json: bool,
}

impl TextArguments {
    /// Whether any of them is given.
    fn any(&self) -> bool {
        let Self { prompt, tokens, temperature, top_k, top_p, stop, json } = self;
        let chosen = temperature.is_some() || top_k.is_some() || top_p.is_some();
        prompt.is_some() || tokens.is_some() || chosen || !stop.is_empty() || *json
    }
}

/// Where a model is drawn from, and what becomes of it.
#[derive(clap::Args)]
#[command(next_help_heading = "Pictures and numbers")]
struct ValueArguments {
    /// The value that is drawn instead of being computed; by default the latent variable of a variational model
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
    /// What is given: a FILE of rows in place of what is drawn (.csv, .jsonl, .parquet, .arrow or .npy), or a field of the data that a conditional
    /// model reads, `label=3`; several values between commas go to one row after another
    #[arg(long, value_name = "FILE|NAME=VALUE")]
    given: Vec<String>,
    /// Write these values in place of the model's outputs
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    values: Vec<String>,
    /// A folder for pictures, or a file: .csv, .jsonl, .parquet or .npy; by default numbers go to stdout as CSV
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// What is black in pictures and what is white, such as -1..1; by default as the program scales them
    #[arg(long, value_name = "LOW..HIGH", value_parser = range, allow_hyphen_values = true)]
    range: Option<(f64, f64)>,
}

impl ValueArguments {
    /// Whether any of them is given.
    fn any(&self) -> bool {
        let Self { from, given, values, output, range } = self;
        from.is_some() || !given.is_empty() || !values.is_empty() || output.is_some() || range.is_some()
    }
}

/// The file of what is given, and the fields.
fn given(all: Vec<String>) -> Result<(Option<PathBuf>, BTreeMap<String, String>), Failure> {
    let (mut file, mut fields) = (None, BTreeMap::new());
    for text in all {
        let is_name =
            |name: &str| !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
        let twice = match text.split_once('=').filter(|(name, _)| is_name(name) && !Path::new(&text).exists()) {
            Some((name, value)) => fields.insert(name.to_owned(), value.to_owned()).map(|_| name.to_owned()),
            None => file.replace(PathBuf::from(&text)).map(|_| "a file".to_owned()),
        };
        if let Some(twice) = twice {
            return Err(Failure::Command(format!("{twice} is given twice")));
        }
    }
    Ok((file, fields))
}

fn range(text: &str) -> Result<(f64, f64), String> {
    let ends = text.split_once("..").and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
    ends.ok_or_else(|| "write it as two numbers, such as 0..255".to_owned())
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let (of_text, of_values) = (self.text.any(), self.values.any());
        if of_text && of_values {
            let said = "there are options for texts and options for pictures and numbers: a model is asked for one or the other";
            return Err(Failure::Command(said.to_owned()));
        }
        let format = self.message_format;
        let cancel = interrupt::cancel()?;
        let sampler = Sampler::open(&self.model).map_err(|error| Failure::operation(error, format))?;
        match of_text || !of_values && sampler.is_language_model() {
            true => self.write(&sampler, &cancel),
            false => self.draw(&sampler, &cancel),
        }
    }

    /// Goes on with a text.
    fn write(self, sampler: &Sampler, cancel: &Cancel) -> Result<(), Failure> {
        let TextArguments { prompt: given, tokens, temperature, top_k, top_p, stop, json } = self.text;
        let usual = text::Request::default();
        let request = text::Request {
            model: self.model,
            prompt: given.map(prompt).transpose()?,
            tokens: tokens.unwrap_or(usual.tokens),
            temperature: temperature.unwrap_or(usual.temperature),
            top_k,
            top_p,
            stop: stop.iter().map(|stop| unescaped(stop)).collect(),
            count: self.count.unwrap_or(1),
            seed: self.seed,
            device: self.device.choice(),
        };
        let mut paper = Paper { silent: json, count: request.count, prompt: String::new(), ends_line: true };
        let response = sampler.write(&request, &mut paper, cancel);
        let response = response.map_err(|error| Failure::operation(error, self.message_format))?;
        match json {
            true => print_json(&response),
            false => paper.end(&response),
        }
        say_how_fast(&response);
        match cancel.is_cancelled() {
            true => Err(Failure::Command("stopped before the end of the text".to_owned())),
            false => Ok(()),
        }
    }

    /// Draws rows.
    fn draw(self, sampler: &Sampler, cancel: &Cancel) -> Result<(), Failure> {
        let ValueArguments { from, given, values, output, range } = self.values;
        let (given, conditions) = self::given(given)?;
        let is_drawn = given.is_none();
        if !is_drawn && (from.is_none() || self.count.is_some()) {
            let said = "a file says how many rows there are, of the value that `--from` names";
            return Err(Failure::Command(said.to_owned()));
        }
        let usual = values::Request::default();
        let request = values::Request {
            model: self.model,
            from,
            given,
            conditions,
            values,
            count: self.count.unwrap_or(usual.count),
            seed: self.seed,
            output,
            range,
            device: self.device.choice(),
        };
        let response = sampler.draw(&request, cancel);
        let response = response.map_err(|error| Failure::operation(error, self.message_format))?;
        let rows = summary::grouped(response.rows as u64);
        if is_drawn {
            let shape = if response.shape.is_empty() { String::new() } else { format!("{:?}", response.shape) };
            eprintln!("`{}`, f32{shape}, drawn from the normal distribution of mean 0 and variance 1", response.from);
        }
        match response.written {
            Written::Table(table) => {
                // A reader that has seen enough, such as `head`, is no fault.
                let _closed = std::io::stdout().lock().write_all(&table);
            }
            Written::File(path) => eprintln!("wrote {rows} rows to {}", path.display()),
            Written::Pictures { folder, range: (black, white) } => {
                let values = response.values.join(" and ");
                eprintln!(
                    "wrote {rows} pictures of {values} to {}, side by side in sheet.png; black is {black} and white {white}",
                    folder.display()
                );
            }
        }
        Ok(())
    }
}

/// The prompt as it is meant.
fn prompt(given: String) -> Result<String, Failure> {
    if given != "-" {
        return Ok(unescaped(&given));
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(MAX_PROMPT + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::Command(format!("cannot read the prompt from stdin: {error}")))?;
    if bytes.len() as u64 > MAX_PROMPT {
        return Err(Failure::Command(format!("the prompt has more than the {} MB that are read", MAX_PROMPT >> 20)));
    }
    String::from_utf8(bytes).map_err(|_| Failure::Fault("the prompt on stdin is not UTF-8 text".to_owned()))
}

/// Stdout, on which the first text appears while it is made; the others follow when all are whole.
struct Paper {
    silent: bool,
    /// How many texts there will be.
    count: usize,
    prompt: String,
    /// Whether what stands there ends in a line end.
    ends_line: bool,
}

impl Paper {
    /// Writes, and answers whether somebody still reads.
    fn put(&mut self, text: &str) -> bool {
        if text.is_empty() {
            return true;
        }
        self.ends_line = text.ends_with('\n');
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
    }

    /// Begins the text of this number, from 1 on.
    fn begin(&mut self, number: usize) {
        if self.count > 1 {
            self.put(&format!("--- {number} of {} ---\n", self.count));
        }
        let prompt = std::mem::take(&mut self.prompt);
        self.put(&prompt);
        self.prompt = prompt;
    }

    fn end_line(&mut self) {
        if !self.ends_line {
            self.put("\n");
        }
    }

    /// Writes the texts after the first.
    fn end(&mut self, response: &Response) {
        self.end_line();
        for (index, sample) in response.samples.iter().enumerate().skip(1) {
            self.begin(index + 1);
            self.put(&sample.text);
            self.end_line();
        }
    }
}

impl Reader for Paper {
    fn on_note(&mut self, note: &str) {
        eprintln!("note: {note}");
    }

    fn on_prompt(&mut self, prompt: &str) {
        prompt.clone_into(&mut self.prompt);
        if !self.silent {
            self.begin(1);
        }
    }

    fn on_text(&mut self, sample: usize, text: &str) -> ControlFlow<()> {
        // A reader that has seen enough, such as `head`, is no fault.
        match self.silent || sample > 0 || self.put(text) {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }
}

fn print_json(response: &Response) {
    for (index, sample) in response.samples.iter().enumerate() {
        let Response { model, prompt, .. } = response;
        let line = json!({
            "model": model, "sample": index + 1, "prompt": prompt, "text": sample.text, "tokens": sample.tokens, "ended": sample.ended,
        });
        println!("{}", report::to_json(&line));
    }
}

/// Says on stderr how many tokens there were and how long they took.
fn say_how_fast(response: &Response) {
    let tokens: usize = response.samples.iter().map(|sample| sample.tokens).sum();
    let rate = tokens as f64 / response.seconds.max(1e-9);
    eprintln!("{} tokens in {:.1} s, {rate:.0} a second", summary::grouped(tokens as u64), response.seconds);
}
