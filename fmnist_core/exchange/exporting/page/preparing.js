"use strict";
// A drawing becomes a sheet of 112 x 112 and that the network's input, as fmnist_core/preprocessing does it for the lab's own
// sheet: strokes of one width on a softly filled shape. Masks are {width, height, on: Uint8Array}.

const SHEET = 112;
const FILLING = 110;
const STROKE = 255;
const LEAST_WIDTH = 5;
const LEAST_SHRUNK = 2.5;
const THIN = 8;
const GAPS = [1, 4, 8, 13];
const ENCLOSED = 0.3;

// The sheet: pixels 0 to 255, 112 rows of 112; null where nothing is drawn.
function prepared(ink) {
  const main = main_parts(ink, 0.003);
  if (!main.on.some(Boolean)) return null;
  return outlined(on_sheet(main));
}

function outlined(sheet) {
  const shape = silhouette(sheet);
  const strokes = strokes_of(sheet, shape);
  return shape.on.map((inside, i) => (strokes.on[i] ? STROKE : inside ? FILLING : 0));
}

function on_sheet(ink) {
  const part = kept_visible(cut(ink, box_of(ink)));
  const grey = { ...part, on: part.on.map((on) => 255 * on) };
  const square = placed(grey, SHEET, SHEET - 4);
  return mask(SHEET, SHEET, (i) => square[i] >= 96);
}

function kept_visible(ink) {
  const shrinking = Math.max(ink.width, ink.height) / (SHEET - 4);
  const lacking = LEAST_SHRUNK * shrinking - stroke_width(ink);
  return shrinking > 1 && lacking > 0 ? grown(ink, Math.ceil(lacking / 2)) : ink;
}

function silhouette(sheet) {
  const [left, top, right, bottom] = box_of(sheet);
  const room = (right - left) * (bottom - top);
  const shapes = [];
  for (const gap of GAPS) {
    shapes.push(filled(sheet, gap));
    if (area(shapes[shapes.length - 1]) >= ENCLOSED * room) return shapes[shapes.length - 1];
  }
  return shapes[0];
}

function strokes_of(sheet, shape) {
  const thick = thick_parts(sheet);
  const thin = both(sheet, not(thick));
  if (!thick.on.some(Boolean)) return widened(thin);
  const gaps = both(shape, not(sheet));
  const cuts = both(both(gaps, not(thick_parts(gaps))), grown(thick, THIN));
  return either(either(widened(thin), cuts), both(thick, not(shrunk(thick, 2))));
}

function thick_parts(part) {
  const core = shrunk(part, THIN);
  return core.on.some(Boolean) ? both(grown(core, THIN + 2), part) : core;
}

function widened(lines) {
  return grown(lines, Math.max(0, even_round((LEAST_WIDTH - stroke_width(lines)) / 2)));
}

// As Python rounds: halves to the even number.
function even_round(value) {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

// --- Masks ---

function mask(width, height, is_on) {
  return { width, height, on: Uint8Array.from({ length: width * height }, (_, i) => +is_on(i)) };
}

const not = (one) => ({ ...one, on: one.on.map((on) => 1 - on) });
const both = (one, other) => ({ ...one, on: one.on.map((on, i) => on & other.on[i]) });
const either = (one, other) => ({ ...one, on: one.on.map((on, i) => on | other.on[i]) });
const area = (one) => one.on.reduce((sum, on) => sum + on, 0);

function box_of({ width, height, on }) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  on.forEach((is_on, i) => {
    if (!is_on) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  });
  return [left, top, right, bottom];
}

function cut({ width, on }, [left, top, right, bottom]) {
  const wide = right - left;
  return mask(wide, bottom - top, (i) => on[(top + Math.floor(i / wide)) * width + left + (i % wide)]);
}

function padded({ width, height, on }, room) {
  const wide = width + 2 * room;
  const found = mask(wide, height + 2 * room, () => false);
  on.forEach((is_on, i) => {
    found.on[(Math.floor(i / width) + room) * wide + (i % width) + room] = is_on;
  });
  return found;
}

function grown(one, radius) {
  if (!radius || !one.on.some(Boolean)) return one;
  const distance = distances(not(one));
  return mask(one.width, one.height, (i) => distance[i] <= radius);
}

const shrunk = (one, radius) => (radius ? not(grown(not(one), radius)) : one);

// With all it encloses; openings up to twice `gap` wide count as closed.
function filled(one, gap) {
  const room = gap + 1;
  const walls = grown(padded(one, room), gap);
  const reached = flooded(walls);
  const outside = grown(reached, gap);
  const box = [room, room, room + one.width, room + one.height];
  return either(not(cut(outside, box)), one);
}

// What can be reached from the first pixel without crossing a wall, in four directions.
function flooded({ width, height, on }) {
  const found = mask(width, height, () => false);
  const open = [0];
  found.on[0] = 1;
  while (open.length) {
    const at = open.pop();
    const x = at % width;
    for (const next of [x > 0 && at - 1, x < width - 1 && at + 1, at - width, at + width]) {
      if (next === false || next < 0 || next >= on.length || on[next] || found.on[next]) continue;
      found.on[next] = 1;
      open.push(next);
    }
  }
  return found;
}

