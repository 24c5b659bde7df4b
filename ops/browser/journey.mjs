// The first operator's way through the product: the setup link, the login, and then every page there is.

// What the page of a killed node has to tell: its kind of silence, who says so, and the way out.
const CERTIFICATE = ["device or its link", "witnesses hold it to be silent", "A certificate:", "liveness probe without answer", "What clears it"];

export const OPERATOR = { name: "browser-gates", password: "correct horse battery staple 7" };

// Fills the named fields of the page's main form and sends it.
async function send(page, fields) {
  for (const [name, value] of Object.entries(fields)) {
    await page.locator(`main form [name="${name}"]`).fill(value);
  }
  await Promise.all([
    page.waitForNavigation({ waitUntil: "load" }),
    page.evaluate((first) => document.querySelector(`main form [name="${first}"]`).form.requestSubmit(), Object.keys(fields)[0]),
  ]);
}

// The same by keys alone, which works without scripts too; what stood in a field goes.
async function typeAndSend(page, fields) {
  for (const [name, value] of Object.entries(fields)) {
    await page.focus(`main form [name="${name}"]`);
    await page.keyboard.down("Control");
    await page.keyboard.press("KeyA");
    await page.keyboard.up("Control");
    await page.keyboard.type(value);
  }
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press("Enter")]);
}

export const MESH = "Browser gates' workshop";

// The first operator and the mesh's name, with a plain form: without scripts, if it has to be.
export async function setUp(page, link) {
  await typeAndSend(page, { ...OPERATOR, mesh: MESH });
  const path = new URL(page.url()).pathname;
  if (path !== "/welcome") throw new Error(`the first setup leads to ${path} instead of /welcome`);
  const text = await page.$eval("main", (main) => main.innerText);
  for (const words of [MESH, "Does word reach you?", "Nobody is told yet"]) {
    if (!text.includes(words)) throw new Error(`the page after the first setup does not say: ${words}`);
  }
  await page.focus("main a.button");
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press("Enter")]);
  if (new URL(page.url()).pathname !== "/") throw new Error("the way on from the first setup does not lead to the overview");
  const again = await page.goto(link, { waitUntil: "load" });
  if (again.status() < 400) throw new Error(`the setup link works twice: it answers ${again.status()}`);
  return OPERATOR;
}

// What the navigation may not say once French is chosen; what both languages write alike is not here.
export const ENGLISH = ["Overview", "Devices", "Mesh", "Alerts", "Firmware", "Rollouts", "Findings", "Evidence", "Reports", "Account", "Log out"];

// Chooses a language, by its tag, on the page of the account.
export async function speak(page, origin, tag) {
  await page.goto(`${origin}/account`, { waitUntil: "load" });
  await Promise.all([
    page.waitForNavigation({ waitUntil: "load" }),
    page.$eval(`main button[name="language"][value="${tag}"]`, (button) => button.form.requestSubmit(button)),
  ]);
}

// Forgets the session, and shows that a page then asks for the login.
export async function signedOut(page, origin) {
  const context = page.browserContext();
  await context.deleteCookie(...(await context.cookies()));
  await page.goto(`${origin}/devices`, { waitUntil: "load" });
  const path = new URL(page.url()).pathname;
  if (path !== "/login") throw new Error(`without a session /devices leads to ${path} instead of /login`);
}

export async function signIn(page, origin, operator) {
  await page.goto(`${origin}/login`, { waitUntil: "load" });
  await send(page, operator);
  const path = new URL(page.url()).pathname;
  if (path === "/login") throw new Error("the login refuses the operator that was just set up");
}

// Replaces the admission key by the page: the file that it makes is signed by the root elsewhere, and the signed line is
// put into force. What is open then shows by itself who is done; the device that is off is the only one waited for.
export async function rotate(page, origin, sign, silent) {
  await page.goto(`${origin}/mesh/rotation/new`, { waitUntil: "load" });
  await send(page, { days: "30" });
  const file = await page.$eval("main a[download]", (link) => fetch(link.href).then((answer) => answer.text()));
  const documents = sign(file);
  const confirm = await page.$eval(".mesh-name", (name) => name.innerText);
  await send(page, { documents, confirm });
  const waited = (silent) => document.querySelector("#rotation-progress tbody")?.innerText.includes(silent) && document.querySelectorAll("#rotation-progress tbody tr").length === 1;
  await page.waitForFunction(waited, { timeout: 30_000 }, silent);
}

// The page of the device of this name, found as a person finds it.
async function pathOf(page, origin, name) {
  await page.goto(`${origin}/devices?q=${encodeURIComponent(name)}`, { waitUntil: "load" });
  const path = await page.$$eval("main tbody th a", (links, name) => links.find((link) => link.innerText === name)?.getAttribute("href"), name);
  if (!path) throw new Error(`/devices does not list ${name}`);
  return path;
}

