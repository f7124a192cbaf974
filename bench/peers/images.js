// What both npm peers share: JPEG files as tensors, TensorFlow.js on WebAssembly, and one JSON line per image on stdout.
const fs = require('fs');
const path = require('path');
const jpeg = require('jpeg-js');
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');

const modules = path.join(process.env.NODE_PATH || path.join(__dirname, 'node_modules'));

// The files that the arguments name: images, or folders of images.
function files() {
  return process.argv.slice(2).flatMap((name) =>
    fs.statSync(name).isDirectory() ? fs.readdirSync(name).sort().map((file) => path.join(name, file)) : [name]);
}

// [height, width, 3], values of 0 to 255.
function read(file) {
  const image = jpeg.decode(fs.readFileSync(file), { useTArray: true, formatAsRGBA: false, maxMemoryUsageInMB: 4096 });
  return tf.tensor3d(image.data, [image.height, image.width, 3], 'int32');
}

async function start() {
  wasm.setWasmPaths(path.join(modules, '@tensorflow/tfjs-backend-wasm/dist/'));
  await tf.setBackend('wasm');
  await tf.ready();
}

// `faces(tensor)` -> [{box: [x, y, width, height], expression}]
async function run(faces) {
  for (const file of files()) {
    const tensor = read(file);
    console.log(JSON.stringify({ file, faces: await faces(tensor) }));
    tensor.dispose();
  }
}

module.exports = { modules, tf, start, run };
