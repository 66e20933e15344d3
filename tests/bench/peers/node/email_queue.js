// What pg-boss and BullMQ have in common here: jobs are inserted as told on standard input, and each is worked by one
// HTTP POST to the provider. Argument: the settings as one JSON object. A line in is one JSON order, a line out its
// result; the end of the input stops the program.
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { Pool } from "undici";

export const settings = JSON.parse(process.argv[2]);

const provider = new Pool(`http://127.0.0.1:${settings.provider_port}`, {
  connections: settings.calls_at_once,
  headersTimeout: settings.call_timeout_ms,
  bodyTimeout: settings.call_timeout_ms,
});
const headers = { "Content-Type": "application/json", "X-Postmark-Server-Token": "sandbox-token" };

export async function callProvider(email, attempt) {
  const body = JSON.stringify({
    From: "hello@carillon.example",
    To: email.to,
    Subject: email.subject,
    TextBody: email.text,
    HtmlBody: email.html,
    MessageStream: "outbound",
    Metadata: { message_id: email.message_id, attempt: String(attempt) },
  });
  const answer = await provider.request({ method: "POST", path: "/email", headers, body });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`provider answered ${answer.statusCode}`);
}

const nowMs = () => performance.timeOrigin + performance.now();

// The message id begins with the time the request was due, in µs: who lists the provider's calls can tell the delay.
const newEmail = (dueMs, n) => ({
  message_id: `${Math.round(dueMs * 1000)}-${n}`,
  to: `r${n}@example.com`,
  subject: "Your statement is ready",
  text: "Hello, your statement for this month is ready. You can read it in your account at any time.",
  html: "<p>Hello, your statement for this month is ready. You can read it in your account at any time.</p>",
});

async function insertBulk(insertMany, count) {
  for (let from = 0; from < count; from += settings.insert_batch) {
    const length = Math.min(settings.insert_batch, count - from);
    await insertMany(Array.from({ length }, (_, n) => newEmail(nowMs(), from + n)));
  }
}

// As fast as possible, or at a rate: a job's time begins when it was due then, also when every caller is busy.
async function insertSingle(insertOne, count, perS) {
  const began = nowMs();
  let next = 0;
  const caller = async () => {
    while (next < count) {
      const n = next++;
      const due = perS ? began + (n * 1000) / perS : nowMs();
      if (due - nowMs() >= 1) await setTimeout(Math.floor(due - nowMs())); // timers count whole milliseconds
      await insertOne(newEmail(Math.min(due, nowMs()), n));
    }
  };
  await Promise.all(Array.from({ length: settings.callers }, caller));
}

// insertMany(emails) and insertOne(email) resolve when the jobs are stored; stop() ends the library.
export async function serve({ insertMany, insertOne, stop }) {
  console.log(JSON.stringify({ ready: true }));
  for await (const line of createInterface({ input: process.stdin })) {
    const { insert, count, per_s: perS } = JSON.parse(line);
    const began = performance.now();
    if (insert === "bulk") await insertBulk(insertMany, count);
    else await insertSingle(insertOne, count, perS);
    console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000 }));
  }
  await stop();
  await provider.close();
}
