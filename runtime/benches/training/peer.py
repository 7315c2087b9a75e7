"""PyTorch's side of the bench `training`: the same models, first weights and batches, as steps are asked for.

    peer.py version
    peer.py eager|compiled MODEL FOLDER THREADS

It reads `run STEPS` and `memory` on its standard input, and answers in a line each: the processor time of the steps and their losses
as JSON, and the most memory this process has had, in bytes.
"""

import json
import sys
import time

import numpy  # noqa: F401 (safetensors needs it)
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense, self.dense_1, self.logits = nn.Linear(784, 256), nn.Linear(256, 128), nn.Linear(128, 10)

    def forward(self, x):
        return self.logits(F.relu(self.dense_1(F.relu(self.dense(x)))))


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv2d, self.conv2d_1 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.dense, self.logits = nn.Linear(64 * 12 * 12, 128), nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv2d_1(F.relu(self.conv2d(x.permute(0, 3, 1, 2))))), 2)
        # Flattened in the order of the other side, whose channels are last.
        return self.logits(F.relu(self.dense(x.permute(0, 2, 3, 1).flatten(1))))


class Plain(nn.Module):
    def __init__(self, before, filters, strides):
        super().__init__()
        self.conv2d = nn.Conv2d(before, filters, 3, strides, 1, bias=False)
        self.batch_normalization = nn.BatchNorm2d(filters)
        self.conv2d_1 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.batch_normalization_1 = nn.BatchNorm2d(filters)
        if strides != 1:
            self.conv2d_2 = nn.Conv2d(before, filters, 1, strides, bias=False)
            self.batch_normalization_2 = nn.BatchNorm2d(filters)
        self.strides = strides

    def forward(self, x):
        y = F.relu(self.batch_normalization(self.conv2d(x)))
        y = self.batch_normalization_1(self.conv2d_1(y))
        return F.relu(y + (x if self.strides == 1 else self.batch_normalization_2(self.conv2d_2(x))))


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv2d, self.batch_normalization = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        blocks = [Plain(64, 64, 1), Plain(64, 64, 1)]
        for before, filters in [(64, 128), (128, 256), (256, 512)]:
            blocks += [Plain(before, filters, 2), Plain(filters, filters, 1)]
        self.blocks = nn.ModuleList(blocks)
        self.logits = nn.Linear(512, 10)

    def forward(self, x):
        x = x.permute(0, 3, 1, 2)
        x = F.max_pool2d(F.relu(self.batch_normalization(self.conv2d(x))), 3, 2, 1)
        for block in self.blocks:
            x = block(x)
        return self.logits(x.mean((2, 3)))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.query, self.key = nn.Linear(width, width), nn.Linear(width, width)
        self.value, self.output = nn.Linear(width, width), nn.Linear(width, width)
        self.heads = heads

    def forward(self, x):
        n, t, width = x.shape
        q, k, v = (
            layer(x).view(n, t, self.heads, width // self.heads).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.output(y.transpose(1, 2).reshape(n, t, width))


class Encoder(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        x = x + self.attention(self.first(x))
        return x + self.down(F.gelu(self.up(self.second(x))))


class Gpt(nn.Module):
    def __init__(self, vocab=65, context=128, width=128, depth=4, heads=4):
        super().__init__()
        self.embedding, self.position = nn.Embedding(vocab, width), nn.Embedding(context, width)
        self.encoders = nn.ModuleList(Encoder(width, heads) for _ in range(depth))
        self.norm, self.logits = nn.LayerNorm(width), nn.Linear(width, vocab, bias=False)

    def forward(self, x):
        x = self.embedding(x) + self.position.weight[: x.shape[1]]
        for encoder in self.encoders:
            x = encoder(x)
        return self.logits(self.norm(x))


class Lstm(nn.Module):
    def __init__(self, vocab=1000, width=64):
        super().__init__()
        self.embedding = nn.Embedding(vocab, width)
        self.lstm = nn.LSTM(width, 128, batch_first=True)
        # The other side has one bias; two would each be moved by the whole gradient.
        self.lstm.bias_hh_l0.requires_grad_(False).zero_()
        self.logits = nn.Linear(128, 10)

    def forward(self, x):
        return self.logits(self.lstm(self.embedding(x))[0][:, -1])


MODELS = {"mlp": Mlp, "cnn": Cnn, "resnet18": ResNet18, "gpt": Gpt, "lstm": Lstm}


#: What a block of the other side's ResNet-18 is here.
BLOCKS = ["plain.0", "plain.1", "strided.0", "plain_1.0", "strided.1", "plain_1.1", "strided.2", "plain_1.2"]

#: The beginnings of names there and here, in the order in which they are replaced.
NAMES = [
    ("strided.", "batch_normalization_1.", "batch_normalization_2."),
    ("strided.", ".main.", ".batch_normalization_1."),
    *((f"{block}.", f"{block}.", f"blocks.{at}.") for at, block in enumerate(BLOCKS)),
    ("transformer_encoder", "layer_normalization_1", "second"),
    ("transformer_encoder", "layer_normalization", "first"),
    ("transformer_encoder", "multi_head_attention", "attention"),
    ("transformer_encoder", "feed_forward.dense_1", "down"),
    ("transformer_encoder", "feed_forward.dense", "up"),
    ("transformer_encoder", "transformer_encoder", "encoders"),
    ("position_embedding", "position_embedding.embedding", "position"),
    ("layer_normalization", "layer_normalization", "norm"),
    ("lstm.bias", "bias_ih", "bias_ih_l0"),
    ("lstm.weight", "_ih", "_ih_l0"),
    ("lstm.weight", "_hh", "_hh_l0"),
]


def named(name):
    """Our name of one of the other side's weights."""
    for start, there, here in NAMES:
        if name.startswith(start):
            name = name.replace(there, here)
    return name


def memory():
    with open("/proc/self/status") as status:
        lines = [line.split() for line in status]
    return int(next(line[1] for line in lines if line[0] == "VmHWM:")) * 1024


def main():
    if sys.argv[1] == "version":
        print(f"PyTorch {torch.__version__}, Python {sys.version.split()[0]}, {torch.backends.cpu.get_cpu_capability()}")
        return
    kind, name, folder, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    model = MODELS[name]()
    own = model.state_dict()
    for ndsl, weight in load_file(f"{folder}/weights.safetensors").items():
        own[named(ndsl)].copy_(weight)
    data = load_file(f"{folder}/batches.safetensors")
    batches = [(data[f"x.{step}"], data[f"y.{step}"]) for step in range(len(data) // 2)]
    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7)
    forward = torch.compile(model) if kind == "compiled" else model

    def step(x, y):
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(forward(x).flatten(0, -2), y.flatten())
        loss.backward()
        optimizer.step()
        return loss.item()

    made = 0
    for line in sys.stdin:
        if line.startswith("run"):
            before, losses = time.process_time(), []
            for _ in range(int(line.split()[1])):
                losses.append(step(*batches[made % len(batches)]))
                made += 1
            print(json.dumps({"seconds": time.process_time() - before, "losses": losses}), flush=True)
        else:
            print(memory(), flush=True)


main()
