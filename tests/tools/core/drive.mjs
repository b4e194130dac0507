// Drives the core in WebAssembly against the sandbox: node drive.mjs ENGINE.wasm DVPACK
// The host gives it time, random numbers and fetch; a killed host never answers again.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [engine, program] = process.argv.slice(2).map((path) => resolve(path));
const module = await WebAssembly.compile(readFileSync(engine));
const folder = mkdtempSync(join(tmpdir(), 'dvpack-core-'));
const built = spawnSync(program, ['build', 'examples/contoso-widgets', '-o', folder], { encoding: 'utf8' });
if (built.status !== 0) throw new Error(built.stderr);
const bundle = readFileSync(join(folder, readdirSync(folder).find((name) => name.endsWith('.dvpack'))));

// `zip` brings getrandom, and that wasm-bindgen: its imports are there without a caller.
const never = new Proxy({}, { get: (_, name) => () => { throw new Error(`the core called ${String(name)}`); } });
const others = WebAssembly.Module.imports(module).map((it) => it.module).filter((name) => name !== 'host');
const strange = others.filter((name) => !name.startsWith('__wbindgen_'));
if (strange.length > 0) throw new Error(`the core imports from ${strange}`);
const unused = Object.fromEntries(others.map((name) => [name, never]));

/** Runs one task. `kill`: the number of the request at which the host dies, and whether the request still leaves. */
function run(task, kill = { at: Infinity, sent: false }) {
  return new Promise((done, failed) => {
    let instance, dead = false, requests = 0;
    const memory = () => new Uint8Array(instance.exports.memory.buffer);
    const copied = (start, length) => memory().slice(start, start + length);
    const put = (bytes) => {
      // This may grow the memory, whose old view is then detached.
      const start = instance.exports.room(bytes.length);
      memory().set(bytes, start);
    };
    const answer = (number, header, body = new Uint8Array()) => {
      if (dead) return;
      const json = Buffer.from(header);
      put(Buffer.concat([json, body]));
      try { instance.exports.answer(number, json.length); } catch (error) { dead = true; failed(error); }
    };
    const send = async (number, sent, body) => {
      requests += 1;
      const last = requests === kill.at;
      if (last) { dead = true; setTimeout(() => done({ killed: true }), 20); if (!kill.sent) return; }
      try {
        const reply = await fetch(sent.url, {
          method: sent.method, headers: sent.headers, redirect: 'manual',
          body: body.length || !['GET', 'HEAD'].includes(sent.method) ? body : undefined,
          signal: AbortSignal.timeout(Math.min(sent.milliseconds, 60_000)),
        });
        const bytes = new Uint8Array(await reply.arrayBuffer());
        answer(number, JSON.stringify({ status: reply.status, headers: [...reply.headers] }), bytes);
      } catch (error) {
        answer(number, JSON.stringify({ failure: String(error.cause ?? error), sent: true }));
      }
    };
    const host = {
      now: () => performance.now(),
      timestamp: () => Date.now(),
      random: (start, length) => { crypto.getRandomValues(memory().subarray(start, start + length)); },
      sleep: (number, milliseconds) => { setTimeout(() => answer(number, ''), milliseconds); },
      send: (number, start, json, length) => {
        const bytes = copied(start, length);
        const header = JSON.parse(Buffer.from(bytes.subarray(0, json)).toString());
        setTimeout(() => send(number, header, bytes.subarray(json)), 0);
      },
      ended: (start, length) => { dead = true; done(JSON.parse(Buffer.from(copied(start, length)).toString())); },
    };
    instance = new WebAssembly.Instance(module, { host, ...unused });
    const json = Buffer.from(JSON.stringify(task));
    put(Buffer.concat([json, bundle]));
    instance.exports.start(json.length);
  });
}

/** A sandbox of its own, for as long as `use` lasts. */
async function withSandbox(use) {
  const child = spawn(program, ['sandbox', '--quiet', '--format', 'json', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const ready = await new Promise((done) => {
      let text = '';
      child.stdout.on('data', (piece) => {
        text += piece;
        try { done(JSON.parse(text)); } catch { /* more is to come */ }
      });
    });
    return await use(ready);
  } finally {
    child.kill();
  }
}

const task = (ready, write) => ({
  verb: 'apply', url: ready.url, clientId: ready.clientId, clientSecret: ready.clientSecret, write, pace: 1000,
});
const must = (holds, what, seen) => { if (!holds) throw new Error(`${what}: ${JSON.stringify(seen).slice(0, 600)}`); };

must((await run({ verb: 'verify' })).verified, 'the bundle is verified', {});
const first = await withSandbox(async (ready) => {
  const applied = await run(task(ready, true));
  must(applied.applied && applied.verified && applied.plan.steps.length > 0, 'a first run applies', applied);
  const again = await run(task(ready, true));
  must(again.plan?.steps.length === 0 && again.writes === 0, 'a second run writes nothing', again);
  console.log(`applied in ${applied.requests} requests, ${applied.writes} of them writes; again in ${again.requests}, none`);
  return applied.requests;
});
let right = 0;
const kills = [];
for (let at = 3; at <= first + 2; at += 1) for (const sent of [false, true]) kills.push({ at, sent });
for (const kill of kills) {
  await withSandbox(async (ready) => {
    await run(task(ready, true), kill);
    // What was sent before the host died may still be under way.
    await new Promise((go) => setTimeout(go, 100));
    const after = await run(task(ready, true));
    must(!after.error, `after a kill at request ${kill.at}`, after);
    const end = await run(task(ready, false));
    must(end.plan?.steps.length === 0, `after a kill at request ${kill.at} nothing is left to do`, end);
    right += 1;
  });
}
console.log(`${right} of ${kills.length} kills end right`);
