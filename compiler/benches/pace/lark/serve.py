"""Parses a text with Lark (LALR, with positions) whenever a line comes in; answers the processor time of each, in seconds."""

import gc
import pathlib
import platform
import sys
import time

import lark


def main() -> None:
    text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    rules = pathlib.Path(__file__).with_name("ndsl.lark").read_text(encoding="utf-8")
    parser = lark.Lark(rules, parser="lalr", lexer="contextual", propagate_positions=True)
    print(f"lark {lark.__version__}, Python {platform.python_version()}", flush=True)
    for _ in sys.stdin:
        gc.collect()
        start = time.process_time()
        tree = parser.parse(text)
        seconds = time.process_time() - start
        assert len(tree.children) > 0
        del tree
        print(seconds, flush=True)


if __name__ == "__main__":
    main()
