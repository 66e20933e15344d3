// pg-boss as an email queue; the database comes from the PG* variables.
import { PgBoss } from "pg-boss";
import { callProvider, serve, settings } from "./email_queue.js";

const queue = "email";
const boss = new PgBoss({
  host: process.env.PGHOST,
  port: Number(process.env.PGPORT),
  user: process.env.PGUSER,
  database: process.env.PGDATABASE,
  max: settings.connections_max,
  useListenNotify: settings.notify,
});
boss.on("error", (error) => console.error(error));
await boss.start();
await boss.createQueue(queue, { notify: settings.notify });

// One bad call fails one job, not its batch.
async function work(jobs) {
  return Promise.all(
    jobs.map(async ({ id, data }) => {
      try {
        await callProvider(data, 1);
        return { id, status: "completed" };
      } catch (error) {
        return { id, status: "failed", output: error };
      }
    }),
  );
}

if (settings.works)
  await boss.work(
    queue,
    {
      batchSize: settings.batch_size,
      localConcurrency: settings.local_concurrency,
      pollingIntervalSeconds: settings.polling_interval_s,
      burstWhenBatchFull: true,
      perJobResults: true,
    },
    work,
  );

await serve({
  insertMany: (emails) => boss.insert(queue, emails.map((data) => ({ data }))),
  insertOne: (email) => boss.send(queue, email),
  stop: () => boss.stop({ timeout: settings.stop_timeout_ms }),
});
