"use strict";
// Everything on the page: images in, answers of this server out. No other script, and nothing from elsewhere.

const byId = id => document.getElementById(id);
const results = [];  // {name, faces, width, height}: the rows of the table
const MOST_TRIES = 5, LIVE_WIDTH = 640;
let token = sessionStorage.getItem("token") || "", waitingForToken = [];

/** An element with attributes, properties ("textContent") and children. */
function make(name, attributes = {}, ...children) {
  const svg = ["svg", "rect", "polygon", "text", "g"].includes(name);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key in element && !svg) element[key] = value; else element.setAttribute(key, value);
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

const percent = p => (p >= .995 ? "> 99" : p < .005 ? "< 1" : Math.round(100 * p)) + " %";
const degrees = value => `${Math.round(value)}°`;

function say(text, bad = false) {
  byId("status").textContent = text;
  byId("status").classList.toggle("bad", bad);
}

function askForToken() {
  byId("access").hidden = false;
  byId("token").focus();
  say("This server asks for its token.");
  return new Promise(resolve => waitingForToken.push(resolve));
}

/** Asks the server; waits as it asks for where it has too much to do. Throws Error with the server's reason. */
async function ask(path, body, type) {
  for (let tries = 1; ; ++tries) {
    const headers = {};
    if (body) headers["Content-Type"] = type;
    if (token) headers.Authorization = `Bearer ${token}`;
    const answer = await fetch(path, {method: body ? "POST" : "GET", headers, body});
    if (answer.ok) return answer;
    if (answer.status === 401) {
      await askForToken();
    } else if (answer.status === 503 && tries < MOST_TRIES) {
      await new Promise(resolve => setTimeout(resolve, 1000 * (Number(answer.headers.get("Retry-After")) || 1)));
    } else {
      const reason = await answer.json().catch(() => ({error: answer.statusText}));
      throw new Error(reason.error);
    }
  }
}

const typeOf = file => file.type.startsWith("image/") ? file.type : "application/octet-stream";
const recognize = (file, name) => ask(`recognize?file=${encodeURIComponent(name)}`, file, typeOf(file)).then(r => r.json());

/** An image element that shows the file, by way of the server if the browser cannot. */
async function picture(file, name) {
  const show = blob => new Promise((resolve, reject) => {
    const image = make("img", {alt: `${name}, with the faces that were found`});
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = URL.createObjectURL(blob);
  });
  return show(file).catch(async () => show(await (await ask("preview", file, typeOf(file))).blob()));
}

/** Boxes over a picture. Lines are drawn twice, so that they are seen on any ground. */
function drawBoxes(svg, found, chosen = -1) {
  const regions = svg.querySelectorAll("polygon");
  svg.setAttribute("viewBox", `0 0 ${found.width} ${found.height}`);
  svg.replaceChildren();
  const size = Math.max(found.width, found.height) / 32;
  found.faces.forEach((face, i) => {
    const [x, y, width, height] = face.box;
    for (const kind of ["under", i === chosen ? "over chosen" : "over"])
      svg.append(make("rect", {x, y, width, height, class: kind}));
    const text = make("text", {x: Math.max(0, x), y: Math.max(size, y - size / 3), "font-size": size, "stroke-width": size / 6});
    text.textContent = found.faces.length > 1 ? `${i + 1} ${face.expression}` : face.expression;
    svg.append(text);
  });
  svg.append(...regions);
}

function drawRegion(svg, corners) {
  for (const old of svg.querySelectorAll(".region, .region-under")) old.remove();
  if (!corners) return;
  const points = corners.map(corner => corner.join(",")).join(" ");
  svg.append(make("polygon", {points, class: "under region-under"}), make("polygon", {points, class: "region"}));
}

const sorted = probabilities => Object.entries(probabilities).sort((a, b) => b[1] - a[1]);

function bars(probabilities) {
  const list = make("dl", {className: "bars"});
  for (const [label, p] of sorted(probabilities)) {
    const fill = make("i");
    fill.style.width = `${100 * p}%`;
    list.append(make("dt", {}, label), make("dd", {className: "bar", ariaHidden: "true"}, fill), make("dd", {className: "number"}, percent(p)));
  }
  return list;
}

function side(value, positive, negative, small) {
  if (Math.abs(value) < 5) return small;
  return `${degrees(Math.abs(value))} ${value > 0 ? positive : negative}`;
}

