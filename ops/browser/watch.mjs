// Listens to one tab from its first moment: policy violations, console errors, and requests that leave the origin.

export class Watch {
  #origin;
  #expected = null;
  #violations = [];
  #errors = [];
  #foreign = [];

  static async start(page, origin) {
    const watch = new Watch(origin);
    await page.exposeFunction("palisadeViolation", (text) => watch.#violations.push(text));
    await page.evaluateOnNewDocument(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        window.palisadeViolation(`${event.violatedDirective} blocks ${event.blockedURI || "inline"} on ${location.pathname}`);
      });
    });
    page.on("console", (message) => watch.#console(message));
    page.on("pageerror", (error) => watch.#errors.push(`${error}`));
    page.on("request", (request) => watch.#request(request));
    return watch;
  }

  constructor(origin) {
    this.#origin = origin;
  }

  // The browser logs a page that answers 404 as an error, also where 404 is right.
  expectFailureOf(url) {
    this.#expected = url;
    if (url) this.#errors = this.#errors.filter((line) => !line.endsWith(` ${url}`));
  }

  figures() {
    return {
      csp_violations: this.#violations.length,
      console_errors: this.#errors.length,
      foreign_requests: this.#foreign.length,
    };
  }

  problems() {
    return [
      ...this.#violations.map((text) => `content security policy: ${text}`),
      ...this.#errors.map((text) => `console: ${text}`),
      ...this.#foreign.map((url) => `a request leaves the origin: ${url}`),
    ];
  }

  #console(message) {
    const url = message.location().url ?? "";
    if (message.text().includes("Content Security Policy")) this.#violations.push(message.text());
    else if (message.type() === "error" && url !== this.#expected) this.#errors.push(`${message.text()} ${url}`);
  }

  #request(request) {
    const url = new URL(request.url());
    const local = ["data:", "blob:", "about:"].includes(url.protocol);
    if (!local && url.origin !== this.#origin) this.#foreign.push(request.url());
  }
}
