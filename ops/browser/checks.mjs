// What a page is measured by: axe, width, weight, live updates, and being readable without scripts.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const LIVE_PATIENCE_MS = 45_000;

// Evaluated by the debugger, so the page's policy stays as strict as it is for people.
export async function accessible(page) {
  await page.evaluate(axe);
  return page.evaluate(async (rules) => {
    const result = await window.axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] });
    return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ")}`);
  }, RULES);
}

export async function overflow(page) {
  return page.evaluate(() => {
    const px = Math.max(0, document.documentElement.scrollWidth - window.innerWidth);
    const right = (element) => element.getBoundingClientRect().right;
    const widest = px === 0 ? null : [...document.body.querySelectorAll("*")].reduce((a, b) => (right(b) > right(a) ? b : a));
    return { px, widest: widest?.outerHTML.slice(0, 120) ?? "" };
  });
}

// Loads the page in a context without any cache and adds up what came over the wire, headers included.
export async function firstLoad(browser, url, cookies) {
  const context = await browser.createBrowserContext();
  await context.setCookie(...cookies);
  const page = await context.newPage();
  const wire = await page.createCDPSession();
  await wire.send("Network.enable");
  const requests = [];
  let bytes = 0;
  wire.on("Network.requestWillBeSent", ({ request }) => requests.push(new URL(request.url).pathname));
  wire.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await page.setViewport({ width: 360, height: 800 });
  await page.goto(url, { waitUntil: "load" });
  await new Promise((done) => setTimeout(done, 1000));
  const rows = (await page.$$("main tbody tr")).length;
  await context.close();
  return { bytes, requests, rows };
}

// Types half a word, then waits for a live update and looks whether the word and the focus are still there.
export async function keepsTyping(page, url) {
  await page.setViewport({ width: 1280, height: 800 });
  await page.goto(url, { waitUntil: "load" });
  const search = "main form [name='q']";
  await page.type(search, "e");
  await new Promise((done) => setTimeout(done, 2000));
  await page.evaluate(() => {
    window.updatesSeen = 0;
    new MutationObserver((changes) => (window.updatesSeen += changes.length)).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
  });
  await page.waitForFunction(() => window.updatesSeen > 0, { timeout: LIVE_PATIENCE_MS }).catch(() => null);
  return page.evaluate((selector) => {
    const field = document.querySelector(selector);
    return { updates: window.updatesSeen, focus: document.activeElement === field, text: field.value === "e" };
  }, search);
}

// Names the pages that, with scripts off, show no heading or next to nothing in their main part.
export async function readableWithoutScript(browser, origin, cookies, visits) {
  const context = await browser.createBrowserContext();
  await context.setCookie(...cookies);
  const page = await context.newPage();
  await page.setJavaScriptEnabled(false);
  const unreadable = [];
  for (const { name, path } of visits) {
    await page.goto(origin + path, { waitUntil: "load" });
    const heading = await page.$("h1");
    const words = await page.$eval("main", (main) => main.innerText.trim().length).catch(() => 0);
    if (!heading || words < 40) unreadable.push(name);
  }
  await context.close();
  return unreadable;
}
