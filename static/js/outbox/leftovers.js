/** Sends what a review page that was left in a hurry, or while the server was away, still kept. */

import { Outbox } from "./outbox.js";
import { send } from "./sending.js";
import { Store } from "./store.js";

const person = Number(document.body.dataset.person);
await new Outbox({ store: new Store("outbox"), send, person }).open();
