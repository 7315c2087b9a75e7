"""Clients of `ndsl lsp` that are none of ours: their capabilities are those of real editors, their messages those of pygls.

NDSL names the command; without it, target/debug/ndsl is run.
"""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

import pytest_asyncio
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

ROOT = Path(__file__).resolve().parents[3]
NDSL = os.environ.get("NDSL", str(ROOT / "target/debug/ndsl"))
PATIENCE = 30

# UTF-16 because they name nothing else, UTF-8, UTF-32; faults sent, and faults asked for.
EDITORS = ["visual-studio-code@v1.65.2", "neovim@v0.6.1", "neovim@v0.11.0", "emacs@v29.1"]
UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Editor:
    """An editor with a project open."""

    def __init__(self, client: LanguageClient, folder: Path, offered: types.ServerCapabilities):
        self.client = client
        self.folder = folder
        self.offered = offered
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        document = client.capabilities.text_document
        self.asks_for_faults = document.diagnostic is not None

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def document(self, name: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(name))

    def open(self, name: str, text: str | None = None) -> None:
        """Opens a file of the project, with a text that is not on disk where one is given."""
        text = (self.folder / name).read_text() if text is None else text
        self.texts[name], self.versions[name] = text, 1
        item = types.TextDocumentItem(self.uri(name), "ndsl", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, name: str, old: str, new: str) -> None:
        """Types `new` in the place of the first `old`."""
        start = self.at(name, old, 0)
        end = self.at(name, old, len(old))
        self.texts[name] = self.texts[name].replace(old, new, 1)
        self.versions[name] += 1
        document = types.VersionedTextDocumentIdentifier(self.versions[name], self.uri(name))
        change = types.TextDocumentContentChangePartial(types.Range(start, end), new)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def at(self, name: str, part: str, into: int = 0) -> types.Position:
        """The first place of `part`, so many characters into it, as this editor counts."""
        text = self.texts[name]
        offset = text.index(part) + into
        line = text.count("\n", 0, offset)
        before = text[text.rfind("\n", 0, offset) + 1 : offset]
        encoding, size = UNITS[self.offered.position_encoding or "utf-16"]
        return types.Position(line, len(before.encode(encoding)) // size)

    def place(self, name: str, part: str, into: int = 0) -> types.HoverParams:
        return types.HoverParams(self.document(name), self.at(name, part, into))

    def send(self, method: str, params) -> asyncio.Future:
        """Asks for what the client's library would not: whatever the method, and whatever form the parameters have."""
        protocol, answer = self.client.protocol, asyncio.get_running_loop().create_future()
        id_ = f"raw {method}"
        protocol._request_futures[id_] = answer
        protocol._send_data({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})
        return answer

    async def faults(self, name: str, settled) -> list[types.Diagnostic]:
        """The faults of a file, once `settled` holds of them; sent or asked for, as this editor has it."""

        async def wait():
            while True:
                if self.asks_for_faults:
                    params = types.DocumentDiagnosticParams(self.document(name))
                    report = await self.client.text_document_diagnostic_async(params)
                    found = list(report.items)
                else:
                    found = list(self.client.diagnostics.get(self.uri(name), ()))
                    found = found if self.uri(name) in self.client.diagnostics else None
                if found is not None and settled(found):
                    return found
                await asyncio.sleep(0.05)

        return await asyncio.wait_for(wait(), PATIENCE)

    def applied(self, edits: list[types.TextEdit], name: str) -> str:
        """The text of a file after edits."""
        encoding, size = UNITS[self.offered.position_encoding or "utf-16"]
        text = self.texts.get(name) or (self.folder / name).read_text()
        lines = text.splitlines(keepends=True) + [""]

        def offset(position: types.Position) -> int:
            line = lines[position.line].encode(encoding)[: position.character * size].decode(encoding)
            return sum(map(len, lines[: position.line])) + len(line)

        for edit in sorted(edits, key=lambda edit: offset(edit.range.start), reverse=True):
            text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
        return text

    def changed(self, edit: types.WorkspaceEdit) -> dict[str, str]:
        """The texts of the files that a workspace's edit changes, after it."""
        changes = dict(edit.changes or {})
        for document in edit.document_changes or []:
            changes[document.text_document.uri] = document.edits
        names = {self.uri(path.name): path.name for path in self.folder.iterdir()}
        return {names[uri]: self.applied(edits, names[uri]) for uri, edits in changes.items()}


@pytest_asyncio.fixture(params=EDITORS)
async def editor(request):
    """Each editor in turn, with a copy of the project that recordings are made in."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder).resolve() / "project"
        shutil.copytree(ROOT / "lsp/tests/recorded/project", project)
        environment = {**os.environ, "XDG_CACHE_HOME": str(Path(folder) / "cache")}
        config = ClientServerConfig(server_command=[NDSL, "lsp"], server_env=environment)
        client = await config.start()
        params = types.InitializeParams(
            capabilities=client_capabilities(request.param),
            root_uri=project.as_uri(),
            workspace_folders=[types.WorkspaceFolder(project.as_uri(), "project")],
        )
        answer = await asyncio.wait_for(client.initialize_session(params), PATIENCE)
        yield Editor(client, project, answer.capabilities)
        await asyncio.wait_for(client.shutdown_session(), PATIENCE)
        assert client.error is None
        assert client._server.returncode == 0, "it leaves in order"
        await client.stop()
