"use strict";
/* The scan page: what is read, by whichever device, goes through `scanned`, one code after the other. What becomes of
   it is the API's business; this only asks, shows the answer, and says what to do when it is a refusal. */
(() => {
  const page = document.getElementById("scan");
  if (!page) return;
  const told = JSON.parse(document.getElementById("scan-told").textContent);
  let token = page.querySelector("[name=csrfmiddlewaretoken]").value;
  const at = (name) => document.getElementById(`scan-${name}`);
  const SAME_AGAIN = 2500; // ms in which the camera that still sees a code does not mean another piece
  const GONE = 4; // pictures without a code after which it is out of sight, however long each of them takes
  const KEPT = 12; // of the last scans

  // ------------------------------------------------------------------------------------------------ small things

  function make(tag, className, ...inside) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...inside.filter((one) => one !== null && one !== undefined && one !== ""));
    return element;
  }

  function button(text, act, className = "scan-button") {
    const element = make("button", className, text);
    element.type = "button";
    element.addEventListener("click", act);
    return element;
  }

  function linked(text, address, className = "scan-button") {
    const element = make("a", className, text);
    element.href = address;
    return element;
  }

  // What a person scanned is theirs: `reports/leaving.js` empties it when they sign out.
  const own = (name) => `mine-${told.person}-${name}`;
  const remembered = {
    read(name, otherwise) {
      try { return JSON.parse(localStorage.getItem(`scan-${name}`)) ?? otherwise; } catch { return otherwise; }
    },
    keep(name, value) {
      try { localStorage.setItem(`scan-${name}`, JSON.stringify(value)); } catch { /* a private window forgets */ }
    },
  };

  function newKey() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // Money in cents and quantities in thousandths: whole numbers, so that nothing is a cent off.
  function parsed(text, digits) {
    const found = new RegExp(`^(\\d{1,9})(?:[.,](\\d{1,${digits}}))?$`).exec(String(text).trim());
    return found && Number(found[1]) * 10 ** digits + Number((found[2] || "").padEnd(digits, "0"));
  }
  const written = (cents) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
  const money = (cents) => `${written(cents).replace(/\B(?=(\d{3})+\.)/g, ",")}\u00a0${told.currency}`;
  const pieces = (thousandths) => String(thousandths / 1000);
  const plain = (quantity) => String(Number(quantity));

  // ------------------------------------------------------------------------------------------------ sound and touch

  let ear = null;
  function sound(isGood) {
    if (navigator.vibrate && navigator.userActivation?.hasBeenActive) navigator.vibrate(isGood ? 40 : [80, 60, 80]);
    if (!remembered.read("sound", true) || !navigator.userActivation?.hasBeenActive) return;
    ear ??= new AudioContext();
    const tone = ear.createOscillator(), loudness = ear.createGain(), now = ear.currentTime;
    tone.frequency.value = isGood ? 1320 : 220;
    loudness.gain.setValueAtTime(0.15, now);
    loudness.gain.exponentialRampToValueAtTime(0.001, now + (isGood ? 0.12 : 0.4));
    tone.connect(loudness).connect(ear.destination);
    tone.start(now);
    tone.stop(now + 0.4);
  }

  function showSound() {
    const isOn = remembered.read("sound", true);
    at("sound").setAttribute("aria-pressed", isOn);
    at("sound").firstElementChild.textContent = isOn ? "volume_up" : "volume_off";
  }

  // ------------------------------------------------------------------------------------------------ asking the house

  const SIGNED_OUT = ["not_authenticated", "authentication_failed"];

  class Refused extends Error {
    constructor(problem) {
      super(problem.detail);
      this.code = problem.code;
      this.told = problem;
      this.errors = problem.errors || [];
    }

    get sentences() {
      const named = ({ message, params }) => (params?.sku_code ? `${params.sku_code}: ${message}` : message);
      return [...new Set([this.message, ...this.errors.map(named)])];
    }
  }

  /** Nobody knows yet whether it was done: it may be asked again, with the same key. */
  class Unheard extends Error {}

  async function ask(address, sent, key) {
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    if (key) headers["Idempotency-Key"] = key;
    let body = sent;
    if (sent && !(sent instanceof FormData)) {
      headers["Content-Type"] = "application/json";
      body = JSON.stringify(sent);
    }
    let answer;
    try {
      answer = await fetch(address, { method: sent ? "POST" : "GET", headers, body });
    } catch {
      throw new Unheard("The shop's server did not answer. Look at the connection, then press Try again.");
    }
    const said = await answer.json().catch(() => null);
    if (answer.ok) return said;
    if (SIGNED_OUT.includes(said?.code)) {
      throw new Unheard("You are signed out. Sign in, in another window, then press Try again.");
    }
    if (answer.status === 403 && said?.detail?.startsWith("CSRF")) {
      if (await signedInAnew()) return ask(address, sent, key);
      throw new Unheard("Somebody else signed in here meanwhile. Load this page anew.");
    }
    if (answer.status >= 500 || answer.status === 429 || said?.code === "in_progress") {
      const wait = "The shop's server is in trouble. Wait a moment, then press Try again.";
      throw new Unheard(answer.status === 500 ? wait : said?.detail || wait);
    }
    if (said?.detail) throw new Refused(said);
    throw new Refused({ code: "refused", detail: "That was not understood. Load this page anew." });
  }

  /** After a sign-in the page wants another token; it is the same page only if it is the same person. */
  async function signedInAnew() {
    const answer = await fetch(location.pathname).catch(() => null);
    const now = new DOMParser().parseFromString((await answer?.text()) || "", "text/html");
    const said = now.getElementById("scan-told"), fresh = now.querySelector("#scan [name=csrfmiddlewaretoken]")?.value;
    if (!said || !fresh || fresh === token || JSON.parse(said.textContent).person !== told.person) return false;
    token = fresh;
    return true;
  }

  const lookUp = (code) => ask(page.dataset.lookUp.replace("CODE", () => encodeURIComponent(code)));

  // ------------------------------------------------------------------------------------------------ what is shown

  function answer(...elements) {
    at("answer").replaceChildren(...elements);
  }

  function refusal(error, again) {
    if (!(error instanceof Refused || error instanceof Unheard)) throw error;
    const sentences = error.sentences || [error.message];
    const card = make("div", "scan-message is-bad", ...sentences.map((sentence) => make("p", "", sentence)));
    if (error.code === "not_found") {
      card.append(make("p", "", "Look for the goods by their name, and add this barcode to their SKU: "),
        linked("Search the catalogue", told.catalogue));
    }
    if (error instanceof Unheard && again) card.append(button("Try again", again));
    answer(card);
    sound(false);
    return card;
  }

  function variant(thing) {
    return [thing.size, thing.colour, thing.style].filter(Boolean).join(" · ");
  }

  const opened = (kind, id) => told.pages[kind]?.replace(/\/0\//, `/${id}/`);

  function head(found) {
    const thing = found.object, isGoods = found.kind === "sku";
    const name = isGoods ? thing.product_name : thing.number || thing.code || found.code;
    const words = isGoods ? [variant(thing), thing.code] : [named(found.kind), thing.customer_name, thing.status];
    const picture = thing.image && make("img");
    if (picture) Object.assign(picture, { src: thing.image.thumbnail || thing.image.url || thing.image, alt: "" });
    return make(
      "div", "scan-head",
      picture,
      make("div", "",
        make("p", "scan-name", name),
        make("p", "scan-soft", words.filter(Boolean).map(named).join(" · ")),
        thing.is_active === false ? make("p", "scan-soft scan-bad", "Archived: it is no longer sold.") : null),
      thing.price ? make("p", "scan-price", money(parsed(thing.price, 2))) : null,
    );
  }

  const named = (word) => (/^[a-z_]+$/.test(word) ? word.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase()) : word);

  function stockTable(stock) {
    if (!stock.length) return make("p", "scan-soft", "It has never been in any of your places.");
    const here = at("place").value;
    const rows = stock.toSorted((one, other) => (String(other.location) === here) - (String(one.location) === here));
    const table = make("table", "scan-stock",
      make("thead", "", make("tr", "", make("th", "", "Place"), make("th", "", "There"), make("th", "", "To sell"))),
      make("tbody", "", ...rows.map((row) => make("tr", String(row.location) === here ? "is-here" : "",
        make("th", "", told.places[row.location] || "On the road"),
        make("td", "", plain(row.on_hand)), make("td", "", plain(row.available))))));
    return table;
  }

  function card(found, isGood, ...more) {
    const shown = make("div", `scan-card scan-found${isGood ? " is-good" : ""}`, head(found), ...more);
    shown.dataset.found = found.object.code || found.object.number || found.code;
    return shown;
  }

  const last = remembered.read(own("last"), []);
  function remember(found, text) {
    const thing = found.object;
    last.unshift({ code: thing.code || thing.number || found.code, name: thing.product_name || named(found.kind), text,
      address: opened(found.kind, thing.id), at: Date.now() });
    last.length = Math.min(last.length, KEPT);
    remembered.keep(own("last"), last);
    showLast();
  }

  function showLast() {
    if (!last.length) return;
    at("last").replaceChildren(...last.map((scan) => make("li", "",
      make("span", "scan-what", scan.address ? linked(scan.code, scan.address, "scan-code") : scan.code,
        make("span", "scan-soft", ` ${scan.name}`)),
      make("span", "scan-soft", scan.text),
      make("span", "scan-soft scan-count", new Date(scan.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })))));
  }

  // ------------------------------------------------------------------------------------------------ one code

  const mode = () => page.querySelector("[name=mode]:checked").value;
  const place = () => Number(at("place").value);
  let line = Promise.resolve();

  /** Whoever scans faster than the house answers has every code taken, in order. */
  function scanned(code) {
    if (!code) return line;
    const scan = { code, key: newKey(), mode: mode(), place: place(), pieces: at("pieces").value };
    line = line.then(() => taken(scan));
    return line;
  }

  /** What a scan means was said when it was made, also when it is tried again. */
  async function taken(scan) {
    try {
      await acts[scan.mode](scan.code, scan);
    } catch (error) {
      refusal(error, () => { line = line.then(() => taken(scan)); });
    }
  }

  const acts = {
    async look_up(code) {
      const found = await lookUp(code);
      const doors = [linked("Open its page", opened(found.kind, found.object.id))];
      answer(card(found, false, found.stock ? stockTable(found.stock) : null, make("div", "scan-links", ...doors)));
      sound(true);
      remember(found, "looked up");
    },

    async receive(code, scan) {
      const quantity = parsed(scan.pieces, 3);
      if (!quantity) throw new Refused({ detail: "Say how many pieces each scan stands for: 1, or more." });
      const sent = { code, action: "receive", location: scan.place, quantity: pieces(quantity) };
      const found = await ask(page.dataset.stock, sent, scan.key);
      moved(found, `+${pieces(quantity)}`);
    },

    async count(code, scan) {
      if (counting && [counting.code, counting.found.object.code].includes(code)) return oneMore();
      if (counting) {
        throw new Refused({ detail: `Save the count of ${counting.found.object.code} first, or leave it: press Enter or Esc.` });
      }
      const found = await lookUp(code);
      if (found.kind !== "sku") throw new Refused({ detail: "This is no SKU: only goods are counted." });
      askCount(scan, found);
      sound(true);
      return undefined;
    },

    async sell(code) {
      const found = await lookUp(code);
      if (found.kind !== "sku") throw new Refused({ detail: "This is no SKU: only goods are sold here." });
      if (!found.object.is_active) throw new Refused({ detail: `${found.object.code} is archived: it is no longer sold.` });
      await saleOnItsWay; // its answer empties the basket
      if (isAsked) throw new Refused({ detail: `${UNSETTLED} Then scan ${found.object.code}.` });
      intoBasket(found.object);
      const here = (found.stock || []).find((row) => row.location === place());
      const left = here ? `${plain(here.available)} to sell here` : "The book knows none here";
      answer(card(found, true, make("p", "scan-soft", left)));
      sound(true);
      remember(found, "into the basket");
    },
  };

  function moved(found, text) {
    const paper = found.document, list = told.papers[paper.split("-")[0]];
    const change = found.before === null ? "Noted. This count is blind." : `${plain(found.before)} → ${plain(found.after)}`;
    const done = make("p", "scan-done", `${text}: ${change}`);
    const links = list ? make("p", "scan-soft", linked(paper, `${list}?q=${encodeURIComponent(paper)}`, "scan-code")) : null;
    answer(card(found, true, done, links));
    sound(true);
    remember(found, `${text} (${change})`);
  }

  // ------------------------------------------------------------------------------------------------ counting

  let counting = null;

  function askCount(scan, found) {
    const number = make("input", "scan-input");
    Object.assign(number, { id: "scan-counted", inputMode: "decimal", value: "1", maxLength: 14 });
    number.setAttribute("aria-label", "How many there are");
    number.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); saveCount(); } });
    const step = (by) => () => { number.value = pieces(Math.max(0, (parsed(number.value, 3) || 0) + by * 1000)); };
    const less = button("−", step(-1)), more = button("+", step(1));
    less.setAttribute("aria-label", "One less");
    more.setAttribute("aria-label", "One more");
    counting = { code: scan.code, place: scan.place, key: scan.key, found, number };
    answer(card(found, false,
      make("p", "scan-number", make("span", "", "How many are there?"), less, number, more),
      make("div", "scan-links", button("Leave it", leaveCount), button("Save the count", saveCount, "scan-button is-main")),
      make("p", "scan-soft", "Scan the same again for one more; Enter saves.")));
  }

  function oneMore() {
    counting.number.value = pieces((parsed(counting.number.value, 3) || 0) + 1000);
    sound(true);
  }

  function leaveCount() {
    counting = null;
    answer(make("p", "scan-message", "Left as it was. Scan the next."));
    ready();
  }

  async function saveCount() {
    const { found, number, ...scan } = counting;
    // A scanner that fires into the number means the next piece, not four billion of this one.
    if (/^\d{8,14}$/.test(number.value)) {
      const next = number.value;
      number.value = "";
      number.focus();
      refusal(new Refused({ detail: `${next} is a barcode, and no number of pieces. Scan ${found.object.code} again, then count.` }));
      counting = null;
      return;
    }
    const quantity = parsed(number.value, 3);
    if (quantity === null) {
      number.focus();
      number.select();
      sound(false);
      return;
    }
    counting = null;
    await keepCount(scan, pieces(quantity));
  }

  async function keepCount(scan, quantity) {
    try {
      const sent = { code: scan.code, action: "count", location: scan.place, quantity };
      moved(await ask(page.dataset.stock, sent, scan.key), `Counted ${quantity}`);
    } catch (error) {
      refusal(error, () => keepCount(scan, quantity));
    }
    ready();
  }

  // ------------------------------------------------------------------------------------------------ the basket

  // A basket has one key as long as it is the same, also after the page was loaded anew: so it is sold once.
  let { lines: basket, key: saleKey, isAsked } = remembered.read(own("basket"), { lines: [], key: newKey(), isAsked: false });
  let due = null, saleOnItsWay = null;

  const UNSETTLED = "It is not known yet whether this basket is sold. Press again how it is paid: nothing is sold twice.";

  function keepBasket() {
    remembered.keep(own("basket"), { lines: basket, key: saleKey, isAsked });
  }

  function changed() {
    saleKey = newKey();
    isAsked = false;
    due = null;
    keepBasket();
    showBasket();
  }

  /** Whether the house may have sold it without our knowing. */
  function setAsked(now) {
    isAsked = now;
    keepBasket();
    showBasket();
  }

  function intoBasket(thing) {
    const known = basket.find((one) => one.sku === thing.id);
    if (known) known.quantity += 1000;
    else basket.push({ sku: thing.id, code: thing.code, name: thing.product_name, variant: variant(thing),
      price: parsed(thing.price, 2), quantity: 1000 });
    changed();
  }

  const costs = (one) => Math.round(one.price * one.quantity / 1000);
  const total = () => due ?? basket.reduce((sum, one) => sum + costs(one), 0);

  function stepped(one, by) {
    one.quantity += by * 1000;
    basket = basket.filter((other) => other.quantity > 0);
    changed();
  }

  function showBasket() {
    at("basket").hidden = mode() !== "sell" || !basket.length;
    at("lines").replaceChildren(...basket.map((one) => {
      const less = button("−", () => stepped(one, -1)), more = button("+", () => stepped(one, 1));
      less.disabled = more.disabled = isAsked;
      less.setAttribute("aria-label", `One ${one.code} less`);
      more.setAttribute("aria-label", `One ${one.code} more`);
      return make("li", "",
        make("span", "scan-what", one.name, make("span", "scan-soft", ` ${[one.variant, one.code].filter(Boolean).join(" · ")}`)),
        less, make("span", "scan-count", pieces(one.quantity)), more, make("span", "scan-sum", money(costs(one))));
    }));
    at("total-name").textContent = due === null && !told.taxIncluded ? "Before tax" : "Total";
    at("total").textContent = money(total());
    showChange();
    const tills = told.tills[at("place").value] || [];
    at("tills").hidden = !tills.length;
    if (at("till").dataset.place !== at("place").value) {
      at("till").dataset.place = at("place").value;
      const options = tills.map((till) => Object.assign(make("option", "", till.name), { value: till.id }));
      at("till").replaceChildren(...options, Object.assign(make("option", "", "No till"), { value: "" }));
    }
  }

  function showChange() {
    const given = parsed(at("cash").value, 2);
    at("change").textContent = given === null || given < total() ? "" : `Change ${money(given - total())}`;
  }

  async function pay(method, isFound = false) {
    if (saleOnItsWay || !basket.length) return;
    const sent = {
      location: place(),
      client_id: saleKey,
      lines: basket.map((one) => ({ sku: one.sku, quantity: pieces(one.quantity) })),
      payments: total() ? [{ method, amount: written(total()) }] : [],
    };
    const till = Number(at("till").value);
    if (till) sent.till_session = till;
    if (isFound) sent.found = true;
    setBusy(true);
    saleOnItsWay = asked(sent, method, isFound);
    try {
      await saleOnItsWay;
    } finally {
      saleOnItsWay = null;
      setBusy(false);
      ready();
    }
  }

  async function asked(sent, method, isFound) {
    setAsked(true);
    try {
      sold(await ask(page.dataset.sales, sent, saleKey));
    } catch (error) {
      if (error.code === "idempotency_key_reused") await soldBefore(sent);
      else if (isDuplicate(error)) soldAlready(error.told);
      else notSold(error, method, isFound);
    }
  }

  const isDuplicate = (error) => error.code === "duplicate" && error.errors.some((one) => one.field === "client_id");

  /** It is sold, but was paid otherwise then. The name that we gave it finds it. */
  async function soldBefore(sent) {
    try {
      sold(await ask(page.dataset.sales, sent, newKey()));
    } catch (error) {
      if (isDuplicate(error)) soldAlready(error.told);
      else refusal(error);
    }
  }

  function emptied() {
    basket = [];
    at("cash").value = "";
    changed();
  }

  function sold(sale) {
    const change = at("change").textContent;
    emptied();
    showSale(sale, `Sold for ${money(parsed(sale.total, 2))}`, change && make("p", "scan-name", change));
    remember({ kind: "sale", object: sale }, money(parsed(sale.total, 2)));
  }

  /** The answer to the first request was lost, the sale was not. */
  function soldAlready({ sale: id, number }) {
    const sale = { id, number };
    emptied();
    showSale(sale, `Already sold${sale.number ? ` as ${sale.number}` : ""}`,
      make("p", "scan-soft", "It is sold once. Look at the sale: it is paid as was said then."));
    if (sale.id) remember({ kind: "sale", object: sale }, "already sold");
  }

  function showSale(sale, text, more) {
    const doors = sale.id ? make("div", "scan-links", receiptOf(sale), linked("Open the sale", opened("sale", sale.id))) : null;
    const done = make("div", "scan-card scan-found is-good",
      make("p", "scan-done", text), more, make("p", "scan-soft", sale.number), doors);
    done.dataset.sold = sale.number || "";
    answer(done);
    sound(true);
  }

  function receiptOf(sale) {
    return Object.assign(linked("Receipt", told.receipt.replace("/0/", `/${sale.id}/`)), { target: "_blank" });
  }

  function notSold(error, method, isFound) {
    const sum = error instanceof Refused && error.errors.find((one) => one.code === "wrong_sum");
    if (error instanceof Refused) setAsked(false); // a refusal keeps nothing: the key is as good as new
    if (sum) {
      due = parsed(sum.params.due, 2);
      showBasket();
      refusal(new Refused({ detail: `It comes to ${money(due)} now. Tell the customer, then press how it is paid.` }));
      return;
    }
    const shown = refusal(error, () => pay(method, isFound));
    if (error.code === "insufficient_stock" && told.mayFind) {
      shown.append(button("The goods are here: sell them", () => pay(method, true)));
    }
  }

  function setBusy(isBusy) {
    at("basket").inert = at("place").disabled = isBusy;
    for (const one of page.querySelectorAll("[data-tender]")) one.disabled = isBusy;
  }

  // ------------------------------------------------------------------------------------------------ the camera

  const WANTED = ["ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "itf", "qr_code"];
  const seen = new Map(); // when, and in which picture, each code was in sight last
  let stream = null, picture = 0;

  async function reader() {
    const formats = "BarcodeDetector" in window ? await BarcodeDetector.getSupportedFormats() : [];
    const known = WANTED.filter((format) => formats.includes(format));
    if (!known.includes("ean_13")) return readByTheHouse;
    const detector = new BarcodeDetector({ formats: known });
    return async (video) => (await detector.detect(video)).map((one) => one.rawValue);
  }

  const canvas = document.createElement("canvas");
  async function readByTheHouse(video) {
    const scale = Math.min(1, 960 / video.videoWidth);
    canvas.width = video.videoWidth * scale;
    canvas.height = video.videoHeight * scale;
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const frame = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.8); });
    const sent = new FormData();
    sent.append("image", frame, "frame.jpg");
    const found = await ask(page.dataset.read, sent);
    return found.toSorted((one, other) => (one.sku === null) - (other.sku === null)).map((one) => one.value);
  }

  async function startCamera() {
    if (!navigator.mediaDevices) {
      refusal(new Refused({ detail: "Browsers give the camera to safe addresses only. Open this page with https://, or use a hand scanner." }));
      return;
    }
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
    } catch (error) {
      const why = { NotAllowedError: "This page may not use the camera. Allow it in the browser, beside the address.",
        NotFoundError: "This device has no camera. Use a hand scanner, or type the code.",
        NotReadableError: "Another program has the camera. Close it, then press Camera again." };
      refusal(new Refused({ detail: why[error.name] || "The camera does not start. Use a hand scanner, or type the code." }));
      return;
    }
    at("video").srcObject = stream;
    at("view").hidden = false;
    at("camera").setAttribute("aria-pressed", "true");
    await at("video").play();
    watch(stream, await reader());
  }

  function stopCamera() {
    for (const track of stream?.getTracks() || []) track.stop();
    stream = null;
    at("view").hidden = true;
    at("camera").setAttribute("aria-pressed", "false");
  }

  const wait = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

  async function watch(mine, read) {
    while (stream === mine) {
      if (!document.hidden && at("video").videoWidth) {
        try {
          const [code] = await read(at("video"));
          at("watch").textContent = code ? code : "Hold the barcode into the frame.";
          at("view").classList.toggle("is-found", Boolean(code));
          picture += 1;
          if (code && stream === mine) await inSight(code);
        } catch (error) {
          at("watch").textContent = error.message;
          await wait(1500);
        }
      }
      await wait(200);
    }
  }

  async function inSight(code) {
    const before = seen.get(code);
    const isStill = before && (Date.now() - before.at < SAME_AGAIN || picture - before.picture < GONE);
    seen.set(code, { at: Date.now(), picture });
    if (isStill) return;
    await scanned(code);
    seen.set(code, { at: Date.now(), picture });
  }

  // ------------------------------------------------------------------------------------------------ hands

  // A hand scanner types into what has the focus. On a phone the focus would open the keyboard.
  const hasKeyboard = matchMedia("(pointer: fine)").matches;
  function ready() {
    if (hasKeyboard) at("code").focus();
  }

  function showMode() {
    at("each").hidden = mode() !== "receive";
    counting = null;
    remembered.keep("mode", mode());
    showBasket();
  }

  at("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const code = at("code").value.trim();
    at("code").value = "";
    if (code) scanned(code);
    else if (counting) saveCount();
    ready();
  });
  for (const choice of page.querySelectorAll("[name=mode]")) {
    choice.addEventListener("change", showMode);
    choice.addEventListener("click", (event) => { if (event.detail) ready(); });
  }
  for (const one of page.querySelectorAll("[data-tender]")) one.addEventListener("click", () => pay(one.dataset.tender));
  for (const one of page.querySelectorAll("[data-step]")) {
    one.addEventListener("click", () => {
      at("pieces").value = pieces(Math.max(1000, (parsed(at("pieces").value, 3) || 0) + Number(one.dataset.step) * 1000));
      ready();
    });
  }
  at("pieces").addEventListener("keydown", (event) => { if (event.key === "Enter") ready(); });
  at("cash").addEventListener("input", showChange);
  at("cash").addEventListener("keydown", (event) => { if (event.key === "Enter") page.querySelector("[data-tender=cash]").focus(); });
  at("empty").addEventListener("click", () => { emptied(); ready(); });
  at("camera").addEventListener("click", () => (stream ? stopCamera() : startCamera()));
  at("sound").addEventListener("click", () => { remembered.keep("sound", !remembered.read("sound", true)); showSound(); ready(); });
  at("place").addEventListener("change", () => { remembered.keep("place", at("place").value); counting = null; showBasket(); ready(); });
  addEventListener("pagehide", stopCamera);
  page.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (counting) leaveCount();
    else ready();
  });

  const usual = remembered.read("place", "");
  if (told.places[usual]) at("place").value = usual;
  const choice = page.querySelector(`[name=mode][value="${remembered.read("mode", "look_up")}"]`);
  if (choice) choice.checked = true;
  showMode();
  showSound();
  showLast();
  if (isAsked) refusal(new Refused({ detail: UNSETTLED }));
  ready();
})();
