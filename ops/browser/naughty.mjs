// The Big List of Naughty Strings as what strangers choose: a user's name, a log line, the banner of a service. In Chromium
// each is shown as it came, nothing of it runs, and no page breaks. As a program, prints a scan with the banners for
// `palisade-coordinator scan import`.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const ALL = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("big-list-of-naughty-strings/blns.json"), "utf8"));
// Hosts that the demo does not have, each with as many services as one page lists.
const ADDRESS = "192.0.2.";
const FIRST_HOST = 70;
const ON_A_HOST = 100;
const FIRST_PORT = 2001;
const LINES_AT_ONCE = 200;

const bytes = (text) => new TextEncoder().encode(text).length;
// What no letter of it hides: what is not printed is written out by the coordinator, and blanks fall together in a page.
const plain = (text) => !/[[\p{C}\p{Z}]--[ ]]/v.test(text) && !/^ | $| {2}/.test(text) && text !== "";
// A document of XML has no room for others, whoever reads it.
const inXml = (text) => /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u.test(text);

const NAMES = ALL.filter((text) => plain(text) && bytes(text) <= 60);
const BANNERS = ALL.filter((text) => plain(text) && inXml(text) && bytes(text) <= 60);
const LINES = ALL.filter((text) => text.trim() !== "");

// The banners by the host that shows them.
const HOSTS = Array.from({ length: Math.ceil(BANNERS.length / ON_A_HOST) }, (_, at) => ({
  address: `${ADDRESS}${FIRST_HOST + at}`,
  banners: BANNERS.slice(at * ON_A_HOST, (at + 1) * ON_A_HOST),
}));

const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);

function scan() {
  const port = (banner, at) =>
    `<port protocol="tcp" portid="${FIRST_PORT + at}"><state state="open"/><service name="telnet" product="${escaped(banner)}" method="probed" conf="10"/></port>`;
  const host = ({ address, banners }) =>
    `<host><status state="up" reason="user-set"/><address addr="${address}" addrtype="ipv4"/><ports>${banners.map(port).join("")}</ports></host>`;
  const now = Math.floor(Date.now() / 1000);
  return `<?xml version="1.0"?>
<nmaprun scanner="nmap" args="nmap -sV -oX - ${ADDRESS}0/24" start="${now}" version="7.93" xmloutputversion="1.05">
${HOSTS.map(host).join("\n")}
<runstats><finished time="${now}"/><hosts up="${HOSTS.length}" down="0" total="${HOSTS.length}"/></runstats></nmaprun>
`;
}

async function post(page, path, document) {
  return page.evaluate(
    async (path, document) => {
      const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(document) });
      return { status: answer.status, text: await answer.text() };
    },
    path,
    document,
  );
}

// What the main part of a page says, piece by piece.
async function said(page, url) {
  await page.goto(url, { waitUntil: "load" });
  return page.evaluate(() => {
    const pieces = [...document.querySelectorAll("main bdi, main code, main td, main th")];
    return { pieces: pieces.map((piece) => piece.textContent.trim()), text: document.querySelector("main").innerText, ran: window.naughty ?? null };
  });
}

async function names(page, origin, watch, problem) {
  // A refused name is an error of the console as well.
  watch.expectFailureOf(`${origin}/api/v1/people`);
  const taken = [];
  for (const name of NAMES) {
    const { status, text } = await post(page, "/api/v1/people", { name, role: "viewer" });
    if (status === 201) taken.push(name);
    else if (status === 429) await new Promise((done) => setTimeout(done, 1000));
    else if (status !== 422 || !JSON.parse(text).errors?.[0]?.pointer) problem(`the name ${JSON.stringify(name)} is answered ${status}: ${text}`);
  }
  const { pieces } = await said(page, `${origin}/people`);
  for (const name of taken.filter((name) => !pieces.includes(name))) problem(`/people does not show ${JSON.stringify(name)} as it is`);
  return taken.length;
}

async function lines(page, origin, device, watch, problem) {
  watch.expectFailureOf(`${origin}/logs/send?device=${device}`);
  const texts = LINES.slice(0, LINES_AT_ONCE * 2);
  let taken = [];
  for (const text of texts) {
    const { status, text: why } = await post(page, `/logs/send?device=${device}`, [{ message: text }]);
    if (status === 202) taken.push(text);
    else if (status === 429) await new Promise((done) => setTimeout(done, 1000));
    else if (status !== 422 || !JSON.parse(why).errors?.[0]?.pointer) problem(`the line ${JSON.stringify(text)} is answered ${status}: ${why}`);
  }
  const { pieces } = await said(page, `${origin}/devices/${device}/logs`);
  // A page has the newest; the others are behind it.
  const shown = taken.slice(-50).filter(plain);
  for (const text of shown.filter((text) => !pieces.some((piece) => piece.includes(text)))) problem(`the logs do not show ${JSON.stringify(text)} as it is`);
  return shown.length;
}

async function banners(page, origin, problem) {
  let shown = 0;
  for (const { address, banners } of HOSTS) {
    const { text } = await said(page, `${origin}/findings/on/ip:${address}`);
    const missing = banners.filter((banner) => !text.includes(banner));
    for (const banner of missing) problem(`the findings of ${address} do not show the banner ${JSON.stringify(banner)} as it is`);
    shown += banners.length - missing.length;
  }
  return shown;
}

// A dialog, a violation of the policy or an error of the console is one of the watch's problems; a dialog also holds the page.
export async function gateNaughty(page, origin, device, watch, problem) {
  page.on("dialog", async (dialog) => {
    problem(`a naughty string opened a dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  await page.goto(`${origin}/people`, { waitUntil: "load" });
  const figures = { names: await names(page, origin, watch, problem), lines: await lines(page, origin, device, watch, problem), banners: await banners(page, origin, problem) };
  if (figures.names < 150 || figures.lines < 20 || figures.banners < 150) problem(`too few naughty strings were tried: ${JSON.stringify(figures)}`);
  return figures;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(scan());
