// Opens pages of devices, and measures from the time that a device has signed until its page shows that record.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import puppeteer from "puppeteer-core";
import { deviceLinks, setUp, signIn } from "./journey.mjs";

const WITHIN_MS = 5_000;
// Long enough for every page to be updated several times over.
const PATIENCE_MS = 180_000;

const { values: options } = parseArgs({
  options: {
    setup: { type: "string" },
    pages: { type: "string", default: "20" },
    updates: { type: "string", default: "200" },
    chromium: { type: "string", default: process.env.CHROMIUM ?? "/usr/bin/chromium" },
  },
});
if (!options.setup) {
  console.error("usage: latency.mjs --setup URL [--pages N] [--updates N] [--chromium PATH]");
  process.exit(2);
}
const wanted = { pages: Number(options.pages), updates: Number(options.updates) };
const origin = new URL(options.setup).origin;

// Runs in the page: tells each newer time of the newest reading, in the frame after it stands in the document.
function tellWhatIsShown() {
  let shown = null;
  const look = () => {
    const terms = [...document.querySelectorAll("section[aria-labelledby='integrity-title'] dt")];
    const checked = terms.find((term) => term.textContent.trim() === "Checked");
    const time = checked?.nextElementSibling?.querySelector("time")?.dateTime;
    if (!time || time === shown) return;
    if (shown !== null) requestAnimationFrame(() => window.palisadeShown(Date.parse(time), Date.now()));
    shown = time;
  };
  document.addEventListener("DOMContentLoaded", () => {
    look();
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  });
}

// In a window of its own, because a tab in the background draws nothing.
async function watch(browser, path, took) {
  const page = await browser.newPage({ type: "window" });
  await page.exposeFunction("palisadeShown", (signed, shown) => took.push(shown - signed));
  await page.evaluateOnNewDocument(tellWhatIsShown);
  await page.goto(origin + path, { waitUntil: "load" });
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}

async function measure(browser) {
  const page = await browser.newPage();
  await page.goto(options.setup, { waitUntil: "load" });
  const operator = await setUp(page, options.setup);
  await signIn(page, origin, operator);
  const devices = (await deviceLinks(page, origin)).slice(0, wanted.pages);
  const took = [];
  for (const path of devices) await watch(browser, path, took);
  const began = Date.now();
  while (took.length < wanted.updates && Date.now() - began < PATIENCE_MS) {
    await new Promise((done) => setTimeout(done, 100));
  }
  if (took.length < wanted.updates) throw new Error(`only ${took.length} updates of ${devices.length} pages were seen`);
  const sorted = took.toSorted((a, b) => a - b);
  const figures = { p50_s: quantile(sorted, 0.5) / 1000, p95_s: quantile(sorted, 0.95) / 1000, most_s: sorted.at(-1) / 1000 };
  return { pages: devices.length, updates: took.length, seconds: Math.round((Date.now() - began) / 1000), ...figures };
}

const profile = await mkdtemp(join(tmpdir(), "palisade-chromium-"));
const browser = await puppeteer.launch({
  executablePath: options.chromium,
  userDataDir: profile,
  acceptInsecureCerts: true,
  args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
});
try {
  const figures = await measure(browser);
  const passed = figures.p95_s * 1000 <= WITHIN_MS;
  console.log(JSON.stringify({ passed, ...figures }));
  process.exitCode = passed ? 0 : 1;
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
}
