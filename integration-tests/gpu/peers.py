"""What others take for the lines of goal P15 on the same device: name, tab, median microseconds."""
import statistics
import sys

import torch
import torch.nn.functional as functional
from torch.nn.attention import SDPBackend, sdpa_kernel

TOKENS = int(sys.argv[1]) if len(sys.argv) > 1 else 131072
HEADS, GROUP, DIM, CHOSEN, BATCH, REPEATS = 8, 4, 128, 2048, 8, 50


def microseconds(work, batch=1):
    for _ in range(5):
        work()
    times = []
    for _ in range(REPEATS):
        begin = torch.cuda.Event(enable_timing=True)
        end = torch.cuda.Event(enable_timing=True)
        begin.record()
        for _ in range(batch):
            work()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end) * 1000 / batch)
    return statistics.median(times)


def report(name, time):
    print(f"{name}\t{time:.3f}", flush=True)


def attention(sequences):
    """The fastest backend that takes a query of one token with grouped heads."""
    keys = torch.randn(sequences, HEADS, TOKENS, DIM, device="cuda", dtype=torch.float16)
    values = torch.randn_like(keys)
    query = torch.randn(sequences, HEADS * GROUP, 1, DIM, device="cuda", dtype=torch.float16)
    best = None
    for backend in (SDPBackend.FLASH_ATTENTION, SDPBackend.CUDNN_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH):
        try:
            with sdpa_kernel(backend):
                time = microseconds(
                    lambda: functional.scaled_dot_product_attention(query, keys, values, enable_gqa=True)
                )
            print(f"# attention of {sequences} by {backend}: {time:.1f} us", file=sys.stderr)
            best = time if best is None else min(best, time)
        except RuntimeError as error:
            print(f"# {backend} refuses: {str(error).splitlines()[0]}", file=sys.stderr)
    if best is not None:
        report(f"full decode, batch {sequences}", best)


def selection():
    scores = torch.randn(HEADS, TOKENS, device="cuda")
    report("top_k", microseconds(lambda: torch.topk(scores, CHOSEN, dim=1, sorted=False), 20))
    keys = torch.randn(HEADS, TOKENS, DIM, device="cuda", dtype=torch.float16)
    values = torch.randn_like(keys)
    query = torch.randn(HEADS, GROUP, DIM, device="cuda", dtype=torch.float16)

    def step():
        votes = torch.softmax(torch.matmul(query, keys.transpose(1, 2)).float() / DIM**0.5, dim=2).sum(1)
        places = torch.topk(votes, CHOSEN, dim=1, sorted=False).indices
        chosen = places.unsqueeze(2).expand(-1, -1, DIM)
        functional.scaled_dot_product_attention(query, keys.gather(1, chosen), values.gather(1, chosen))

    report("select", microseconds(step))


with torch.no_grad():
    attention(1)
    attention(BATCH)
    selection()
