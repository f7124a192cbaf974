// npm @vladmandic/human: BlazeFace, the mesh of the face, and emotions; all else is off. It reads its models by HTTP.
const fs = require('fs');
const http = require('http');
const path = require('path');
const { modules, start, run } = require('./images');
const { Human } = require(path.join(modules, '@vladmandic/human/dist/human.node-wasm.js'));  // its package.json exports no such file

async function main() {
  const models = path.join(modules, '@vladmandic/human/models');
  const server = http.createServer((request, response) => {
    fs.createReadStream(path.join(models, path.basename(request.url))).on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  await start();
  const off = { enabled: false };
  const human = new Human({
    backend: 'wasm', wasmPath: path.join(modules, '@tensorflow/tfjs-backend-wasm/dist/'), debug: false, cacheSensitivity: 0,
    modelBasePath: `http://127.0.0.1:${server.address().port}/`, filter: off, gesture: off, body: off, hand: off, object: off,
    face: { enabled: true, detector: { maxDetected: 50 }, mesh: { enabled: true }, emotion: { enabled: true }, iris: off,
      description: off, antispoof: off, liveness: off },
  });
  await human.load();
  await run(async (tensor) => {
    const { face } = await human.detect(tensor);
    return face.map(({ box, emotion }) => ({ box, expression: emotion && emotion.length > 0 ? emotion[0].emotion : null }));
  });
  server.close();
}

main();
