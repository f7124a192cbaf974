// What both npm peers share: JPEG files, or the frames of a video by the program ffmpeg, as tensors; TensorFlow.js on
// WebAssembly; and one JSON line per image on stdout, or with --serve an HTTP server that answers JPEG files.
const { execFileSync, spawn } = require('child_process');
const fs = require('fs');
const http = require('http');
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
function decoded(bytes) {
  const image = jpeg.decode(bytes, { useTArray: true, formatAsRGBA: false, maxMemoryUsageInMB: 4096 });
  return tf.tensor3d(image.data, [image.height, image.width, 3], 'int32');
}

async function start() {
  wasm.setWasmPaths(path.join(modules, '@tensorflow/tfjs-backend-wasm/dist/'));
  await tf.setBackend('wasm');
  await tf.ready();
}

// The frames of a video, decoded meanwhile.
async function* frames(file) {
  const probe = ['-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=width,height', '-of', 'csv=p=0', file];
  const [width, height] = execFileSync('ffprobe', probe).toString().split(',').map(Number);
  const decoder = spawn('ffmpeg', ['-v', 'error', '-i', file, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let parts = [];
  let length = 0;
  for await (const part of decoder.stdout) {
    parts.push(part);
    length += part.length;
    while (length >= width * height * 3) {
      const all = Buffer.concat(parts);
      yield tf.tensor3d(new Uint8Array(all.subarray(0, width * height * 3)), [height, width, 3], 'int32');
      parts = [all.subarray(width * height * 3)];
      length = parts[0].length;
    }
  }
}

async function* tensors(file) {
  if (path.extname(file) === '.mp4') yield* frames(file);
  else yield decoded(fs.readFileSync(file));
}

// The body of a request is a JPEG file. The address is printed once requests are taken.
function serve(faces) {
  const server = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const tensor = decoded(Buffer.concat(parts));
    response.end(JSON.stringify({ faces: await faces(tensor) }));
    tensor.dispose();
  });
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
}

// `faces(tensor)` -> [{box: [x, y, width, height], expression}]
async function run(faces) {
  if (process.argv.includes('--serve')) return serve(faces);
  for (const file of files()) {
    for await (const tensor of tensors(file)) {
      console.log(JSON.stringify({ file, faces: await faces(tensor) }));
      tensor.dispose();
    }
  }
}

module.exports = { modules, tf, start, run };
