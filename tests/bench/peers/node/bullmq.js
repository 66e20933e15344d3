// BullMQ as an email queue over the Redis at settings.redis_socket.
import { Queue, Worker } from "bullmq";
import { callProvider, serve, settings } from "./email_queue.js";

const name = "email";
const connection = { path: settings.redis_socket };
const queue = new Queue(name, { connection });
queue.on("error", (error) => console.error(error));
await queue.waitUntilReady();

const workers = Array.from({ length: settings.works ? settings.workers : 0 }, () => {
  const worker = new Worker(name, (job) => callProvider(job.data, job.attemptsMade + 1), {
    connection,
    concurrency: settings.concurrency,
  });
  worker.on("error", (error) => console.error(error));
  return worker;
});
await Promise.all(workers.map((worker) => worker.waitUntilReady()));

await serve({
  insertMany: (emails) => queue.addBulk(emails.map((data) => ({ name, data }))),
  insertOne: (email) => queue.add(name, email),
  stop: async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await queue.close();
  },
});