// The paths of the devices on the first page of the list.
export async function deviceLinks(page, origin) {
  await page.goto(`${origin}/devices`, { waitUntil: "load" });
  const paths = await page.$$eval("main a[href^='/devices/']", (links) => links.map((link) => link.getAttribute("href")));
  return [...new Set(paths)].filter((path) => /^\/devices\/[^/?.]+$/.test(path) && path !== "/devices/new");
}

export async function visits(page, origin, silent) {
  const down = silent && (await pathOf(page, origin, silent));
  const [device] = await deviceLinks(page, origin);
  if (!device) throw new Error("/devices links to no device");
  return [
    { name: "overview", path: "/", status: 200 },
    { name: "devices", path: "/devices", status: 200 },
    { name: "devices-none-found", path: "/devices?q=no-such-device", status: 200 },
    { name: "devices-filter", path: "/devices?filter=class%3D%3Dcamera%20%7C%7C%20node%3D%3Dyes", status: 200 },
    { name: "devices-filter-wrong", path: "/devices?filter=clas%3D%3Dcamera", status: 200, says: ["did you mean class?"] },
    { name: "device-described", path: `${device}/describe`, status: 200 },
    { name: "device-new", path: "/devices/new", status: 200 },
    { name: "device", path: device, status: 200 },
    ...(down ? [{ name: "device-silent", path: down, status: 200, says: CERTIFICATE }] : []),
    { name: "device-telemetry", path: `${device}/telemetry`, status: 200 },
    { name: "device-peers", path: `${device}/peers`, status: 200 },
    { name: "device-profile", path: `${device}/profile`, status: 200 },
    { name: "device-logs", path: `${device}/logs`, status: 200 },
    { name: "keyed-devices", path: "/devices/keys", status: 200 },
    { name: "people", path: "/people", status: 200 },
    { name: "person-new", path: "/people/new", status: 200 },
    { name: "account", path: "/account", status: 200 },
    { name: "account-passkeys", path: "/account/passkeys", status: 200, says: ["Not at this address", "localhost"] },
    { name: "account-code", path: "/account/code", status: 200 },
    { name: "reports", path: "/reports", status: 200 },
    { name: "compliance", path: "/compliance", status: 200 },
    { name: "privacy", path: "/privacy", status: 200, says: ["What is kept"] },
    { name: "system", path: "/system", status: 200, says: ["What is kept", "Backup"] },
    { name: "mesh", path: "/mesh", status: 200, says: down ? ["Certified silent by its witnesses"] : [] },
    { name: "mesh-table", path: "/mesh?view=table", status: 200 },
    { name: "rotation", path: "/mesh/rotation", status: 200, says: down ? ["1 to go", silent] : [] },
    { name: "rotation-new", path: "/mesh/rotation/new", status: 200 },
    { name: "firmware", path: "/firmware", status: 200, says: ["camera 2.1"] },
    { name: "firmware-new", path: "/firmware/new", status: 200, says: ["List of its parts"] },
    { name: "firmware-signers", path: "/firmware/signers", status: 200 },
    {
      name: "firmware-draft",
      path: "/firmware/drafts/2",
      status: 200,
      says: ["is compared with version 1", "Files: 1 added, 0 removed, 1 changed, 1 the same.", "came without a list of them"],
    },
    { name: "rollouts", path: "/rollouts", status: 200 },
    { name: "rollout", path: "/rollouts/1", status: 200, says: ["Rings", "up to 100 %", "running"] },
    { name: "rollout-new", path: "/rollouts/new", status: 200, says: ["Canary"] },
    { name: "classes", path: "/classes", status: 200, says: ["only by its typed name"] },
    { name: "class", path: "/classes/plc", status: 200, says: ["By ARP alone"] },
    { name: "commands", path: "/commands", status: 200, says: ["No device was told to do anything"] },
    { name: "command-new", path: "/commands/new", status: 200 },
    { name: "settings", path: "/settings", status: 200, says: ["6 of 6 devices"] },
    { name: "settings-new", path: "/settings/new", status: 200 },
    { name: "alerts", path: "/alerts", status: 200 },
    { name: "alerts-all", path: "/alerts?state=all", status: 200 },
    { name: "welcome", path: "/welcome", status: 200, says: [MESH] },
    { name: "delivery", path: "/delivery", status: 200 },
    { name: "findings", path: "/findings", status: 200 },
    { name: "libraries", path: "/findings/libraries", status: 200 },
    { name: "scans", path: "/scans", status: 200 },
    { name: "scan-new", path: "/scans/new", status: 200 },
    { name: "evidence", path: "/evidence", status: 200 },
    { name: "interface", path: "/interface", status: 200, says: ["/api/v1/devices/{id}"] },
    { name: "audit", path: "/audit", status: 200 },
    { name: "not-found", path: "/no-such-page", status: 404 },
  ];
}
