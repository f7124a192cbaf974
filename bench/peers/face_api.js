// npm @vladmandic/face-api: SSD detector and expressions.
const path = require('path');
const { modules, start, run } = require('./images');
const faceapi = require('@vladmandic/face-api/dist/face-api.node-wasm.js');

async function main() {
  await start();
  const models = path.join(modules, '@vladmandic/face-api/model');
  await faceapi.nets.ssdMobilenetv1.loadFromDisk(models);
  await faceapi.nets.faceExpressionNet.loadFromDisk(models);
  const options = new faceapi.SsdMobilenetv1Options({ minConfidence: 0.5, maxResults: 50 });
  await run(async (tensor) => {
    const found = await faceapi.detectAllFaces(tensor, options).withFaceExpressions();
    return found.map(({ detection, expressions }) => ({
      box: [detection.box.x, detection.box.y, detection.box.width, detection.box.height],
      expression: expressions.asSortedArray()[0].expression,
    }));
  });
}

main();
