// An app that uses Azure Personalizer's libraries as their documentation shows, and knows of Looper only its address and its key.
import { createRequire } from "node:module";
import { PersonalizerClient } from "@azure/cognitiveservices-personalizer";
import { ApiKeyCredentials } from "@azure/ms-rest-js";
import { AzureKeyCredential } from "@azure/core-auth";

const rest = createRequire(import.meta.url)("@azure-rest/ai-personalizer");
const [endpoint, key] = process.argv.slice(2);
const context = [{ timeOfDay: "Morning" }, { device: { os: "ios" } }];
const actions = ["news", "sports", "shows"].map(id => ({ id, features: [{ type: id }, { price: { eur: 3 } }] }));
const seen = {};

const client = new PersonalizerClient(new ApiKeyCredentials({ inHeader: { "Ocp-Apim-Subscription-Key": key } }), endpoint);
seen.first = await client.rank({ contextFeatures: context, actions, excludedActions: ["sports"], eventId: "library/1" });
seen.made = await client.rank({ actions });
await client.events.activate("library/1");
await client.events.reward("library/1", { value: 0.75 });
try {
  await client.rank({ actions: [], contextFeatures: context });
} catch (refused) {
  seen.refused = { status: refused.statusCode, error: refused.body.error };
}

const preview = rest.default(endpoint, new AzureKeyCredential(key), { allowInsecureConnection: true });
const ranked = await preview.path("/rank").post({ body: { contextFeatures: context, actions, eventId: "library/2" } });
seen.second = { status: ranked.status, unexpected: rest.isUnexpected(ranked), ...ranked.body };
seen.activated = (await preview.path("/events/{eventId}/activate", "library/2").post()).status;
seen.rewarded = (await preview.path("/events/{eventId}/reward", "library/2").post({ body: { value: -0.5 } })).status;
const unknown = await preview.path("/events/{eventId}/activate", "never").post();
seen.unknown = { status: unknown.status, code: unknown.body.error.code };

console.log(JSON.stringify(seen));
