// Keys alone: Tab goes to everything that can be used, the focus is seen, and people log in, acknowledge an alert and
// retire a device with Tab, Enter and Space.

const STOPS = 400;
const USABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex='-1'])";

// Remembers how everything looks that has no focus: what looks the same with it shows nobody where they are.
async function rest(page) {
  await page.evaluate((usable) => {
    document.activeElement?.blur();
    window.lookOf = (element) => {
      const style = getComputedStyle(element);
      const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
      return { ring: ring ? style.outline : "", shadow: style.boxShadow === "none" ? "" : style.boxShadow };
    };
    window.atRest = new Map([...document.querySelectorAll(usable)].map((one) => [one, window.lookOf(one)]));
  }, USABLE);
}

// Where the focus is: the place in the page, and whether somebody sees that it is there.
async function focused(page) {
  return page.evaluate((usable) => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const seen = (element) => {
      const look = window.lookOf(element);
      // What came by a live update was never seen at rest.
      const before = window.atRest.get(element) ?? { ring: "", shadow: "" };
      return (look.ring && look.ring !== before.ring) || (look.shadow && look.shadow !== before.shadow);
    };
    const box = one.getBoundingClientRect();
    // A point of the map marks its circle instead of its box.
    const mark = one.matches("svg *") ? one.querySelector(".hit") : null;
    const ring = seen(one) || (mark && getComputedStyle(mark).stroke !== "none");
    const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    return { at: [...document.querySelectorAll(usable)].indexOf(one), what: one.outerHTML.slice(0, 100), visible: Boolean(ring) && inside };
  }, USABLE);
}

// Presses Tab until an element fits; every stop on the way has to be seen.
async function tabTo(page, selector, problem) {
  if (!(await page.evaluate(() => window.atRest))) await rest(page);
  for (let stop = 0; stop < STOPS; stop += 1) {
    await page.keyboard.press("Tab");
    const here = await focused(page);
    if (here && !here.visible) problem(`the focus is not seen on ${here.what}`);
    if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
  }
  throw new Error(`Tab does not lead to ${selector} on ${page.url()}`);
}

async function pressAndLoad(page, key) {
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press(key)]);
}

async function logIn(page, origin, operator, problem) {
  await page.goto(`${origin}/login`, { waitUntil: "load" });
  await tabTo(page, "main input[name=name]", problem);
  await page.keyboard.type(operator.name);
  await tabTo(page, "main input[name=password]", problem);
  await page.keyboard.type(operator.password);
  await pressAndLoad(page, "Enter");
  if (new URL(page.url()).pathname === "/login") throw new Error("keys alone do not log in");
}

async function acknowledge(page, origin, problem) {
  await page.goto(`${origin}/alerts?state=open`, { waitUntil: "load" });
  await tabTo(page, "main tbody a[href^='/alerts/']", problem);
  await pressAndLoad(page, "Enter");
  const alert = page.url();
  await tabTo(page, "main button[value=acknowledge]", problem);
  await pressAndLoad(page, "Space");
  await page.goto(alert, { waitUntil: "load" });
  if (!(await page.$("main button[value=reopen]"))) throw new Error(`Space on the button does not acknowledge ${alert}`);
}

// From the list to the device, past the confirmation that asks for its name.
async function retire(page, origin, name, problem) {
  await page.goto(`${origin}/devices?q=${encodeURIComponent(name)}`, { waitUntil: "load" });
  await tabTo(page, "main tbody th a[href^='/devices/']", problem);
  await pressAndLoad(page, "Enter");
  const device = page.url();
  const confirm = "main form[action$='/retire'] input[name=confirm]";
  await tabTo(page, confirm, problem);
  await page.keyboard.type("somebody else");
  await pressAndLoad(page, "Enter");
  if (!(await page.$("main [role=alert], main .error, main [aria-invalid=true]"))) throw new Error("a wrong name confirms that a device is retired");
  await tabTo(page, confirm, problem);
  await page.keyboard.down("Control");
  await page.keyboard.press("KeyA");
  await page.keyboard.up("Control");
  await page.keyboard.type(name);
  await tabTo(page, "main form[action$='/retire'] button", problem);
  await pressAndLoad(page, "Space");
  // In a tab of its own: the one where it was done may still go on to another page.
  const tab = await page.browserContext().newPage();
  await tab.goto(device, { waitUntil: "load" });
  if (await tab.$("main form[action$='/retire']")) throw new Error(`keys alone do not retire ${name}`);
}

// What can be used, is to be seen, and no Tab comes to. Of a group of radio buttons one is a stop; arrows lead to the others.
async function unreached(page, problem) {
  const reached = new Set();
  let last = null;
  await rest(page);
  for (let stop = 0; stop < STOPS; stop += 1) {
    await page.keyboard.press("Tab");
    const here = await focused(page);
    if (!here) {
      if (reached.size > 0) break;
      continue;
    }
    // A date is several stops of one element.
    if (reached.has(here.at) && here.at !== last) break;
    last = here.at;
    if (!here.visible) problem(`the focus is not seen on ${here.what} of ${page.url()}`);
    reached.add(here.at);
  }
  return page.evaluate(
    (usable, reached) => {
      const all = [...document.querySelectorAll(usable)];
      const groups = new Set(reached.map((at) => all[at]).filter((one) => one?.type === "radio").map((one) => one.name));
      const missed = all.filter((one, at) => {
        const shown = one.checkVisibility({ checkVisibilityCSS: true }) && !one.disabled;
        return shown && !reached.includes(at) && !(one.type === "radio" && groups.has(one.name));
      });
      return missed.map((one) => one.outerHTML.slice(0, 100));
    },
    USABLE,
    [...reached],
  );
}

// Last of the pages of an operator, because a device is gone after it.
export async function gateKeyboard(browser, origin, operator, gone, all, problem) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  await logIn(page, origin, operator, problem);
  for (const { name, path } of all) {
    await page.goto(origin + path, { waitUntil: "load" });
    for (const missed of await unreached(page, problem)) problem(`no Tab leads to ${missed} on ${name}`);
  }
  await acknowledge(page, origin, problem);
  await retire(page, origin, gone, problem);
  await context.close();
  return { pages: all.length };
}
