//! The models that were made: what each is, and its file among the artifacts.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::artifacts::Artifacts;
use crate::clock;
use crate::database::{Database, StoreError};
use crate::operations::Compiled;

/// The models of one data folder.
#[derive(Clone, Debug)]
pub(crate) struct Models {
    database: Database,
    artifacts: Artifacts,
}

/// A model as its row has it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Model {
    pub(crate) model_id: String,
    pub(crate) name: String,
    pub(crate) backend: String,
    pub(crate) file_name: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
    pub(crate) created_at: String,
    signature: String,
    metadata: String,
}

impl Model {
    /// What goes in and what comes out.
    pub(crate) fn signature(&self) -> Value {
        serde_json::from_str(&self.signature).unwrap_or(Value::Null)
    }

    /// What else is known of it.
    pub(crate) fn metadata(&self) -> Value {
        serde_json::from_str(&self.metadata).unwrap_or(Value::Null)
    }
}

/// A model that is about to be kept.
#[derive(Clone, Debug)]
pub(crate) struct NewModel {
    /// Its identifier.
    pub(crate) id: String,
    /// The hash of its file.
    pub(crate) sha256: String,
    /// What was compiled.
    pub(crate) compiled: Arc<Compiled>,
}

impl NewModel {
    /// Gives what was compiled an identifier and a hash.
    pub(crate) fn new(compiled: Compiled) -> Self {
        Self { id: Uuid::now_v7().to_string(), sha256: Artifacts::name(&compiled.bytes), compiled: Arc::new(compiled) }
    }
}

impl Models {
    /// The models kept in `database` with their files in `artifacts`.
    pub(crate) fn new(database: Database, artifacts: Artifacts) -> Self {
        Self { database, artifacts }
    }

    /// Where the files are.
    pub(crate) fn artifacts(&self) -> &Artifacts {
        &self.artifacts
    }

    /// Keeps `model`: its file, then its row.
    pub(crate) async fn keep(&self, model: &NewModel) -> Result<String, StoreError> {
        let now = clock::now().text();
        self.keep_file(model).await?;
        let mut transaction = self.database.write().await?;
        self.insert(&mut transaction, model, &now).await?;
        transaction.commit().await.map_err(|error| self.database.error(error))?;
        Ok(now)
    }

    /// Writes the file of `model`, which may take a while, before any transaction begins.
    pub(crate) async fn keep_file(&self, model: &NewModel) -> Result<(), StoreError> {
        let (artifacts, model) = (self.artifacts.clone(), model.clone());
        let path = artifacts.path(&model.sha256);
        tokio::task::spawn_blocking(move || artifacts.keep(&model.sha256, &model.compiled.bytes))
            .await
            .unwrap_or_else(|error| Err(StoreError::file(&path, std::io::Error::other(error))))
    }

    /// Adds the row of `model` in a write transaction.
    pub(crate) async fn insert(
        &self,
        connection: &mut SqliteConnection,
        model: &NewModel,
        now: &str,
    ) -> Result<(), StoreError> {
        // Files are removed only under the write lock, and it is held here: if the file was removed with the last model
        // that shared it, this writes it again.
        self.artifacts.keep(&model.sha256, &model.compiled.bytes)?;
        sqlx::query(
            "INSERT INTO models (model_id, name, backend, file_name, size, sha256, created_at, signature, metadata)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&model.id)
        .bind(&model.compiled.model)
        .bind(model.compiled.backend.name())
        .bind(&model.compiled.file_name)
        .bind(i64::try_from(model.compiled.bytes.len()).unwrap_or(i64::MAX))
        .bind(&model.sha256)
        .bind(now)
        .bind(model.compiled.signature.to_string())
        .bind(model.compiled.metadata.to_string())
        .execute(connection)
        .await
        .map_err(|error| self.database.error(error))?;
        Ok(())
    }

    /// The model called `id`.
    pub(crate) async fn get(&self, id: &str) -> Result<Option<Model>, StoreError> {
        sqlx::query_as("SELECT * FROM models WHERE model_id = ?")
            .bind(id)
            .fetch_optional(self.database.read())
            .await
            .map_err(|error| self.database.error(error))
    }

    /// The models made for `backend`, or all, the newest first, and how many there are.
    pub(crate) async fn list(
        &self,
        backend: Option<&str>,
        skip: u32,
        limit: u32,
    ) -> Result<(Vec<Model>, u64), StoreError> {
        let fail = |error| self.database.error(error);
        let models = sqlx::query_as(
            "SELECT * FROM models WHERE ?1 IS NULL OR backend = ?1 ORDER BY model_id DESC LIMIT ?2 OFFSET ?3",
        )
        .bind(backend)
        .bind(limit)
        .bind(skip)
        .fetch_all(self.database.read())
        .await
        .map_err(fail)?;
        let total = sqlx::query_scalar("SELECT count(*) FROM models WHERE ?1 IS NULL OR backend = ?1")
            .bind(backend)
            .fetch_one(self.database.read())
            .await
            .map_err(fail)?;
        Ok((models, total))
    }

    /// How many models there are.
    pub(crate) async fn count(&self) -> Result<u64, StoreError> {
        sqlx::query_scalar("SELECT count(*) FROM models")
            .fetch_one(self.database.read())
            .await
            .map_err(|error| self.database.error(error))
    }

    /// Forgets the model called `id`, and removes its file unless another model shares it. Answers whether there was
    /// one.
    pub(crate) async fn delete(&self, id: &str) -> Result<bool, StoreError> {
        let fail = |error| self.database.error(error);
        let mut transaction = self.database.write().await?;
        let content: Option<String> = sqlx::query_scalar("DELETE FROM models WHERE model_id = ? RETURNING sha256")
            .bind(id)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(fail)?;
        transaction.commit().await.map_err(fail)?;
        let Some(content) = content else { return Ok(false) };
        // The file goes only after the row is gone for good, and only while nobody can add another that names it.
        let mut transaction = self.database.write().await?;
        let shared: u32 = sqlx::query_scalar("SELECT count(*) FROM models WHERE sha256 = ?")
            .bind(&content)
            .fetch_one(&mut *transaction)
            .await
            .map_err(fail)?;
        if shared == 0 {
            self.artifacts.remove(&content)?;
        }
        transaction.commit().await.map_err(fail)?;
        Ok(true)
    }

    /// Removes files that no model names. Only while no worker runs, since a worker writes a file before its row.
    pub(crate) async fn sweep(&self) -> Result<usize, StoreError> {
        let kept: Vec<String> = sqlx::query_scalar("SELECT DISTINCT sha256 FROM models")
            .fetch_all(self.database.read())
            .await
            .map_err(|error| self.database.error(error))?;
        self.artifacts.sweep(&HashSet::from_iter(kept))
    }
}
