// What every client's program does, with the Go SDK. It prints its findings as one JSON object.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/antihax/optional"
	"github.com/conductor-sdk/conductor-go/sdk/client"
	"github.com/conductor-sdk/conductor-go/sdk/model"
	"github.com/conductor-sdk/conductor-go/sdk/worker"
	"github.com/conductor-sdk/conductor-go/sdk/workflow"
	"github.com/conductor-sdk/conductor-go/sdk/workflow/executor"
	"github.com/sirupsen/logrus"
)

func greet(task *model.Task) (interface{}, error) {
	name := fmt.Sprint(task.InputData["name"])
	if name == "nobody" {
		return nil, model.NewNonRetryableError(fmt.Errorf("there is nobody"))
	}
	if task.RetryCount == 0 {
		return nil, fmt.Errorf("not yet")
	}
	result := model.NewTaskResultFromTask(task)
	result.Status = model.CompletedTask
	result.Logs = append(result.Logs, model.TaskExecLog{Log: "greeting " + name, TaskId: task.TaskId})
	result.OutputData = map[string]interface{}{"greeting": "Hello, " + name}
	return result, nil
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	logrus.SetOutput(io.Discard)
	api := client.NewAPIClientFromEnv()
	workflows := executor.NewWorkflowExecutor(api)
	metadata, tasks := client.NewMetadataClient(api), client.NewTaskClient(api)
	unique := fmt.Sprintf("%x", time.Now().UnixNano())
	greeter, flow, holding := "go_greet_"+unique, "go_flow_"+unique, "go_hold_"+unique

	definition := model.TaskDef{
		Name: greeter, RetryCount: 2, RetryLogic: "FIXED", RetryDelaySeconds: 1,
		TimeoutSeconds: 60, ResponseTimeoutSeconds: 50, TimeoutPolicy: "TIME_OUT_WF",
	}
	_, err := metadata.RegisterTaskDef(context.Background(), []model.TaskDef{definition})
	check(err)
	greeting := workflow.NewSimpleTask(greeter, "greet").Input("name", "${workflow.input.name}")
	check(workflow.NewConductorWorkflow(workflows).Name(flow).Version(1).Add(greeting).
		OutputParameters(map[string]interface{}{"greeting": greeting.OutputRef("greeting")}).Register(true))
	check(workflow.NewConductorWorkflow(workflows).Name(holding).Version(1).Add(workflow.NewWaitTask("hold")).Register(true))

	runner := worker.NewTaskRunnerWithApiClient(api)
	check(runner.StartWorker(greeter, greet, 1, 50*time.Millisecond))
	request := func(name string, input map[string]interface{}) *model.StartWorkflowRequest {
		return &model.StartWorkflowRequest{Name: name, Version: 1, Input: input, CorrelationId: unique}
	}
	ended := func(id string) *model.Workflow {
		channel := must(workflows.MonitorExecution(id))
		must(executor.WaitForWorkflowCompletionUntilTimeout(channel, 30*time.Second))
		return must(workflows.GetWorkflow(id, true))
	}
	start := func(name string, input map[string]interface{}) string {
		return must(workflows.StartWorkflow(request(name, input)))
	}
	started := ended(start(flow, map[string]interface{}{"name": "Ann"}))
	executed := must(workflows.ExecuteWorkflow(request(flow, map[string]interface{}{"name": "Bob"}), ""))
	failed := ended(start(flow, map[string]interface{}{"name": "nobody"}))

	nothing := map[string]interface{}{}
	terminated := start(holding, nothing)
	check(workflows.Pause(terminated))
	paused := must(workflows.GetWorkflow(terminated, false)).Status
	check(workflows.Resume(terminated))
	check(workflows.Terminate(terminated, "enough"))
	last := must(workflows.GetWorkflow(terminated, true))
	signalled := start(holding, nothing)
	check(workflows.UpdateTaskByRefName("hold", signalled, model.CompletedTask, map[string]interface{}{"answer": 42}))
	found := must(workflows.Search(0, 10, fmt.Sprintf("workflowType = '%s' AND status IN (COMPLETED)", flow), "*"))
	everything := &client.WorkflowResourceApiGetWorkflowsOpts{IncludeClosed: optional.NewBool(true)}
	correlated, _, err := client.NewWorkflowClient(api).GetWorkflowsByCorrelationId(
		context.Background(), holding, unique, everything)
	check(err)
	logs, _, err := tasks.GetTaskLogs(context.Background(), started.Tasks[len(started.Tasks)-1].TaskId)
	check(err)

	attempts, lines := []string{}, []string{}
	for _, task := range started.Tasks {
		attempts = append(attempts, string(task.Status))
	}
	for _, line := range logs {
		lines = append(lines, line.Log)
	}
	check(json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"greeting":   started.Output["greeting"],
		"attempts":   attempts,
		"log":        lines,
		"executed":   []interface{}{executed.Status, executed.Output["greeting"]},
		"failed":     []interface{}{failed.Status, failed.Tasks[0].Status, len(failed.Tasks)},
		"terminated": []interface{}{paused, last.Status, last.ReasonForIncompletion, last.Tasks[0].Status},
		"signalled":  must(workflows.GetWorkflow(signalled, true)).Tasks[0].OutputData["answer"],
		"found":      len(found),
		"correlated": len(correlated),
	}))
}
