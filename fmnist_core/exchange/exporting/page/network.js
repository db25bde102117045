"use strict";
// A network's forward pass. Maps are Float32Array in the order height, width, channels.

// `layers` as the lab plans them, each with its weights as Float32Array in Keras' order.
function answer(layers, pixels) {
  const maps = {};
  for (const layer of layers) {
    const reads = layer.inputs.map((name) => maps[name]);
    maps[layer.name] = reads.length
      ? { shape: layer.shape, values: KINDS[layer.kind](layer, reads) }
      : { shape: layer.shape, values: Float32Array.from(pixels) };
  }
  return maps[layers[layers.length - 1].name].values;
}

const KINDS = {
  scale: ({ options }, [map]) => map.values.map((v) => v * options.scale + options.offset),
  conv: convolved,
  depthwise: looked_within,
  norm: normed,
  activation: ({ options }, [map]) => bent(map.values, options.kind_),
  pool: pooled,
  dropout: (layer, [map]) => map.values,
  add: (layer, [one, other]) => one.values.map((v, i) => v + other.values[i]),
  flatten: (layer, [map]) => map.values,
  global_pool: pooled_whole,
  dense: connected,
};

// Where a window begins that is `place` steps from the edge, and how far it may go.
function window_at(place, stride, kernel, side, out, padding) {
  const beyond = padding === "same" ? Math.max((out - 1) * stride + kernel - side, 0) : 0;
  const start = place * stride - Math.floor(beyond / 2);
  return [Math.max(start, 0), Math.min(start + kernel, side), start];
}

function convolved({ shape, options, weights }, [map]) {
  const [height, width, channels] = map.shape;
  const [rows, columns, filters] = shape;
  const [kernel, bias] = weights;
  const { kernel: size, stride, padding } = options;
  const result = new Float32Array(rows * columns * filters);
  const sums = new Float64Array(filters);
  for (let row = 0; row < rows; row++) {
    const [top, bottom, y0] = window_at(row, stride, size, height, rows, padding);
    for (let column = 0; column < columns; column++) {
      const [left, right, x0] = window_at(column, stride, size, width, columns, padding);
      sums.fill(0);
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          let from = (y * width + x) * channels;
          let at = ((y - y0) * size + (x - x0)) * channels * filters;
          for (let channel = 0; channel < channels; channel++, from++, at += filters) {
            const value = map.values[from];
            // After a bend at zero half of all values are.
            if (value === 0) continue;
            for (let filter = 0; filter < filters; filter++) {
              sums[filter] += value * kernel[at + filter];
            }
          }
        }
      }
      const to = (row * columns + column) * filters;
      for (let filter = 0; filter < filters; filter++) {
        result[to + filter] = sums[filter] + (bias ? bias[filter] : 0);
      }
    }
  }
  return result;
}

function looked_within({ shape, options, weights }, [map]) {
  const [height, width, channels] = map.shape;
  const [rows, columns] = shape;
  const [kernel] = weights;
  const { kernel: size, stride, padding } = options;
  const result = new Float32Array(rows * columns * channels);
  for (let row = 0; row < rows; row++) {
    const [top, bottom, y0] = window_at(row, stride, size, height, rows, padding);
    for (let column = 0; column < columns; column++) {
      const [left, right, x0] = window_at(column, stride, size, width, columns, padding);
      const to = (row * columns + column) * channels;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let y = top; y < bottom; y++) {
          for (let x = left; x < right; x++) {
            const at = ((y - y0) * size + (x - x0)) * channels + channel;
            sum += map.values[(y * width + x) * channels + channel] * kernel[at];
          }
        }
        result[to + channel] = sum;
      }
    }
  }
  return result;
}

function normed({ weights }, [map]) {
  const [gamma, beta, mean, variance] = weights;
  const channels = gamma.length;
  const scale = Float64Array.from(gamma, (g, i) => g / Math.sqrt(variance[i] + 1e-3));
  return map.values.map((v, i) => {
    const channel = i % channels;
    return (v - mean[channel]) * scale[channel] + beta[channel];
  });
}

function pooled({ shape, options }, [map]) {
  const [rows, columns, channels] = shape;
  const width = map.shape[1];
  const result = new Float32Array(rows * columns * channels);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let channel = 0; channel < channels; channel++) {
        const at = (2 * row * width + 2 * column) * channels + channel;
        const four = [at, at + channels, at + width * channels, at + (width + 1) * channels];
        const values = four.map((place) => map.values[place]);
        result[(row * columns + column) * channels + channel] =
          options.kind_ === "max" ? Math.max(...values) : mean_of(values);
      }
    }
  }
  return result;
}

function pooled_whole({ options }, [map]) {
  const [rows, columns, channels] = map.shape;
  const result = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const values = [];
    for (let place = 0; place < rows * columns; place++) {
      values.push(map.values[place * channels + channel]);
    }
    result[channel] = options.kind_ === "global_max" ? Math.max(...values) : mean_of(values);
  }
  return result;
}

function mean_of(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function connected({ shape, options, weights }, [map]) {
  const [kernel, bias] = weights;
  const units = shape[0];
  const sums = Float64Array.from(bias);
  map.values.forEach((value, from) => {
    for (let unit = 0; unit < units; unit++) sums[unit] += value * kernel[from * units + unit];
  });
  return bent(Float32Array.from(sums), options.activation);
}

function bent(values, kind) {
  return kind === "softmax" ? shares(values) : values.map(BENDS[kind]);
}

const BENDS = {
  linear: (v) => v,
  relu: (v) => Math.max(v, 0),
  leaky_relu: (v) => (v < 0 ? 0.2 * v : v),
  elu: (v) => (v < 0 ? Math.expm1(v) : v),
  gelu: (v) => 0.5 * v * (1 + error_function(v / Math.SQRT2)),
  silu: (v) => v / (1 + Math.exp(-v)),
  tanh: Math.tanh,
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
};

// Abramowitz & Stegun, Handbook of Mathematical Functions, 7.1.26: at most 1.5e-7 off.
function error_function(v) {
  const t = 1 / (1 + 0.3275911 * Math.abs(v));
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(v) * (1 - series * Math.exp(-v * v));
}

// Scores to probabilities, softened or sharpened by the temperature that validation found.
function shares(scores, temperature = 1) {
  const most = Math.max(...scores);
  const powers = Array.from(scores, (score) => Math.exp((score - most) / temperature));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return Float32Array.from(powers, (power) => power / total);
}
