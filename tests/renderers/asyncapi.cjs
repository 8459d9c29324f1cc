// Reads a JSON array of AsyncAPI documents from standard input and writes what AsyncAPI's own parser finds in each:
// {found: [[severity, code, message, place]], messages: how many}, 0 where it is no document to the parser.
const { Parser } = require("@asyncapi/parser");

async function read(text) {
  const { document, diagnostics } = await new Parser().parse(text);
  const found = diagnostics.map((each) => [each.severity, each.code, each.message, each.path.join("/")]);
  return { found, messages: document ? document.allMessages().length : 0 };
}

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const documents = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  const told = [];
  for (const document of documents) told.push(await read(JSON.stringify(document)));
  process.stdout.write(JSON.stringify(told));
}

main();
