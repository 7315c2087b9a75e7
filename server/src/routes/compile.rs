//! `/compile`: a program becomes a model file, as a job or while the client waits.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::clock;
use crate::compilation::Outcome;
use crate::http::problem::error_messages;
use crate::http::{Fields, JsonBody, Problem, ProblemAnswer, fields};
use crate::jobs::{Kind, Status};
use crate::models::NewModel;
use crate::operations::{Backend, CompileRequest, Failure, Program};

/// A program to compile.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "dsl_code": "model Tiny {\n    input x: f32[4]\n    Dense(2)\n}\n",
    "backend": "onnx",
}))]
pub(super) struct CompileBody {
    /// The program.
    dsl_code: String,
    /// What to compile it to: `onnx` in this version.
    #[schema(example = "onnx")]
    backend: String,
    /// Which of its models, by name; needed when the program has several.
    #[serde(default)]
    model: Option<String>,
    /// Whether an output that keeps its spatial dimensions is flattened before its last layer.
    #[serde(default)]
    auto_flatten_output: Option<bool>,
    /// The name of a registered dataset. This version registers none.
    #[serde(default)]
    dataset: Option<String>,
    /// Whether to search for better hyperparameters. Not in this version.
    #[serde(default)]
    enable_hpo: Option<bool>,
    /// Whom to tell when the job ends. Not in this version.
    #[serde(default)]
    webhook_url: Option<String>,
}

impl Fields for CompileBody {
    const FIELDS: &'static [&'static str] =
        &["dsl_code", "backend", "model", "auto_flatten_output", "dataset", "enable_hpo", "webhook_url"];
}

/// A job that was taken in.
#[derive(Serialize, ToSchema)]
pub(super) struct Accepted {
    /// The job, for `/jobs/{id}`.
    job_id: String,
    status: Status,
    message: String,
    /// RFC 3339 in UTC.
    created_at: String,
    /// Where the job can be seen.
    status_url: String,
}

/// What became of a compilation.
#[derive(Serialize, ToSchema)]
pub(super) struct Compilation {
    /// Always `sync`: there is no job.
    #[schema(example = "sync")]
    job_id: &'static str,
    /// `completed` or `failed`.
    status: Status,
    message: String,
    /// RFC 3339 in UTC.
    created_at: String,
    /// The model that was made, for `/models/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    model_id: Option<String>,
    /// More of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Outcome>,
    /// The faults that kept it from being made, a sentence each.
    errors: Vec<String>,
    /// Everything there is to say about the program.
    #[schema(value_type = Vec<Object>)]
    diagnostics: Vec<Value>,
}

/// What the backends are called, beside their own names.
const OTHER_NAMES: [(&str, &str); 4] =
    [("burn", "burn"), ("libtorch", "libtorch"), ("pytorch", "libtorch"), ("tensorflow", "tensorflow")];

impl TryFrom<CompileBody> for CompileRequest {
    type Error = Problem;

    fn try_from(body: CompileBody) -> Result<Self, Problem> {
        let backend = backend(&body.backend)?;
        if let Some(name) = &body.dataset {
            let shown: String = name.chars().take(64).collect();
            let detail = format!(
                "no dataset `{shown}` is registered: this version registers none, so declare it in the program instead"
            );
            return Err(Problem::new(StatusCode::BAD_REQUEST, "unknown_dataset", detail));
        }
        if body.enable_hpo == Some(true) {
            let detail = "`enable_hpo` is not in this version: leave it out, or set it to false";
            return Err(Problem::unprocessable("unsupported_field", detail));
        }
        if body.webhook_url.is_some() {
            let detail = "`webhook_url` is not in this version: leave it out, and ask `/jobs/{id}` how the job stands";
            return Err(Problem::unprocessable("unsupported_field", detail));
        }
        let program =
            Program::Text { name: "dsl_code".to_owned(), text: body.dsl_code, model: body.model, folder: None };
        Ok(Self { auto_flatten_output: body.auto_flatten_output.unwrap_or(false), ..Self::new(program, backend) })
    }
}

/// The backend called `word`, in any case.
pub(super) fn backend(word: &str) -> Result<Backend, Problem> {
    let lower = word.to_ascii_lowercase();
    if let Some(backend) = Backend::from_name(&lower) {
        return Ok(backend);
    }
    let words: Vec<&str> = Backend::ALL.into_iter().map(Backend::name).collect();
    let supported = ndsl_compiler::suggest::either(words.iter().copied());
    let known = OTHER_NAMES.iter().find(|(name, _)| *name == lower);
    let detail = match known {
        Some((_, backend)) => format!("the backend `{backend}` is not in this version; it supports {supported}"),
        None => {
            let shown: String = word.chars().take(64).collect();
            format!("there is no backend `{shown}`; {}", fields::hint(&lower, &words))
        }
    };
    Err(Problem::unprocessable("unsupported_backend", detail))
}

