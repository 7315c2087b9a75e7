"""What no editor should send, and what the server makes of it."""

import asyncio

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

pytestmark = pytest.mark.asyncio


async def refused(request) -> int:
    with pytest.raises(JsonRpcException) as error:
        await request
    return error.value.code


async def test_an_unknown_method_is_refused(editor):
    assert await refused(editor.send("ndsl/nothing", {})) == -32601


async def test_an_unknown_notification_is_passed_over(editor):
    editor.client.protocol.notify("ndsl/nothing", {"a": 1})
    editor.client.protocol.notify("$/nothing", {})
    editor.open("main.ndsl")
    await editor.faults("main.ndsl", lambda found: not found)


async def test_positions_past_the_end_are_answered(editor):
    editor.open("main.ndsl")
    for line, character in [(0, 10_000), (10_000, 0), (2**31 - 1, 2**31 - 1)]:
        place = types.HoverParams(editor.document("main.ndsl"), types.Position(line, character))
        await editor.client.text_document_hover_async(place)
        await editor.client.text_document_completion_async(types.CompletionParams(place.text_document, place.position))


async def test_a_range_that_is_the_wrong_way_round_is_answered(editor):
    editor.open("main.ndsl")
    backwards = types.Range(types.Position(9, 5), types.Position(2, 1))
    await editor.client.text_document_code_action_async(
        types.CodeActionParams(editor.document("main.ndsl"), backwards, types.CodeActionContext([]))
    )
    await editor.client.text_document_inlay_hint_async(types.InlayHintParams(editor.document("main.ndsl"), backwards))


async def test_what_is_not_open_is_read_from_disk_or_refused(editor):
    params = types.HoverParams(types.TextDocumentIdentifier("file:///no/such.ndsl"), types.Position(0, 0))
    try:
        assert await editor.client.text_document_hover_async(params) is None
    except JsonRpcException as error:
        assert error.code in (-32602, -32803)


async def test_an_address_that_names_no_file(editor):
    text = "model A {\n    input x: f32[4]\n    Dense(2)\n}\n"
    item = types.TextDocumentItem("untitled:Untitled-1", "ndsl", 1, text)
    editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    place = types.HoverParams(types.TextDocumentIdentifier(item.uri), types.Position(2, 5))
    assert await editor.client.text_document_hover_async(place) is not None


async def test_parameters_of_the_wrong_form_are_refused(editor):
    assert await refused(editor.send("textDocument/hover", {"textDocument": 3})) == -32602
    assert await refused(editor.send("textDocument/rename", {})) == -32602
    assert await refused(editor.send("textDocument/completion", [1, None])) == -32602


async def test_many_requests_at_once_are_all_answered(editor):
    editor.open("main.ndsl")
    place = editor.place("main.ndsl", "Pair(width)")
    hovers = [editor.client.text_document_hover_async(place) for _ in range(200)]
    answers = await asyncio.wait_for(asyncio.gather(*hovers), 30)
    assert all(answer is not None for answer in answers)


async def test_nothing_is_answered_after_shutdown(editor):
    editor.open("main.ndsl")
    await editor.client.shutdown_async(None)
    assert await refused(editor.client.text_document_hover_async(editor.place("main.ndsl", "Pair"))) == -32600
    editor.client.exit(None)
    assert await asyncio.wait_for(editor.client._server.wait(), 30) == 0
    # There is nothing left to shut down.
    editor.client.capabilities = None
