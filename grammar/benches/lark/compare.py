"""How long Lark (LALR, with positions) takes for the program that `cargo bench --bench parse` measures.

    cargo bench -p ndsl-grammar --bench parse -- program.ndsl
    python compare.py program.ndsl
"""

import gc
import pathlib
import statistics
import sys
import time

import lark


def main() -> None:
    text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    rules = pathlib.Path(__file__).with_name("ndsl.lark").read_text(encoding="utf-8")
    parser = lark.Lark(rules, parser="lalr", lexer="contextual", propagate_positions=True)
    times = []
    for _ in range(5):
        gc.collect()
        start = time.process_time()
        tree = parser.parse(text)
        times.append(time.process_time() - start)
        assert len(tree.children) > 0
        del tree
    median = statistics.median(times)
    megabytes = len(text.encode()) / 1e6
    print(f"lark {lark.__version__}: {megabytes:.2f} MB {median * 1e3:.0f} ms {megabytes / median:.2f} MB/s")


if __name__ == "__main__":
    main()
