"use strict";
// The sheet to draw on, and the answer beside it. PACKED and CLASSES come with the file.

const PEN = 12;
const SIDE = 320;
const NETWORKS = PACKED.map(with_weights);

// Which of the networks answers: the first whose rule fits (see routed).
function recognised(pixels) {
  const network = NETWORKS.length === 1 ? NETWORKS[0] : routed(fit_to(pixels, 28));
  const input = fit_to(pixels, network.side);
  const said = scored(network, input);
  // A network may have one score more than there are classes: that of other clothing.
  const other = shares(said, network.temperature)[CLASSES.length] ?? 0;
  return {
    network: network.title,
    input,
    probabilities: shares(said.slice(0, CLASSES.length), network.temperature),
    clothing: certainty(said) >= network.clothing_threshold,
    none_of_the_ten: other > network.other_clothing_threshold,
  };
}

// As the lab's own tests ask.
const answer_for = (pixels) => Array.from(recognised(pixels).probabilities);

// Minus the entropy of the answer: what is no clothing leaves the network undecided.
function certainty(scores) {
  return shares(scores).reduce((sum, share) => sum + share * Math.log(Math.max(share, 1e-300)), 0);
}

// The mean of the image and its mirror image where the network was judged so.
function scored(network, pixels) {
  const once = raw_scores(network, pixels);
  if (!network.mirrored) return once;
  const again = raw_scores(network, mirrored(pixels, network.side));
  return once.map((score, i) => (score + again[i]) / 2);
}

// Of a network that ends in probabilities, their logarithms serve as scores.
function raw_scores(network, pixels) {
  const said = answer(network.layers, pixels);
  return network.logits ? said : said.map((share) => Math.log(Math.max(share, 1e-38)));
}

function mirrored(pixels, side) {
  return Float32Array.from(pixels, (_, i) => pixels[i - 2 * (i % side) + side - 1]);
}

// An image of the data set's own kind goes to the network that learned from such images: some
// pixel near white, and faint traces of sharpening or soft shading.
function routed(pixels) {
  const bright = pixels.some((v) => v >= 252);
  const faint = pixels.some((v) => v >= 1 && v <= 3);
  let shaded = 0;
  for (let i = 28; i < 784; i++) {
    const step = Math.abs(pixels[i] - pixels[i - 28]);
    shaded += step >= 3 && step <= 7;
  }
  const own = bright && (faint || shaded / 756 > 0.01);
  return NETWORKS.find((network) => (network.name === "shipped-catalogue") === own);
}

// --- The sheet ---

function start() {
  const sheet = document.querySelector("#sheet");
  const pen = sheet.getContext("2d", { willReadFrequently: true });
  let strokes = [];
  const redraw = () => {
    pen.fillStyle = "white";
    pen.fillRect(0, 0, SIDE, SIDE);
    pen.lineWidth = PEN;
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of strokes) {
      pen.beginPath();
      stroke.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
      pen.lineTo(...stroke[stroke.length - 1]);
      pen.stroke();
    }
  };
  const answer_now = () => show(strokes.length ? prepared(ink_of(pen)) : null);
  // While the pen moves an answer comes as often as the device can: it must not hold up the pen.
  let [due, took] = [null, 30];
  const answer_soon = () => {
    due ??= setTimeout(() => {
      due = null;
      const began = performance.now();
      answer_now();
      took = performance.now() - began;
    }, 3 * took);
  };
  const place = (event) => {
    const box = sheet.getBoundingClientRect();
    return [((event.clientX - box.x) * SIDE) / box.width, ((event.clientY - box.y) * SIDE) / box.height];
  };
  let drawing = false;
  sheet.onpointerdown = (event) => {
    sheet.setPointerCapture(event.pointerId);
    drawing = true;
    strokes.push([place(event)]);
    redraw();
  };
  sheet.onpointermove = (event) => {
    if (!drawing) return;
    strokes[strokes.length - 1].push(place(event));
    redraw();
    answer_soon();
  };
  sheet.onpointerup = sheet.onpointercancel = () => {
    drawing = false;
    answer_now();
  };
  document.querySelector("#undo").onclick = () => {
    strokes.pop();
    redraw();
    answer_now();
  };
  document.querySelector("#clear").onclick = () => {
    strokes = [];
    redraw();
    answer_now();
  };
  redraw();
  show(null);
}

