// A client over the official TypeScript SDK, as its documentation would have one: an order, a loop,
// a download. It adds to the SDK what anybody would, and nothing that takes a second thought. What
// comes of that in each scenario is in the README.

import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

// Beside the project that has installed it, wherever this file lies.
const require = createRequire(path.join(process.env.MOCKLEO_SDK ?? process.cwd(), "package.json"));
const { Leonardo } = require("@leonardo-ai/sdk");

const PATIENCE_MS = 660_000;
const wanted = JSON.parse(process.env.MOCKLEO_TASK_WITH ?? "{}");
const retryConfig = process.argv.includes("--retry")
  ? {
      strategy: "backoff",
      backoff: { initialInterval: 1_000, maxInterval: 60_000, exponent: 2, maxElapsedTime: 300_000 },
      retryConnectionErrors: true,
    }
  : { strategy: "none" };

const leonardo = new Leonardo({
  bearerAuth: process.env.LEONARDO_API_KEY,
  serverURL: process.env.LEONARDO_BASE_URL,
  timeoutMs: 60_000,
  retryConfig,
});
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function one(prompt) {
  const side = wanted.side ?? 512;
  const ordered = await leonardo.image.createGeneration({
    prompt,
    numImages: wanted.images ?? 1,
    width: side,
    height: side,
  });
  const job = (ordered.object ?? ordered).sdGenerationJob.generationId;
  const until = Date.now() + PATIENCE_MS;
  for (let pause = 3_000; Date.now() < until; pause = Math.min(pause * 1.5, 15_000)) {
    await sleep(pause);
    const answer = await leonardo.image.getGenerationById(job);
    const shown = (answer.object ?? answer).generationsByPk;
    if (shown.status === "FAILED") throw new Error(`${job} has FAILED`);
    if (shown.status === "COMPLETE") {
      for (const [nth, image] of shown.generatedImages.entries()) {
        const file = await fetch(image.url);
        if (!file.ok) throw new Error(`${image.url}: ${file.status}`);
        await writeFile(path.join(process.env.MOCKLEO_OUT, `${job}-${nth}.jpg`), Buffer.from(await file.arrayBuffer()));
      }
      return;
    }
  }
  throw new Error(`${job} was not done in time`);
}

if ((process.env.MOCKLEO_TASK ?? "generate") !== "generate") {
  console.error("this client orders images, and nothing else");
  process.exit(2);
}
let problems = 0;
for (let nth = 0; nth < (wanted.count ?? 1); nth += 1) {
  const prompt = wanted.prompts?.[nth] ?? `a lighthouse in the evening sun, view ${nth + 1}`;
  try {
    await one(prompt);
  } catch (error) {
    console.error(`${prompt}: ${error.name}: ${String(error.message).slice(0, 200)}`);
    problems += 1;
  }
}
process.exit(problems ? 1 : 0);
