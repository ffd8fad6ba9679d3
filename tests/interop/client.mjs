// The official Node client, told by JSON lines on standard input what to do.
//
// A command is {id, do, …}; its answer is {id, value} or {id, error}, in the order in which commands finish. Each
// change of the sync status is told unasked, as {status}.

import { createInterface } from 'node:readline';
import { column, Schema, Table } from '@powersync/common';
import { PowerSyncDatabase } from '@powersync/node';

const PRIORITIES = [0, 1, 2, 3];
const SETTLED = `
  SELECT NOT EXISTS (SELECT 1 FROM ps_crud)
    AND coalesce((SELECT CAST(value AS INTEGER) FROM ps_kv WHERE key = 'target_checkpoint_request_id'), 0)
     <= coalesce((SELECT CAST(value AS INTEGER) FROM ps_kv WHERE key = 'last_applied_checkpoint_request_id'), 0)
    AS settled`;

let database;
const subscriptions = new Map();

const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
// Standard output belongs to the answers.
const logger = {
  log: ({ level, message, error }) => level >= 30 && console.error(`[${level}] ${message} ${error ?? ''}`)
};

/** A schema as the SDK serialises it: what the SDK cannot build is handed to the native core as it is. */
function schemaOf(serialised) {
  const columns = (table) => table.columns.map(({ name, type }) => [name, column[type.toLowerCase()]]);
  const schema = new Schema(
    Object.fromEntries(serialised.tables.map((table) => [table.name, new Table(Object.fromEntries(columns(table)))]))
  );
  schema.toJSON = () => serialised;
  return schema;
}

function snapshot(status) {
  return {
    connected: status.connected,
    connecting: status.connecting,
    hasSynced: status.hasSynced ?? false,
    uploading: status.uploading,
    downloadError: status.downloadError ? String(status.downloadError) : null,
    uploadError: status.uploadError ? String(status.uploadError) : null,
    syncedPriorities: PRIORITIES.filter((priority) => status.statusForPriority(priority)?.hasSynced)
  };
}

function connector({ endpoint, tokens, credentials, backend }) {
  const waiting = [...tokens];
  let current;
  return {
    // Given tokens come first, the credentials endpoint after them; without one, the last token is given again.
    async fetchCredentials() {
      if (waiting.length > 0 || !credentials) {
        current = waiting.shift() ?? current;
      } else {
        current = (await (await fetch(credentials)).json()).token;
      }
      return { endpoint, token: current };
    },
    async uploadData(db) {
      const transaction = await db.getNextCrudTransaction();
      if (!transaction) return;
      const batch = transaction.crud.map(({ op, table, id, opData }) => ({ op, type: table, id, data: opData }));
      const answer = await fetch(backend, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Token ${current}` },
        body: JSON.stringify({ batch })
      });
      if (!answer.ok) throw new Error(`The backend answers ${answer.status}: ${await answer.text()}`);
      await transaction.complete();
    }
  };
}

/** Resolves once `reached` holds, looked at now and after each change of the status or of a synced table. */
function until(reached) {
  return new Promise((resolve, reject) => {
    let looking = false;
    let again = false;
    const stop = [];
    const look = async () => {
      again = true;
      if (looking) return;
      looking = true;
      try {
        while (again) {
          again = false;
          if (await reached()) {
            for (const dispose of stop) dispose();
            resolve();
            return;
          }
        }
      } catch (error) {
        reject(error);
      } finally {
        looking = false;
      }
    };
    stop.push(database.registerListener({ statusChanged: look }));
    stop.push(database.onChange({ onChange: look }, { tables: database.schema.tables.map(({ name }) => name) }));
    look();
  });
}

const commands = {
  /** `readers`: how many threads read, left to the SDK when absent. */
  async open({ file, schema, readers }) {
    const source = { dbFilename: file, ...(readers && { readWorkerCount: readers }) };
    database = new PowerSyncDatabase({ schema: schemaOf(schema), database: source, logger });
    await database.init();
    database.registerListener({ statusChanged: (status) => tell({ status: snapshot(status) }) });
    return { client: await database.getClientId(), version: database.sdkVersion };
  },
  connect: ({ options, ...where }) => database.connect(connector(where), options),
  first_sync: ({ priority }) => database.waitForFirstSync(priority === undefined ? undefined : { priority }),
  /** Until the status has all of `fields`. */
  status: ({ fields }) =>
    until(() => {
      const now = snapshot(database.currentStatus);
      return Object.entries(fields).every(([name, value]) => now[name] === value);
    }),
  /** Until the first row of the query is `row`. */
  rows_become: ({ sql, row }) =>
    until(async () => JSON.stringify(Object.values((await database.getAll(sql))[0] ?? {})) === JSON.stringify(row)),
  upload_fails: () => database.waitForStatus(({ uploadError }) => uploadError !== undefined),
  /** Until nothing waits for its upload, and the service has confirmed what was uploaded. */
  settled: () => until(async () => (await database.get(SETTLED)).settled === 1),
  query: ({ sql, values }) => database.getAll(sql, values),
  /** One transaction of [sql, values] pairs. */
  write: ({ statements }) =>
    database.writeTransaction(async (transaction) => {
      for (const [sql, values] of statements) await transaction.execute(sql, values);
    }),
  async subscribe({ stream, parameters, options }) {
    const subscription = await database.syncStream(stream, parameters).subscribe(options);
    subscriptions.set(JSON.stringify([stream, parameters]), subscription);
  },
  stream_synced: ({ stream, parameters }) =>
    subscriptions.get(JSON.stringify([stream, parameters])).waitForFirstSync(),
  async checkpoint() {
    await (await database.requestCheckpoint()).waitForSync();
  },
  disconnect: () => database.disconnect(),
  close: () => database.close()
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, do: name, ...given } = JSON.parse(line);
  Promise.resolve()
    .then(() => commands[name](given))
    .then(
      (value) => tell({ id, value: value ?? null }),
      (error) => tell({ id, error: String(error?.stack ?? error) })
    );
}
process.exit(0);