function poseText({yaw, pitch, roll}) {
  return [side(yaw, "to the right of the image", "to the left of the image", "facing the camera"),
          side(pitch, "up", "down", "level"), side(roll, "tilted clockwise", "tilted anticlockwise", "upright")].join(", ");
}

/** The regions of a face with their weights; each is shown in the picture when it is pointed at. */
function regionTable(views, svg, expression) {
  const weighted = views.some(view => view.weight !== undefined), without = views.some(view => view.without);
  const head = make("tr", {}, make("th", {scope: "col"}, weighted ? "region" : "occluded"));
  if (weighted) head.append(make("th", {scope: "col", className: "number"}, "weight"));
  if (without) head.append(make("th", {scope: "col"}, weighted ? "without it" : "then"));
  const table = make("table", {}, make("caption", {}, "Point at a region, or tab to it, to see where it lies."), make("thead", {}, head));
  const body = make("tbody");
  for (const view of [...views].sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0))) {
    const row = make("tr", {tabIndex: 0}, make("th", {scope: "row"}, view.name));
    if (weighted) row.append(make("td", {className: "number"}, percent(view.weight)));
    if (without) {
      const [label, p] = sorted(view.without.probabilities)[0];
      row.append(make("td", {}, `${label} ${percent(p)}${label === expression ? "" : " (changed)"}`));
    }
    const point = on => { row.classList.toggle("pointed", on); drawRegion(svg, on ? view.corners : null); };
    for (const event of ["mouseenter", "focus"]) row.addEventListener(event, () => point(true));
    for (const event of ["mouseleave", "blur"]) row.addEventListener(event, () => point(false));
    body.append(row);
  }
  table.append(body);
  return table;
}

function faceCard(found, index, svg, file) {
  const face = found.faces[index], regions = make("div");
  const explain = make("button", {type: "button"}, face.views ? "Without each region" : "Which regions counted");
  explain.onclick = async () => {
    explain.disabled = true;
    try {
      const answer = await (await ask("explain", file, typeOf(file))).json();
      regions.replaceChildren(regionTable(answer.faces[index].views, svg, face.expression));
      explain.hidden = true;
      say("The regions are explained.");
    } catch (error) {
      say(error.message, true);
      explain.disabled = false;
    }
  };
  if (face.views) regions.append(regionTable(face.views, svg, face.expression));
  const details = make("details", {}, make("summary", {}, "Regions that counted"), regions, make("div", {className: "row"}, explain));
  const title = found.faces.length > 1 ? `Face ${index + 1}: ` : "";
  const card = make("div", {className: "face"},
                    make("h3", {}, `${title}looks like ${face.expression}, ${percent(face.probabilities[face.expression])}`),
                    bars(face.probabilities), make("p", {}, `Head: ${poseText(face.pose)}.`), details);
  card.addEventListener("mouseenter", () => drawBoxes(svg, found, index));
  card.addEventListener("focusin", () => drawBoxes(svg, found, index));
  return card;
}

function resultOf(found, image, file) {
  const svg = make("svg", {"aria-hidden": "true"});
  drawBoxes(svg, found);
  const faces = make("div");
  found.faces.forEach((_, i) => faces.append(faceCard(found, i, svg, file)));
  if (!found.faces.length) faces.append(make("p", {}, "No face was found. Very small, hidden or strongly turned faces are missed."));
  return make("article", {}, make("h2", {}, found.file),
              make("div", {className: "found"}, make("div", {className: "picture"}, image, svg), faces));
}

async function take(file, name) {
  say(`${name} is being looked at…`);
  try {
    const [found, image] = await Promise.all([recognize(file, name), picture(file, name)]);
    results.push(found);
    byId("results").prepend(resultOf(found, image, file));
    fillTable();
    const words = found.faces.map(face => face.expression).join(", ");
    say(`${name}: ${found.faces.length === 1 ? "1 face" : found.faces.length + " faces"}${words && ", " + words}.`);
  } catch (error) {
    say(error.message || `${name} cannot be shown.`, true);
  }
}

async function takeAll(files) {
  for (const file of files) await take(file, file.name || "pasted image");
}

// The table.

const cellsOf = () => {
  const labels = Object.keys(results.flatMap(r => r.faces)[0]?.probabilities ?? {});
  const rows = [["file", "face", "x", "y", "width", "height", "score", "yaw", "pitch", "roll", "expression", ...labels]];
  for (const result of results)
    result.faces.forEach((face, i) => rows.push([result.file, i + 1, ...face.box, face.score, face.pose.yaw, face.pose.pitch,
                                                 face.pose.roll, face.expression, ...labels.map(l => face.probabilities[l])]));
  return rows;
};

