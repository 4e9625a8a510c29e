import com.fasterxml.jackson.databind.ObjectMapper;
import com.netflix.conductor.client.automator.TaskRunnerConfigurer;
import com.netflix.conductor.client.http.ConductorClient;
import com.netflix.conductor.client.http.MetadataClient;
import com.netflix.conductor.client.http.TaskClient;
import com.netflix.conductor.client.http.WorkflowClient;
import com.netflix.conductor.client.worker.Worker;
import com.netflix.conductor.common.metadata.tasks.Task;
import com.netflix.conductor.common.metadata.tasks.TaskDef;
import com.netflix.conductor.common.metadata.tasks.TaskResult;
import com.netflix.conductor.common.metadata.tasks.TaskType;
import com.netflix.conductor.common.metadata.workflow.StartWorkflowRequest;
import com.netflix.conductor.common.metadata.workflow.WorkflowDef;
import com.netflix.conductor.common.metadata.workflow.WorkflowTask;
import com.netflix.conductor.common.run.Workflow;
import io.orkes.conductor.client.ApiClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.conductoross.conductor.common.model.WorkflowRun;

/** What every client's program does, with the Java client. It prints its findings as one JSON object. */
public class Program {
    private static TaskResult greet(Task task) {
        Object name = task.getInputData().get("name");
        TaskResult result = new TaskResult(task);
        if ("nobody".equals(name)) {
            result.setStatus(TaskResult.Status.FAILED_WITH_TERMINAL_ERROR);
            result.setReasonForIncompletion("there is nobody");
        } else if (task.getRetryCount() == 0) {
            result.setStatus(TaskResult.Status.FAILED);
            result.setReasonForIncompletion("not yet");
        } else {
            result.setStatus(TaskResult.Status.COMPLETED);
            result.log("greeting " + name);
            result.getOutputData().put("greeting", "Hello, " + name);
        }
        return result;
    }

    private static WorkflowDef definition(String name, WorkflowTask task) {
        WorkflowDef definition = new WorkflowDef();
        definition.setName(name);
        definition.setVersion(1);
        definition.setOwnerEmail("clients@example.com");
        definition.setTimeoutSeconds(0);
        definition.setTimeoutPolicy(WorkflowDef.TimeoutPolicy.ALERT_ONLY);
        definition.setTasks(List.of(task));
        return definition;
    }

    private static StartWorkflowRequest request(String name, Map<String, Object> input) {
        StartWorkflowRequest request = new StartWorkflowRequest();
        request.setName(name);
        request.setVersion(1);
        request.setInput(input);
        return request;
    }

    private static Workflow ended(WorkflowClient workflows, String id) throws InterruptedException {
        for (long until = System.currentTimeMillis() + 30_000; System.currentTimeMillis() < until; Thread.sleep(50)) {
            Workflow found = workflows.getWorkflow(id, true);
            if (found.getStatus().isTerminal()) {
                return found;
            }
        }
        throw new IllegalStateException(id + " did not end");
    }

    public static void main(String[] arguments) throws Exception {
        ConductorClient client = client();
        MetadataClient metadata = new MetadataClient(client);
        WorkflowClient workflows = new WorkflowClient(client);
        TaskClient tasks = new TaskClient(client);
        String unique = UUID.randomUUID().toString().substring(0, 8);
        String greeter = "java_greet_" + unique, flow = "java_flow_" + unique, holding = "java_hold_" + unique;

        TaskDef taskDef = new TaskDef(greeter);
        taskDef.setOwnerEmail("clients@example.com");
        taskDef.setRetryCount(2);
        taskDef.setRetryDelaySeconds(0);
        taskDef.setTimeoutSeconds(60);
        taskDef.setResponseTimeoutSeconds(50);
        metadata.registerTaskDefs(List.of(taskDef));
        WorkflowTask greet = new WorkflowTask();
        greet.setName(greeter);
        greet.setTaskReferenceName("greet");
        greet.setInputParameters(Map.of("name", "${workflow.input.name}"));
        WorkflowDef flowDef = definition(flow, greet);
        flowDef.setOutputParameters(Map.of("greeting", "${greet.output.greeting}"));
        metadata.registerWorkflowDef(flowDef);
        WorkflowTask hold = new WorkflowTask();
        hold.setName("hold");
        hold.setTaskReferenceName("hold");
        hold.setWorkflowTaskType(TaskType.WAIT);
        metadata.registerWorkflowDef(definition(holding, hold));

        TaskRunnerConfigurer runner =
                new TaskRunnerConfigurer.Builder(tasks, List.of(Worker.create(greeter, Program::greet)))
                        .withThreadCount(1)
                        .build();
        runner.init();
        Workflow started = ended(workflows, workflows.startWorkflow(request(flow, Map.of("name", "Ann"))));
        WorkflowRun executed =
                workflows.executeWorkflow(request(flow, Map.of("name", "Bob")), "", Duration.ofSeconds(20));
        Workflow failed = ended(workflows, workflows.startWorkflow(request(flow, Map.of("name", "nobody"))));
        runner.shutdown();

        StartWorkflowRequest holdRequest = request(holding, Map.of());
        holdRequest.setCorrelationId(unique);
        String terminated = workflows.startWorkflow(holdRequest);
        workflows.pauseWorkflow(terminated);
        String paused = workflows.getWorkflow(terminated, false).getStatus().name();
        workflows.resumeWorkflow(terminated);
        workflows.terminateWorkflow(terminated, "enough");
        Workflow last = workflows.getWorkflow(terminated, true);
        String signalled = workflows.startWorkflow(holdRequest);
        tasks.updateTask(signalled, "hold", TaskResult.Status.COMPLETED, Map.of("answer", 42));

        Map<String, Object> findings = new LinkedHashMap<>();
        findings.put("greeting", started.getOutput().get("greeting"));
        findings.put("attempts", started.getTasks().stream().map(task -> task.getStatus().name()).toList());
        String lastTask = started.getTasks().get(started.getTasks().size() - 1).getTaskId();
        findings.put("log", tasks.getTaskLogs(lastTask).stream().map(line -> line.getLog()).toList());
        findings.put("executed", List.of(executed.getStatus().name(), executed.getOutput().get("greeting")));
        findings.put(
                "failed",
                List.of(
                        failed.getStatus().name(),
                        failed.getTasks().get(0).getStatus().name(),
                        failed.getTasks().size()));
        findings.put(
                "terminated",
                List.of(
                        paused,
                        last.getStatus().name(),
                        last.getReasonForIncompletion(),
                        last.getTasks().get(0).getStatus().name()));
        findings.put(
                "signalled",
                workflows.getWorkflow(signalled, true).getTasks().get(0).getOutputData().get("answer"));
        String query = "workflowType = '" + flow + "' AND status IN (COMPLETED)";
        findings.put("found", workflows.search(query).getResults().size());
        findings.put("correlated", workflows.getWorkflows(holding, unique, true, false).size());
        System.out.println(new ObjectMapper().writeValueAsString(findings));
        System.exit(0);
    }

    private static ConductorClient client() {
        String url = System.getenv("CONDUCTOR_SERVER_URL");
        String key = System.getenv("CONDUCTOR_AUTH_KEY");
        return key == null ? new ApiClient(url) : new ApiClient(url, key, System.getenv("CONDUCTOR_AUTH_SECRET"));
    }
}
