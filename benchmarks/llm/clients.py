"""How many calls a second, and how much processor time for each: our direct client, LiteLLM's, and what lies below.

    python benchmarks/llm/clients.py [--in-flight 128] [--latency 0.05] [--calls 4000] [--repeats 3] [--peers]

The endpoint is ``halueval.chat.mock_endpoint`` as a process of its own (without faults), every measurement is another
process, and they take turns within each round; the endpoint has one processor and the client another where there are
two. Prompts are of about 1.8 KB, all different. Prints medians over the rounds and the ratios of the two clients, and
exits with 1 where the direct client is not at least 3 times as fast for at most a quarter of the processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from importlib.util import find_spec

RUN = """
import asyncio, json, os, sys, time
who, url, calls, in_flight = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
from halueval.chat.loop import run
from halueval.records import ChatRequest

def prompt(i):
    return f"Question {i}: " + "is a daily dose of aspirin safe for a patient with an ulcer? " * 29

def ours(model):
    async def one(i):
        reply = await model.chat(ChatRequest(({"role": "user", "content": prompt(i)},), max_tokens=64))
        assert reply.text == "Yes." and reply.prompt_tokens
    return one

async def client():
    if who == "OpenAICompatibleChat":
        from halueval.chat.openai_compatible import OpenAICompatibleChat
        return ours(OpenAICompatibleChat("m", url))
    if who == "LiteLLMChat":
        from halueval.chat.litellm import LiteLLMChat
        return ours(LiteLLMChat("openai/m", api_key="none", base_url=url))
    if who == "bare aiohttp":
        import aiohttp
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        async def one(i):
            body = {"model": "m", "messages": [{"role": "user", "content": prompt(i)}], "max_tokens": 64}
            async with session.post(url + "/chat/completions", json=body) as response:
                assert (await response.json())["choices"][0]["message"]["content"] == "Yes."
        return one
    import openai
    peer = openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0, timeout=600)
    async def one(i):
        messages = [{"role": "user", "content": prompt(i)}]
        reply = await peer.chat.completions.create(model="m", messages=messages, max_tokens=64)
        assert reply.choices[0].message.content == "Yes."
    return one

async def main():
    one = await client()
    async def many(count):
        left = iter(range(count))
        async def worker():
            for i in left:
                await one(i)
        await asyncio.gather(*(worker() for _ in range(in_flight)))
    await many(2 * in_flight)
    wall, cpu = time.perf_counter(), time.process_time()
    await many(calls)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"per_second": calls / wall, "ms": 1000 * cpu / calls}))
    sys.stdout.flush()
    os._exit(0)  # a library's cleaning up is not measured

run(main())
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--in-flight", type=int, default=128)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds that the endpoint waits before it replies")
    parser.add_argument("--calls", type=int, default=4000, help="of each client in each round; a quarter for slow ones")
    parser.add_argument("--repeats", type=int, default=3, help="rounds")
    parser.add_argument("--peers", action="store_true", help="bare aiohttp and the openai library as well")
    arguments = parser.parse_args()
    clients = ["OpenAICompatibleChat", "LiteLLMChat"]
    if arguments.peers:
        clients += ["bare aiohttp", *(["openai library"] if find_spec("openai") else [])]
    found: dict[str, list[dict[str, float]]] = {client: [] for client in clients}
    command = [sys.executable, "-m", "halueval.chat.mock_endpoint", "--latency", str(arguments.latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as endpoint:
        assert endpoint.stdout is not None
        url = endpoint.stdout.readline().strip()
        if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
            os.sched_setaffinity(endpoint.pid, {min(os.sched_getaffinity(0))})
        for _ in range(arguments.repeats):
            for client in clients:
                fast = client in ("OpenAICompatibleChat", "bare aiohttp")
                calls = arguments.calls if fast else arguments.calls // 4
                measured = [sys.executable, "-c", RUN, client, url, str(calls), str(arguments.in_flight)]
                done = subprocess.run(measured, capture_output=True, text=True, check=True)
                found[client].append(json.loads(done.stdout.splitlines()[-1]))
        endpoint.terminate()
        endpoint.stdout.read()
    bound = arguments.in_flight / arguments.latency if arguments.latency else float("inf")
    print(f"{arguments.in_flight} in flight, {arguments.latency * 1000:g} ms latency: at most {bound:,.0f} calls/s")
    middle = {
        client: {what: statistics.median(row[what] for row in rows) for what in ("per_second", "ms")}
        for client, rows in found.items()
    }
    for client, row in middle.items():
        rates = sorted(r["per_second"] for r in found[client])
        print(
            f"{client:22s} {row['per_second']:8,.0f} calls/s ({rates[0]:,.0f} to {rates[-1]:,.0f}) "
            f"{row['ms']:8.3f} ms of processor time per call"
        )
    direct, litellm = middle["OpenAICompatibleChat"], middle["LiteLLMChat"]
    faster, cheaper = direct["per_second"] / litellm["per_second"], direct["ms"] / litellm["ms"]
    print(f"OpenAICompatibleChat / LiteLLMChat: {faster:.2f} x the calls/s (wanted: at least 3), ", end="")
    print(f"{cheaper:.3f} x the processor time per call (wanted: at most 0.25)")
    sys.exit(0 if faster >= 3 and cheaper <= 0.25 else 1)


if __name__ == "__main__":
    main()