function ink_of(pen) {
  const { data } = pen.getImageData(0, 0, SIDE, SIDE);
  // As the lab reads its own sheet: ink differs by more than 45 % of the contrast.
  return mask(SIDE, SIDE, (i) => 255 - data[4 * i] > 0.45 * 255);
}

function show(pixels) {
  document.querySelector("#hint").hidden = Boolean(pixels);
  document.querySelector("#answer").hidden = !pixels;
  if (!pixels) return;
  const { network, input, probabilities, clothing, none_of_the_ten } = recognised(pixels);
  const order = Array.from(probabilities.keys()).sort((a, b) => probabilities[b] - probabilities[a]);
  document.querySelector("#bars").replaceChildren(
    ...order.map((label, place) => bar(CLASSES[label], probabilities[label], place === 0)),
  );
  const best = CLASSES[order[0]];
  const sure = probabilities[order[0]] >= 0.6;
  const named = sure ? best : `Not sure: ${best}?`;
  document.querySelector("#verdict").textContent = !clothing
    ? "No clothing, it seems"
    : none_of_the_ten
      ? "Other clothing: none of the ten classes"
      : named;
  document.querySelector("#by").textContent = NETWORKS.length > 1 ? `Answered by: ${network}` : "";
  show_input(input);
}

function bar(name, share, first) {
  const row = document.createElement("div");
  row.className = first ? "bar first" : "bar";
  row.append(part("span", name), part("i", ""), part("b", `${(100 * share).toFixed(0)} %`));
  row.children[1].style.setProperty("--share", share);
  return row;
}

function part(kind, text) {
  const found = document.createElement(kind);
  found.textContent = text;
  return found;
}

function show_input(pixels) {
  const side = Math.round(Math.sqrt(pixels.length));
  const canvas = document.querySelector("#input");
  canvas.width = canvas.height = side;
  document.querySelector("#size").textContent = `${side} x ${side}`;
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(side, side);
  pixels.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i));
  pen.putImageData(image, 0, 0);
}

// --- Weights: base64 of float32, little end first; of three bytes each the lowest was left out ---

function with_weights(network) {
  const bytes = decoded(network.weights);
  const all = network.bytes_each === 4 ? new Float32Array(bytes.buffer) : widened_floats(bytes);
  let from = 0;
  const layers = network.layers.map((layer) => ({
    ...layer,
    weights: layer.sizes.map((size) => all.subarray(from, (from += size))),
  }));
  return { ...network, weights: null, side: layers[0].shape[0], layers };
}

function widened_floats(bytes) {
  const bits = new Uint32Array(bytes.length / 3);
  for (let i = 0; i < bits.length; i++) {
    bits[i] = (bytes[3 * i] << 8) | (bytes[3 * i + 1] << 16) | (bytes[3 * i + 2] << 24);
  }
  return new Float32Array(bits.buffer);
}

// Not `atob`, which a JavaScript engine without a browser lacks.
function decoded(text) {
  const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const places = new Uint8Array(128);
  for (let i = 0; i < 64; i++) places[signs.charCodeAt(i)] = i;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let i = 0, to = 0; i < text.length; i += 4) {
    const four = [0, 1, 2, 3].map((j) => places[text.charCodeAt(i + j)]);
    const all = (four[0] << 18) | (four[1] << 12) | (four[2] << 6) | four[3];
    bytes[to++] = all >> 16;
    if (to < bytes.length) bytes[to++] = (all >> 8) & 255;
    if (to < bytes.length) bytes[to++] = all & 255;
  }
  return bytes;
}

if (typeof document !== "undefined") start();