/// Takes a program in to be compiled.
///
/// The program is checked first: one with faults is refused with its diagnostics, and never becomes a job.
#[utoipa::path(
    post,
    path = "/compile",
    tag = "compile",
    operation_id = "submit_compile",
    request_body = CompileBody,
    responses(
        (status = 202, description = "It waits for a worker", body = Accepted,
            headers(("location" = String, description = "Where the job can be seen"))),
        (status = 400, response = ProblemAnswer),
        (status = 413, response = ProblemAnswer),
        (status = 415, response = ProblemAnswer),
        (status = 422, response = ProblemAnswer),
        (status = 429, response = ProblemAnswer),
        (status = 503, response = ProblemAnswer),
        (status = 504, response = ProblemAnswer),
    )
)]
pub(super) async fn submit(State(app): State<App>, JsonBody(body): JsonBody<CompileBody>) -> Result<Response, Problem> {
    let request = CompileRequest::try_from(body)?;
    let (operations, checked) = (app.operations.clone(), request.clone());
    app.compute.run(move || operations.check(&checked)).await??;
    let request = serde_json::to_value(&request).map_err(|error| Problem::internal(&error.to_string()))?;
    let job = app.queue.submit(Kind::Compile, &request, app.config.max_attempts, app.config.most_waiting).await?;
    app.crew.wake();
    let status_url = format!("/jobs/{}", job.id);
    let accepted = Accepted {
        job_id: job.id,
        status: job.status,
        message: "the program is waiting to be compiled".to_owned(),
        created_at: job.created_at,
        status_url: status_url.clone(),
    };
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, status_url)], Json(accepted)).into_response())
}

/// Compiles a program while the client waits.
///
/// A text whose form is wrong, so that it is no program at all (a diagnostic with a code from E0101 to E0199), is
/// refused with 422. A program that is well-formed but wrong was compiled in vain: 200, with the status `failed`.
#[utoipa::path(
    post,
    path = "/compile/sync",
    tag = "compile",
    operation_id = "compile_sync",
    request_body = CompileBody,
    responses(
        (status = 200, description = "What became of it", body = Compilation),
        (status = 400, response = ProblemAnswer),
        (status = 413, response = ProblemAnswer),
        (status = 415, response = ProblemAnswer),
        (status = 422, response = ProblemAnswer),
        (status = 503, response = ProblemAnswer),
        (status = 504, response = ProblemAnswer),
    )
)]
pub(super) async fn sync(
    State(app): State<App>,
    JsonBody(body): JsonBody<CompileBody>,
) -> Result<Json<Compilation>, Problem> {
    let request = CompileRequest::try_from(body)?;
    let (operations, most) = (app.operations.clone(), app.config.most_parameters);
    let work = move || match operations.check(&request)? {
        parameters if parameters > most => Ok(Err(parameters)),
        _ => operations.compile(&request).map(Ok),
    };
    let compiled = match app.compute.run(work).await? {
        Ok(Ok(compiled)) => compiled,
        Ok(Err(parameters)) => {
            let detail = format!(
                "the model has {parameters} parameters; one of more than {most} is compiled as a job: POST /compile"
            );
            return Err(Problem::unprocessable("model_too_large", detail));
        }
        Err(Failure::Program(diagnostics)) if !is_ill_formed(&diagnostics) => {
            return Ok(Json(failed(error_messages(&diagnostics), diagnostics)));
        }
        Err(failure) => return Err(failure.into()),
    };
    let model = NewModel::new(compiled);
    let created_at = app.models.keep(&model).await?;
    let outcome = Outcome::of(&model);
    Ok(Json(Compilation {
        job_id: "sync",
        status: Status::Completed,
        message: format!("compiled `{}` to {}", outcome.name, outcome.file_name),
        created_at,
        model_id: Some(outcome.model_id.clone()),
        errors: Vec::new(),
        diagnostics: outcome.diagnostics.clone(),
        result: Some(outcome),
    }))
}

fn failed(errors: Vec<String>, diagnostics: Vec<Value>) -> Compilation {
    let count = match errors.len() {
        1 => "a fault".to_owned(),
        count => format!("{count} faults"),
    };
    Compilation {
        job_id: "sync",
        status: Status::Failed,
        message: format!("the program has {count}"),
        created_at: clock::now().text(),
        model_id: None,
        result: None,
        errors,
        diagnostics,
    }
}

/// Whether a text is no program: it has faults of form, whose codes begin with E01.
fn is_ill_formed(diagnostics: &[Value]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic["code"].as_str().is_some_and(|code| code.starts_with("E01")))
}
