// Drives a running coordinator as its first operator would, and fails on what the pages must hold to.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import puppeteer from "puppeteer-core";
import { accessible, firstLoad, keepsTyping, overflow, readableWithoutScript } from "./checks.mjs";
import { gateKeyboard } from "./keyboard.mjs";
import { ENGLISH, OPERATOR, deviceLinks, rotate, signIn, setUp, signedOut, speak, visits } from "./journey.mjs";
import { gateNaughty } from "./naughty.mjs";
import { Passkeys } from "./passkeys.mjs";
import { Watch } from "./watch.mjs";

const LIMITS = { bytes: 60_000, requests: 8 };
const THEMES = ["light", "dark"];
const WIDTHS = [360, 1280];
const NARROW = [320, 360];
// The pictures of README.md, as docs/screenshots keeps them: each with the height that tells its
// story. Copy them from DIR/readme when a page has changed.
const README = new Map([["overview", 800], ["device-silent", 640], ["mesh", 500], ["rollout", 760]]);

const { values: options } = parseArgs({
  options: {
    setup: { type: "string" },
    weigh: { type: "string" },
    silent: { type: "string" },
    gone: { type: "string" },
    coordinator: { type: "string" },
    words: { type: "string" },
    screenshots: { type: "string" },
    chromium: { type: "string", default: process.env.CHROMIUM ?? "/usr/bin/chromium" },
  },
});
if (!options.setup && !options.weigh) {
  console.error("usage: gates.mjs --setup URL [--silent DEVICE --coordinator PROGRAM --words FILE] [--gone DEVICE] [--screenshots DIR] [--chromium PATH]");
  console.error("       gates.mjs --weigh ORIGIN [--chromium PATH]: only the first load of /devices, of a coordinator set up before");
  process.exit(2);
}

const origin = new URL(options.setup ?? options.weigh).origin;
const problems = [];
const figures = options.setup ? { pages: 0, views: 0, axe_violations: 0, overflow_px: 0 } : {};
const started = Date.now();

function problem(text) {
  problems.push(text);
  console.error(`gate: ${text}`);
}

async function look(page, visit, watch) {
  const response = await page.goto(origin + visit.path, { waitUntil: "load" });
  watch.expectFailureOf(visit.status >= 400 ? response.url() : null);
  if (response.status() !== visit.status) {
    problem(`${visit.name} answers ${response.status()} instead of ${visit.status}`);
  }
  const text = await page.$eval("main", (main) => main.innerText).catch(() => "");
  for (const words of visit.says ?? []) {
    if (!text.includes(words)) problem(`${visit.name} does not say: ${words}`);
  }
}

async function gateView(page, visit, theme, width) {
  await page.setViewport({ width, height: 800 });
  figures.views += 1;
  for (const violation of await accessible(page)) {
    figures.axe_violations += 1;
    problem(`${visit.name} (${theme}, ${width} px) breaks axe ${violation}`);
  }
  if (options.screenshots) {
    const file = `${visit.name}-${theme}-${width}.png`;
    await page.screenshot({ path: join(options.screenshots, file), fullPage: true });
    if (README.has(visit.name) && theme === "light" && width === WIDTHS[1]) {
      const path = join(options.screenshots, "readme", `${visit.name}.webp`);
      const clip = { x: 0, y: 0, width, height: README.get(visit.name) };
      await page.screenshot({ path, type: "webp", quality: 82, clip });
    }
  }
}

async function gateWidths(page, visit) {
  for (const width of NARROW) {
    await page.setViewport({ width, height: 800 });
    const found = await overflow(page);
    figures.overflow_px = Math.max(figures.overflow_px, found.px);
    if (found.px > 0) problem(`${visit.name} is ${found.px} px too wide at ${width} px: ${found.widest}`);
  }
}

async function gatePage(page, visit, watch) {
  figures.pages += 1;
  for (const theme of THEMES) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
    await look(page, visit, watch);
    for (const width of WIDTHS) await gateView(page, visit, theme, width);
  }
  await gateWidths(page, visit);
}

async function gateFirstLoad(browser, cookies) {
  const load = await firstLoad(browser, `${origin}/devices`, cookies);
  Object.assign(figures, { devices_bytes: load.bytes, devices_requests: load.requests.length, devices_rows: load.rows });
  if (load.bytes > LIMITS.bytes) problem(`the first load of /devices is ${load.bytes} bytes: ${load.requests.join(" ")}`);
  if (load.requests.length > LIMITS.requests) {
    problem(`the first load of /devices makes ${load.requests.length} requests: ${load.requests.join(" ")}`);
  }
}