const classOf = cell => typeof cell === "number" ? "number" : "";

function fillTable() {
  const [head, ...rows] = cellsOf();
  byId("all").hidden = !results.length;
  byId("table").replaceChildren(
      make("thead", {}, make("tr", {}, ...head.map((name, i) => make("th", {scope: "col", className: classOf(rows[0]?.[i])}, name)))),
      make("tbody", {}, ...rows.map(row => make("tr", {}, ...row.map(cell =>
          make("td", {className: classOf(cell)}, String(cell)))))));
}

// A text that begins like a formula would be run by spreadsheets.
const csvCell = cell => {
  const text = typeof cell === "string" && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : String(cell);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

byId("copy").onclick = async () => {
  const text = cellsOf().map(row => row.map(cell => String(cell).replaceAll(/[\t\n\r]/g, " ")).join("\t")).join("\n");
  try {
    await navigator.clipboard.writeText(text);
    say("The table is in the clipboard.");
  } catch {
    say("This browser does not let the page copy; save the table instead.", true);
  }
};
byId("save").onclick = () => {
  const text = cellsOf().map(row => row.map(csvCell).join(",")).join("\r\n") + "\r\n";
  const link = make("a", {href: URL.createObjectURL(new Blob([text], {type: "text/csv"})), download: "faces.csv"});
  link.click();
  URL.revokeObjectURL(link.href);
  say("The table is saved as faces.csv.");
};
byId("clear").onclick = () => {
  results.length = 0;
  for (const image of byId("results").querySelectorAll("img")) URL.revokeObjectURL(image.src);
  byId("results").replaceChildren();
  fillTable();
  say("All results are removed.");
  byId("choose").focus();
};

// Files: chosen, dropped, pasted.

byId("choose").onclick = () => byId("files").click();
byId("files").onchange = event => { takeAll([...event.target.files]); event.target.value = ""; };
addEventListener("dragover", event => { event.preventDefault(); byId("drop").classList.add("over"); });
addEventListener("dragleave", event => { if (!event.relatedTarget) byId("drop").classList.remove("over"); });
addEventListener("drop", event => {
  event.preventDefault();
  byId("drop").classList.remove("over");
  takeAll([...event.dataTransfer.files]);
});
addEventListener("paste", event => {
  const files = [...event.clipboardData.files];
  if (files.length) { event.preventDefault(); takeAll(files); }
});

// The camera.

let stream = null;

function frame(width) {
  const video = byId("video"), canvas = make("canvas");
  canvas.width = Math.min(width, video.videoWidth);
  canvas.height = Math.round(video.videoHeight * canvas.width / video.videoWidth);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", .9));
}

async function watch() {
  const mine = stream;
  while (stream === mine && mine) {
    try {
      const found = await recognize(await frame(LIVE_WIDTH), "camera");
      if (stream !== mine) return;
      drawBoxes(byId("live-boxes"), found);
      byId("live-words").textContent = found.faces.length
          ? found.faces.map(face => `${face.expression} ${percent(face.probabilities[face.expression])}`).join(", ") : "no face";
    } catch (error) {
      say(error.message, true);
    }
    await new Promise(resolve => setTimeout(resolve, 150));
  }
}

byId("camera").onclick = async () => {
  if (stream) return;
  try {
    stream = await navigator.mediaDevices.getUserMedia({video: {facingMode: "user"}});
  } catch (error) {
    return say(navigator.mediaDevices ? `The camera cannot be used: ${error.message}.`
                                      : "Browsers allow the camera on localhost and with HTTPS only.", true);
  }
  byId("video").srcObject = stream;
  await byId("video").play();
  byId("live").hidden = false;
  byId("take").focus();
  say("The camera is on.");
  watch();
};
byId("take").onclick = async () => take(await frame(1920), `camera ${new Date().toLocaleTimeString()}`);
byId("stop").onclick = () => {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  byId("live").hidden = true;
  say("The camera is off.");
  byId("camera").focus();
};

byId("access").onsubmit = event => {
  event.preventDefault();
  token = byId("token").value;
  sessionStorage.setItem("token", token);
  byId("access").hidden = true;
  for (const resolve of waitingForToken.splice(0)) resolve();
  if (byId("model").textContent === "…") nameModel();
};

async function nameModel() {
  const answer = await fetch("about", {headers: token ? {Authorization: `Bearer ${token}`} : {}});
  if (answer.ok) byId("model").textContent = (await answer.json()).model.name;
}
nameModel();
