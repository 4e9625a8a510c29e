// What every client's program does, with the JavaScript SDK. It prints its findings as one JSON object.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { OrkesClients, TaskManager, NonRetryableException, simpleTask } from "@io-orkes/conductor-javascript";

const ENDED = new Set(["COMPLETED", "FAILED", "TIMED_OUT", "TERMINATED"]);
const clients = await OrkesClients.from();
const metadata = clients.getMetadataClient();
const workflows = clients.getWorkflowClient();
const tasks = clients.getTaskClient();
const unique = randomUUID().slice(0, 8);
const [greeter, flow, holding] = ["greet", "flow", "hold"].map((name) => `js_${name}_${unique}`);

await metadata.registerTask({
  name: greeter, retryCount: 2, retryDelaySeconds: 0, timeoutSeconds: 60, responseTimeoutSeconds: 50,
});
await metadata.registerWorkflowDef({
  name: flow, version: 1, timeoutSeconds: 0,
  tasks: [simpleTask("greet", greeter, { name: "${workflow.input.name}" })],
  outputParameters: { greeting: "${greet.output.greeting}" },
}, true);
await metadata.registerWorkflowDef({
  name: holding, version: 1, timeoutSeconds: 0,
  tasks: [{ name: "hold", taskReferenceName: "hold", type: "WAIT" }],
}, true);

const worker = {
  taskDefName: greeter,
  pollInterval: 50,
  execute: async ({ inputData, retryCount }) => {
    if (inputData.name === "nobody") throw new NonRetryableException("there is nobody");
    if (retryCount === 0) return { status: "FAILED", reasonForIncompletion: "not yet", outputData: {} };
    return {
      status: "COMPLETED",
      outputData: { greeting: `Hello, ${inputData.name}` },
      logs: [{ log: `greeting ${inputData.name}`, createdTime: Date.now() }],
    };
  },
};
const manager = new TaskManager(clients.getClient(), [worker], { options: { pollInterval: 50, concurrency: 1 } });
manager.startPolling();

async function ended(id) {
  for (const until = Date.now() + 30_000; Date.now() < until; await pause(50)) {
    const found = await workflows.getWorkflow(id, true);
    if (ENDED.has(found.status)) return found;
  }
  throw new Error(`${id} did not end`);
}
const start = (name, input, more = {}) => workflows.startWorkflow({ name, version: 1, input, ...more });

const started = await ended(await start(flow, { name: "Ann" }));
const executed = await workflows.executeWorkflow(
  { name: flow, version: 1, input: { name: "Bob" } }, flow, 1, randomUUID());
const failed = await ended(await start(flow, { name: "nobody" }));
await manager.stopPolling();

const terminated = await start(holding, {}, { correlationId: unique });
await workflows.pause(terminated);
const paused = (await workflows.getWorkflowStatus(terminated, false, false)).status;
await workflows.resume(terminated);
await workflows.terminate(terminated, "enough");
const last = await workflows.getWorkflow(terminated, true);
const signalled = await start(holding, {}, { correlationId: unique });
await workflows.updateTaskByRefName("hold", signalled, "COMPLETED", { answer: 42 });
const found = await workflows.search(0, 10, `workflowType = '${flow}' AND status IN (COMPLETED)`, "*");
const correlated = await workflows.search(0, 10, `correlationId = '${unique}'`, "*");
const logs = await tasks.getTaskLogs(started.tasks.at(-1).taskId);

console.log(JSON.stringify({
  greeting: started.output.greeting,
  attempts: started.tasks.map((task) => task.status),
  log: logs.map((line) => line.log),
  executed: [executed.status, executed.output.greeting],
  failed: [failed.status, failed.tasks[0].status, failed.tasks.length],
  terminated: [paused, last.status, last.reasonForIncompletion, last.tasks[0].status],
  signalled: (await workflows.getWorkflow(signalled, true)).tasks[0].outputData.answer,
  found: found.results.length,
  correlated: correlated.results.length,
}));
process.exit(0);
