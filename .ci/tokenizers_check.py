#!/usr/bin/env python3
"""Holds the reader of `tokenizer.json` to Hugging Face's own `tokenizers`.

Tokenizers are made with that library (byte-level byte-pair encoding, of several sizes, with and without added tokens), and texts of every
kind of character are cut by both: `tokenizers_check.py EXAMPLE`, where EXAMPLE is the built example `tokens`. Files that say something
else must be refused, with what it was.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unicodedata

from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, trainers

CORPUS = """It was the best of times, it was the worst of times; it wasn't the age of wisdom, they've said, and I'll say it's foolish.
Die Straße führt über den Fluß, naïve Gäste zahlen 12,50 € für Café au lait – "größtenteils" in 2024/25.
Съешь же ещё этих мягких французских булок, да выпей чаю. 色は匂へど散りぬるを 我が世誰ぞ常ならむ 浅き夢見じ酔ひもせず。
def tokens(self, text: str) -> list[int]:\n    return [self.places[word] for word in text.split()]  # 3.14159\n\n\n\t\treturn None
👍🏽 👨‍👩‍👧‍👦 🇩🇪 e\u0301 é ﬁ Å ½ ² ٣ ४ Ⅷ \u00a0 \u2003 \u3000 \u200b \ufeff"""

WORDS = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", " ", "  ", "\n", "\n\n", "\t", "\r\n", "\u00a0", "\u2003", "\u3000", "\x85", "\x1c", "0", "12", "²",
         "Ⅷ", "٣", "½", "a", "The", " the", "é", "e\u0301", "ß", "ǅ", "ª", "日本", "ひ", "한", "ا", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "\u200b", "\ufeff", "\ufffd", ".", "...", "_", "-", "<",
         ">", "|", "<|end|>", "<|end|><|pad|>", "<|pad|", "<mask>", "$", "€", "\x00", "\x7f", "\u0378", "\U0001f9ff"]


def trained(size, added=(), corpus=CORPUS):
    """A tokenizer of so many tokens; `added` are those that no pair makes."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False, special_tokens=[]
    )
    tokenizer.train_from_iterator(corpus.splitlines(keepends=True) * 2, trainer)
    for token in added:
        (tokenizer.add_special_tokens if token.special else tokenizer.add_tokens)([token])
    return tokenizer


def texts(random, wanted):
    """Texts of words and characters, which no reader may cut otherwise."""
    yield CORPUS
    # Every character that is assigned, each between others; but the halves of those that are written as two.
    assigned = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")]
    for start in range(0, len(assigned), 4096):
        yield " a".join(assigned[start : start + 4096])
    for _ in range(wanted):
        parts = random.choices(WORDS, k=random.randint(1, 40)) + random.choices(assigned, k=random.randint(0, 10))
        random.shuffle(parts)
        # At the head of a file it is the mark of its encoding, and no text.
        yield "".join(parts).lstrip("\ufeff")


def numbers(example, file, texts, folder):
    """What the reader makes of each text, or what it refuses the file with."""
    paths = []
    for index, text in enumerate(texts):
        path = folder / f"{index}.txt"
        path.write_bytes(text.encode())
        paths.append(str(path))
    run = subprocess.run([example, str(file), *paths], capture_output=True, text=True, check=False)
    return [json.loads(line) for line in run.stdout.splitlines()] if run.returncode == 0 else run.stderr


def agree(example, folder):
    chance = random.Random(5)
    special = [AddedToken("<|end|>", special=True, normalized=False), AddedToken("<|pad|>", special=True, normalized=False)]
    plain = [AddedToken("<mask>", special=False, normalized=True), AddedToken("ſ", special=False, normalized=False)]
    cases = [("256 bytes alone", trained(256)), ("300 tokens", trained(300)), ("700 tokens, two special", trained(700, special)),
             ("1200 tokens, added ones of both kinds", trained(1200, [*special, *plain]))]
    count = 0
    for name, tokenizer in cases:
        file = folder / "tokenizer.json"
        tokenizer.save(str(file))
        # What a dataset is made of has two tokens at least.
        all = [text for text in texts(chance, 150) if len(tokenizer.encode(text, add_special_tokens=False).ids) > 1]
        found = numbers(example, file, all, folder)
        if isinstance(found, str):
            return f"{name}: refused: {found}"
        for text, ours in zip(all, found, strict=True):
            theirs = tokenizer.encode(text, add_special_tokens=False).ids
            if ours != theirs:
                place = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
                around = [tokenizer.id_to_token(number) for number in theirs[max(place - 3, 0) : place + 4]]
                return f"{name}: {text[:80]!r}: {ours[place:place + 4]} for {theirs[place:place + 4]}, among {around}"
            count += len(theirs)
    print(f"{len(cases)} tokenizers, {count} tokens: all the same.")
    return None


def refuse(example, folder):
    """What would cut otherwise, by what must be said of it."""
    def with_part(change):
        tokenizer = trained(300)
        change(tokenizer)
        return tokenizer

    def normalized(tokenizer):
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])

    def whitespace(tokenizer):
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()

    def prefixed(tokenizer):
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)

    def digits(tokenizer):
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        )

    def stripped(tokenizer):
        tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True)])

    def own(tokenizer):
        token = max(tokenizer.get_vocab(), key=lambda token: (token.isalpha() and token.isascii(), len(token)))
        tokenizer.add_tokens([AddedToken(token, normalized=False)])

    wordpiece = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    cases = [("NFC", with_part(normalized)), ("Lowercase", with_part(normalized)), ("Whitespace", with_part(whitespace)),
             ('"add_prefix_space":true', with_part(prefixed)), ("Digits", with_part(digits)), ("lstrip", with_part(stripped)),
             ("its pairs make too", with_part(own)), ("WordPiece", wordpiece)]
    for said, tokenizer in cases:
        file = folder / "tokenizer.json"
        tokenizer.save(str(file))
        found = numbers(example, file, [CORPUS], folder)
        if not isinstance(found, str) or said not in found:
            return f"{said}: not refused by its name: {str(found)[:300]}"
    print(f"{len(cases)} that cut otherwise: refused by what they do.")
    return None


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for check in (agree, refuse):
            wrong = check(sys.argv[1], folder)
            if wrong:
                sys.exit(wrong)


if __name__ == "__main__":
    main()