// The connected parts (in eight directions) at least `share` as large as the largest one.
function main_parts(one, share) {
  const { width, height, on } = one;
  const labels = new Int32Array(on.length);
  const areas = [0];
  for (let start = 0; start < on.length; start++) {
    if (!on[start] || labels[start]) continue;
    const open = [start];
    labels[start] = areas.length;
    areas.push(0);
    while (open.length) {
      const at = open.pop();
      areas[labels[start]]++;
      const [x, y] = [at % width, Math.floor(at / width)];
      for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, height - 1); v++) {
        for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, width - 1); u++) {
          const next = v * width + u;
          if (!on[next] || labels[next]) continue;
          labels[next] = labels[start];
          open.push(next);
        }
      }
    }
  }
  const least = share * Math.max(...areas);
  return mask(width, height, (i) => labels[i] && areas[labels[i]] >= least);
}

// To the nearest pixel that is off, as OpenCV's DIST_L2 with a 3 x 3 mask counts:
// Borgefors, "Distance transformations in digital images", 1986.
function distances({ width, height, on }) {
  const [straight, diagonal] = [0.955, 1.3693].map((step) => Math.round(step * 65536));
  const wide = width + 2;
  const found = new Float64Array(wide * (height + 2)).fill(2 ** 31);
  const at = (i) => (Math.floor(i / width) + 1) * wide + (i % width) + 1;
  const steps = [
    [-wide - 1, diagonal],
    [-wide, straight],
    [-wide + 1, diagonal],
    [-1, straight],
  ];
  const look = (place, sign) => {
    for (const [way, cost] of steps) {
      found[place] = Math.min(found[place], found[place + sign * way] + cost);
    }
  };
  for (let i = 0; i < on.length; i++) {
    if (on[i]) look(at(i), 1);
    else found[at(i)] = 0;
  }
  for (let i = on.length - 1; i >= 0; i--) look(at(i), -1);
  return Float64Array.from({ length: on.length }, (_, i) => found[at(i)] / 65536);
}

// Typical thickness: twice the distance to the outside, on the ridge, weighted by area.
function stroke_width(one) {
  if (!one.on.some(Boolean)) return 0;
  const wide = padded(one, 1);
  const distance = distances(wide);
  let [sum, squares] = [0, 0];
  for (let y = 1; y < wide.height - 1; y++) {
    for (let x = 1; x < wide.width - 1; x++) {
      const here = distance[y * wide.width + x];
      if (!here) continue;
      let most = 0;
      for (let v = y - 1; v <= y + 1; v++) {
        for (let u = x - 1; u <= x + 1; u++) {
          most = Math.max(most, distance[v * wide.width + u]);
        }
      }
      if (here < most - 1e-3) continue;
      sum += here;
      squares += here * here;
    }
  }
  return sum ? (2 * squares) / sum : 0;
}

// --- Sizes ---

// Scaled so that the longest side is `longest`, in the middle of a square.
function placed({ width, height, on }, side, longest) {
  const scale = longest / Math.max(width, height);
  const [wide, high] = [width, height].map((n) => Math.max(1, even_round(n * scale)));
  const rows = (scale < 1 ? averaging : mixing)(height, high);
  const columns = (scale < 1 ? averaging : mixing)(width, wide);
  const [top, left] = [Math.floor((side - high) / 2), Math.floor((side - wide) / 2)];
  const square = new Uint8Array(side * side);
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      let sum = 0;
      for (const [row, above] of rows[y]) {
        for (const [column, beside] of columns[x]) sum += above * beside * on[row * width + column];
      }
      square[(top + y) * side + left + x] = even_round(sum);
    }
  }
  return square;
}

// For each new pixel the old ones it covers, with their shares.
function averaging(from, to) {
  const step = from / to;
  return Array.from({ length: to }, (_, i) => {
    const parts = [];
    for (let j = Math.floor(i * step); j < Math.min((i + 1) * step, from); j++) {
      const share = Math.min(j + 1, (i + 1) * step) - Math.max(j, i * step);
      if (share > 1e-9) parts.push([j, share / step]);
    }
    return parts;
  });
}

// For each new pixel the two nearest old ones, with their shares.
function mixing(from, to) {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.floor(place);
    return [
      [low, 1 - (place - low)],
      [Math.min(low + 1, from - 1), place - low],
    ];
  });
}

// Square pixels at another side, as `fit_to` of the lab makes them: repeated where they go evenly into
// it, else the mean of the area.
function fit_to(pixels, side) {
  const own = Math.round(Math.sqrt(pixels.length));
  if (own === side) return pixels;
  const parts = averaging(own, side);
  // OpenCV rounds halves up where it halves a side, and else to the even number.
  const rounded = own === 2 * side ? (value) => Math.floor(value + 0.5) : even_round;
  const found = new Uint8Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let sum = 0;
      for (const [row, above] of parts[y]) {
        for (const [column, beside] of parts[x]) sum += above * beside * pixels[row * own + column];
      }
      found[y * side + x] = rounded(sum);
    }
  }
  return found;
}
