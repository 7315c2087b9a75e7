"""What each feature answers, to each editor by what it can take."""

import re

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

pytestmark = pytest.mark.asyncio

SCRIPTS = """model Größe {
    input 模型: f32[4]

    s = "🙂é" |> 模型
    模型 |> Dense(3) as 🙂
    Dense(2)
}
"""


def text_of(hover: types.Hover) -> str:
    contents = hover.contents
    return contents if isinstance(contents, str) else contents.value


def items_of(answer) -> list[types.CompletionItem]:
    return list(answer) if isinstance(answer, (list, tuple)) else list(answer.items)


async def test_what_is_offered(editor):
    named = editor.client.capabilities.general
    encodings = (named and named.position_encodings) or ["utf-16"]
    assert editor.offered.position_encoding == encodings[0]
    for feature in ["hover", "completion", "definition", "references", "rename", "document_formatting", "code_action"]:
        assert getattr(editor.offered, f"{feature}_provider"), feature
    rename = editor.client.capabilities.text_document.rename
    assert isinstance(editor.offered.rename_provider, types.RenameOptions) == bool(rename.prepare_support)


async def test_faults_come_and_go(editor):
    editor.open("main.ndsl")
    await editor.faults("main.ndsl", lambda found: not found)
    editor.change("main.ndsl", "Dense(classes) as scores", "Dense(classes as scores")
    found = await editor.faults("main.ndsl", bool)
    assert found[0].source == "ndsl"
    assert str(found[0].code).startswith("E")
    editor.change("main.ndsl", "Dense(classes as scores", "Dense(classes) as scores")
    await editor.faults("main.ndsl", lambda found: not found)


async def test_faults_of_an_unsaved_file_that_another_uses(editor):
    editor.open("main.ndsl")
    editor.open("parts.ndsl")
    await editor.faults("main.ndsl", lambda found: not found)
    editor.change("parts.ndsl", "block Pair", "block Two")
    found = await editor.faults("main.ndsl", bool)
    assert any("Pair" in fault.message for fault in found)


async def test_hover(editor):
    editor.open("main.ndsl")
    hover = await editor.client.text_document_hover_async(editor.place("main.ndsl", "Pair(width)"))
    assert "Two layers of one width." in text_of(hover)
    assert hover.range.start == editor.at("main.ndsl", "Pair(width)")
    assert await editor.client.text_document_hover_async(editor.place("main.ndsl", "\n\n/// Which")) is None


async def test_values_that_a_column_may_have(editor):
    editor.open("shop.ndsl", "schema Shop {\n    id: int key\n    code: string matches \"[A-F]{3}-[0-9]{2}\"\n}\n")
    hover = await editor.client.text_document_hover_async(editor.place("shop.ndsl", "code"))
    example = text_of(hover).split("For example: ")[1].split(", ")[0].strip("`\n")
    assert re.fullmatch("[A-F]{3}-[0-9]{2}", example), text_of(hover)


async def test_completion_and_what_is_said_of_an_item(editor):
    editor.open("main.ndsl")
    editor.change("main.ndsl", "    Dense(classes)", "    Den\n    Dense(classes)")
    place = editor.place("main.ndsl", "    Den\n", 7)
    params = types.CompletionParams(place.text_document, place.position)
    items = items_of(await editor.client.text_document_completion_async(params))
    dense = next(item for item in items if item.label == "Dense")
    more = await editor.client.completion_item_resolve_async(dense)
    assert more.label == "Dense"
    said = more.documentation if isinstance(more.documentation, str) else more.documentation.value
    assert "units" in said


async def test_signature_help(editor):
    editor.open("main.ndsl")
    place = editor.place("main.ndsl", "Pair(width, rate", len("Pair(width, "))
    help_ = await editor.client.text_document_signature_help_async(
        types.SignatureHelpParams(place.text_document, place.position)
    )
    assert help_.signatures[0].label.startswith("Pair(")
    assert help_.active_parameter == 1 or help_.signatures[0].active_parameter == 1


async def test_definition(editor):
    editor.open("main.ndsl")
    place = editor.place("main.ndsl", "Pair(width)")
    found = await editor.client.text_document_definition_async(
        types.DefinitionParams(place.text_document, place.position)
    )
    first = found[0] if isinstance(found, (list, tuple)) else found
    uri = first.target_uri if isinstance(first, types.LocationLink) else first.uri
    assert uri == editor.uri("parts.ndsl")


