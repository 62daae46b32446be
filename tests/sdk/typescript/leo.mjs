// A user of the official TypeScript SDK, who makes each journey twice: through the classes
// (client.image.createGeneration) and through the standalone functions (imageCreateGeneration).

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { Leonardo } from "@leonardo-ai/sdk";
import { LeonardoCore } from "@leonardo-ai/sdk/core.js";

const { LEONARDO_API_KEY, LEONARDO_BASE_URL } = process.env;
assert(LEONARDO_API_KEY && LEONARDO_BASE_URL, "LEONARDO_API_KEY and LEONARDO_BASE_URL say where the emulator is");

export const CLASSES = "classes";
export const FUNCTIONS = "functions";
export const NOBODY = "00000000-0000-4000-8000-000000000000";

// With instant time a job is finished by the time its answer has been read.
const POLLS_MAX = 20;
const DOLLARS_PER_CREDIT_E6 = 1_495n;

// Everything that has answered, as "image.createGeneration" and as "imageCreateGeneration".
export const called = { [CLASSES]: new Set(), [FUNCTIONS]: new Set() };

// All that the package has: the public methods of its parts, and one file for each function.
export const methods = partsOf(Leonardo).flatMap(([part, prototype]) =>
  namesOf(prototype).map((method) => `${part}.${method}`),
);
const directory = join(dirname(createRequire(import.meta.url).resolve("@leonardo-ai/sdk")), "funcs");
export const functions = readdirSync(directory)
  .filter((file) => file.endsWith(".js"))
  .map((file) => file.slice(0, -".js".length));
const loaded = Object.fromEntries(
  await Promise.all(functions.map(async (name) => [name, (await import(`@leonardo-ai/sdk/funcs/${name}.js`))[name]])),
);

let accounts = 0;

/** One account, reached through one of the two interfaces. `balance` is the credit when last seen. */
export class Leo {
  constructor(api) {
    this.api = api;
    this.key = LEONARDO_API_KEY.slice(0, -4) + String(++accounts).padStart(4, "0");
    const options = { bearerAuth: this.key, serverURL: LEONARDO_BASE_URL };
    this.client = api === CLASSES ? new Leonardo(options) : new LeonardoCore(options);
  }

  /** Make the call `part.method` and return its body. */
  async call(name, ...args) {
    const [part, method] = name.split(".");
    let answer;
    if (this.api === CLASSES) {
      answer = await this.client[part][method](...args);
      called[CLASSES].add(name);
    } else {
      const alone = part + method[0].toUpperCase() + method.slice(1);
      const result = await loaded[alone](this.client, ...args);
      if (!result.ok) throw result.error;
      answer = result.value;
      called[FUNCTIONS].add(alone);
    }
    assert.equal(answer.statusCode, 200);
    return answer.object ?? answer.oneOf;
  }

  async signIn() {
    const details = (await this.call("user.getUserSelf")).userDetails[0];
    this.userId = details.user.id;
    this.balance = details.apiPaidTokens + details.apiSubscriptionTokens;
    return this;
  }

  /** What has left the account since it was last looked at; `job` says the same, in both notations. */
  async pays(job) {
    const before = this.balance;
    await this.signIn();
    const spent = before - this.balance;
    const told = { number: job.apiCreditCost, ...job.cost };
    assert.deepEqual(
      told,
      told.unit === "CREDITS"
        ? { number: spent, amount: String(spent), unit: "CREDITS" }
        : { number: null, amount: dollars(spent), unit: "DOLLARS" },
    );
    return spent;
  }

  /** What the calculator asks for `service`, in credits. */
  async price(service, params) {
    const named = service.toLowerCase().replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
    const body = await this.call("pricingCalculator.pricingCalculator", { service, serviceParams: { [named]: params } });
    return body.calculateProductionApiServiceCost.cost;
  }

  /** What the SDK's models have no place for: the answer to a plain GET. */
  async raw(path) {
    const answer = await fetch(LEONARDO_BASE_URL + path, { headers: { authorization: `Bearer ${this.key}` } });
    assert.equal(answer.status, 200);
    return answer.json();
  }
}

/** Look until the thing is no longer pending; return it complete. */
export async function untilComplete(look) {
  let thing;
  for (let poll = 0; poll < POLLS_MAX; poll++) {
    thing = await look();
    if (!["PENDING", "QUEUED", "PROCESSING"].includes(thing.status)) break;
  }
  assert.match(thing.status, /^COMPLETED?$/);
  return thing;
}

/** Send a file through a presigned form, as the service's guide says: no key, the file last. */
export async function upload(url, fields, content, filename) {
  const form = new FormData();
  for (const [name, value] of Object.entries(JSON.parse(fields))) form.append(name, value);
  form.append("file", new Blob([content]), filename);
  const answer = await fetch(url, { method: "POST", body: form });
  assert.equal(answer.status, 204, await answer.text());
}

/** Get an asset the way a browser would, without a key. */
export async function asset(url, mediaType) {
  const answer = await fetch(url);
  assert.equal(answer.status, 200);
  if (mediaType) assert.equal(answer.headers.get("content-type"), mediaType);
  const content = Buffer.from(await answer.arrayBuffer());
  assert.notEqual(content.length, 0);
  return content;
}

function dollars(price) {
  const tenThousandths = (BigInt(price) * DOLLARS_PER_CREDIT_E6 + 50n) / 100n;
  return String(Number(tenThousandths) / 10_000);
}

function partsOf(client) {
  return namesOf(client.prototype).map((part) => [part, Object.getPrototypeOf(new client()[part])]);
}

function namesOf(prototype) {
  return Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor" && !name.startsWith("_"));
}
