// Draws ZPL with zpl-renderer-js: a JSON list of labels in, a JSON list of PNG files (base64) out.
const { ready } = require("zpl-renderer-js");

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const { api } = await ready;
  const pictures = [];
  for (const { zpl, width_mm, height_mm } of JSON.parse(Buffer.concat(chunks).toString("utf8"))) {
    pictures.push(await api.zplToBase64Async(zpl, width_mm, height_mm, 8));
  }
  process.stdout.write(JSON.stringify(pictures), () => process.exit(0));
}

main();
