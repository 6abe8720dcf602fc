// Which events of Gradio's queue still await their answer. The stream of answers does not tell: one that
// was opened for an event already answered (its number came after its answer) stays open with nothing to bring.
(() => {
  const fetched = window.fetch, awaited = new Set(), early = new Set(), streams = new Set();
  let asked = 0;

  async function join(what, how) {
    asked += 1;
    try {
      const answer = await fetched(what, how);
      const id = answer.ok && (await answer.clone().json()).event_id;
      if (id && !early.delete(id)) awaited.add(id);
      return answer;
    } finally {
      asked -= 1;
    }
  }

  async function data(what, how) {
    const answer = await fetched(what, how);
    if (!answer.ok) return answer;
    const decoder = new TextDecoder();
    let text = "", stream;
    const read = new TransformStream({
      start: (controller) => streams.add((stream = controller)),
      transform(chunk, controller) {
        text += decoder.decode(chunk, { stream: true });
        const lines = text.split("\n");
        text = lines.pop();
        for (const line of lines.filter((one) => one.startsWith("data:"))) {
          const said = JSON.parse(line.slice(5));
          if (said.msg === "process_completed" && !awaited.delete(said.event_id)) early.add(said.event_id);
        }
        controller.enqueue(chunk);
      },
      flush: () => streams.delete(stream),
    });
    (how?.signal ?? what.signal)?.addEventListener("abort", () => streams.delete(stream));
    return new Response(answer.body.pipeThrough(read), { status: answer.status, headers: answer.headers });
  }

  window.fetch = (what, how) => {
    const path = new URL(what.url ?? what, location.href).pathname;
    return path.endsWith("/queue/join") ? join(what, how) : path.endsWith("/queue/data") ? data(what, how) : fetched(what, how);
  };

  // How many answers are awaited; where none is, streams left open are ended with the queue's own last word.
  window.awaited = () => {
    const count = asked + awaited.size;
    if (!count) {
      for (const stream of streams) {
        stream.enqueue(new TextEncoder().encode('data: {"msg": "close_stream"}\n\n'));
        stream.terminate();
      }
      streams.clear();
    }
    return count;
  };
})();