async function gateTyping(page) {
  const kept = await keepsTyping(page, `${origin}/devices`);
  figures.typing_kept = kept.focus && kept.text && kept.updates > 0;
  if (kept.updates === 0) problem("no live update of /devices was seen");
  if (!kept.focus) problem("a live update of /devices takes the focus away");
  if (!kept.text) problem("a live update of /devices loses half-typed text");
}

async function gateWithoutScript(browser, cookies, all) {
  const unreadable = await readableWithoutScript(browser, origin, cookies, all);
  figures.readable_without_script = unreadable.length === 0;
  for (const name of unreadable) problem(`${name} cannot be read without JavaScript`);
}

// French is longer: every page once more, for its language, its navigation, its width, and axe.
async function gateFrench(page, all, watch) {
  await speak(page, origin, "fr");
  figures.french_pages = 0;
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  for (const visit of all) {
    const french = { ...visit, name: `${visit.name} in French`, says: [] };
    await look(page, french, watch);
    figures.french_pages += 1;
    const { language, told } = await page.evaluate(() => ({
      language: document.documentElement.lang,
      told: [...document.querySelectorAll("header.top a, header.top button, header.top summary")].map((one) => one.textContent.trim()),
    }));
    if (language !== "fr") problem(`${french.name} says that it is written in ${language}`);
    for (const word of ENGLISH.filter((word) => told.includes(word))) problem(`${french.name} says ${word} in its navigation`);
    await gateView(page, french, "light", NARROW[1]);
    await gateWidths(page, french);
  }
}

// What the root's holder does on a machine of their own.
function sign(file) {
  const proposal = join(profile, "charter.proposal");
  writeFileSync(proposal, file);
  return execFileSync(options.coordinator, ["root", "sign", proposal, "--root", options.words], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

async function run(browser) {
  const page = await browser.newPage();
  const watch = await Watch.start(page, origin);
  await page.goto(options.setup, { waitUntil: "load" });
  await gateHere(page, "setup");
  await page.setJavaScriptEnabled(false);
  const operator = await setUp(page, options.setup);
  await page.setJavaScriptEnabled(true);
  watch.expectFailureOf(options.setup);
  await signedOut(page, origin);
  await gatePage(page, { name: "login", path: "/login", status: 200 }, watch);
  await signIn(page, origin, operator);

  if (options.words) await rotate(page, origin, sign, options.silent);
  const all = await visits(page, origin, options.silent);
  for (const visit of all) await gatePage(page, visit, watch);
  await gateTyping(page);
  await gateWithoutScript(browser, await page.browserContext().cookies(), all);

  await gateFrench(page, all, watch);
  await speak(page, origin, "en");
  const [device] = await deviceLinks(page, origin);
  if (options.gone) {
    figures.naughty = await gateNaughty(page, origin, device.split("/").pop(), watch, problem);
    figures.keyboard = await gateKeyboard(browser, origin, operator, options.gone, all, problem);
  }

  Object.assign(figures, watch.figures());
  for (const line of watch.problems()) problem(line);
  await gatePasskeys(browser, operator);
}

// Last, because whoever gives a password up ends all sessions.
async function gatePasskeys(browser, operator) {
  const passkeys = await Passkeys.start(browser, origin, operator, problem);
  await passkeys.run(async (name) => {
    figures.pages += 1;
    await gateView(passkeys.page, { name }, "light", WIDTHS[1]);
    await gateWidths(passkeys.page, { name });
  });
  figures.passkeys = true;
  for (const line of passkeys.problems()) problem(line);
}

async function weigh(browser) {
  const page = await browser.newPage();
  await signIn(page, origin, OPERATOR);
  await gateFirstLoad(browser, await page.browserContext().cookies());
}

// The setup page is open once only, so it is judged where it stands instead of being visited again.
async function gateHere(page, name) {
  const visit = { name };
  figures.pages += 1;
  for (const theme of THEMES) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
    for (const width of WIDTHS) await gateView(page, visit, theme, width);
  }
  await gateWidths(page, visit);
}

if (options.screenshots) await mkdir(join(options.screenshots, "readme"), { recursive: true });
const profile = await mkdtemp(join(tmpdir(), "palisade-chromium-"));
const browser = await puppeteer.launch({
  executablePath: options.chromium,
  userDataDir: profile,
  acceptInsecureCerts: true,
  args: [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  await (options.setup ? run(browser) : weigh(browser));
} catch (error) {
  problem(`the journey ended early: ${error.stack ?? error}`);
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
}
figures.seconds = Math.round((Date.now() - started) / 1000);
console.log(JSON.stringify({ passed: problems.length === 0, ...figures }));
process.exit(problems.length === 0 ? 0 : 1);