async def test_references_in_other_files(editor):
    editor.open("main.ndsl")
    place = editor.place("main.ndsl", "classes) as")
    found = await editor.client.text_document_references_async(
        types.ReferenceParams(types.ReferenceContext(True), place.text_document, place.position)
    )
    assert {location.uri for location in found} == {editor.uri("main.ndsl"), editor.uri("parts.ndsl")}
    assert len(found) == 3


async def test_rename_across_files(editor):
    editor.open("main.ndsl")
    place = editor.place("main.ndsl", "classes) as")
    edit = await editor.client.text_document_rename_async(
        types.RenameParams(place.text_document, place.position, "kinds")
    )
    texts = editor.changed(edit)
    assert "use Pair, kinds from" in texts["main.ndsl"] and "Dense(kinds) as scores" in texts["main.ndsl"]
    assert texts["parts.ndsl"].startswith("const kinds = 3\n")


async def test_a_rename_that_clashes_is_refused_with_the_reason(editor):
    editor.open("main.ndsl")
    place = editor.place("main.ndsl", "classes) as")
    with pytest.raises(JsonRpcException) as refused:
        await editor.client.text_document_rename_async(
            types.RenameParams(place.text_document, place.position, "Flower")
        )
    assert refused.value.code == -32803
    assert "Flower" in refused.value.message


async def test_formatting(editor):
    editor.open("main.ndsl")
    editor.change("main.ndsl", "    Pair(width) as features", "  Pair( width )   as features")
    options = types.FormattingOptions(4, True)
    edits = await editor.client.text_document_formatting_async(
        types.DocumentFormattingParams(editor.document("main.ndsl"), options)
    )
    assert editor.applied(edits, "main.ndsl") == (editor.folder / "main.ndsl").read_text()


async def test_semantic_tokens(editor):
    editor.open("main.ndsl")
    legend = editor.offered.semantic_tokens_provider.legend
    params = types.SemanticTokensParams(editor.document("main.ndsl"))
    whole = await editor.client.text_document_semantic_tokens_full_async(params)
    assert len(whole.data) % 5 == 0
    first = list(whole.data[:5])
    assert first[:3] == [0, 0, len("use")]
    assert legend.token_types[first[3]] == "keyword"


async def test_inlay_hints(editor):
    editor.open("main.ndsl")
    lines = types.Range(types.Position(0, 0), types.Position(40, 0))
    hints = await editor.client.text_document_inlay_hint_async(
        types.InlayHintParams(editor.document("main.ndsl"), lines)
    )
    shown = {hint.label if isinstance(hint.label, str) else "".join(part.value for part in hint.label) for hint in hints}
    assert any("f32[16]" in label for label in shown)


async def test_a_code_action_mends_a_fault(editor):
    editor.open("wrong.ndsl")
    found = await editor.faults("wrong.ndsl", lambda found: len(found) == 2)
    fault = next(fault for fault in found if "activaton" in fault.message)
    actions = await editor.client.text_document_code_action_async(
        types.CodeActionParams(editor.document("wrong.ndsl"), fault.range, types.CodeActionContext([fault]))
    )
    action = next(action for action in actions if "activation" in action.title)
    edit = action.edit or (await editor.client.code_action_resolve_async(action)).edit
    assert "5, activation=relu" in editor.changed(edit)["wrong.ndsl"]


async def test_symbols(editor):
    editor.open("main.ndsl")
    found = await editor.client.text_document_document_symbol_async(
        types.DocumentSymbolParams(editor.document("main.ndsl"))
    )
    assert {"Flowers", "Flower", "Garden", "flower"} <= {symbol.name for symbol in found}
    known = await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams("Pai"))
    assert [symbol.name for symbol in known] == ["Pair"]


async def test_positions_beside_characters_of_any_script(editor):
    editor.open("scripts.ndsl", SCRIPTS)
    for part in ["模型 |> Dense", "模型\n", "Dense(2)"]:
        hover = await editor.client.text_document_hover_async(editor.place("scripts.ndsl", part))
        assert hover.range.start == editor.at("scripts.ndsl", part), part
    editor.change("scripts.ndsl", "Dense(3)", "Dense(é)")
    found = await editor.faults("scripts.ndsl", lambda found: any("é" in fault.message for fault in found))
    fault = next(fault for fault in found if "`é`" in fault.message)
    assert fault.range.start == editor.at("scripts.ndsl", "é) as")
