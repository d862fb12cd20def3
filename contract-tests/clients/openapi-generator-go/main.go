// Makes calls with a client of openapi-generator: program http://127.0.0.1:8650, then a request per line of stdin.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"

	"client/api"
)

type request struct {
	Key, RegistryRef, Artifact, Version string
	ArtifactType, ChildVersion          *string
}

type report struct {
	Status    int    `json:"status,omitempty"`
	Body      any    `json:"body,omitempty"`
	Exception string `json:"exception,omitempty"`
}

func call(client *api.APIClient, r request) report {
	keys := map[string]api.APIKey{"x-api-key": {Key: r.Key}}
	ctx := context.WithValue(context.Background(), api.ContextAPIKeys, keys)
	sent := client.ArtifactsAPI.GetArtifactDetails(ctx, r.RegistryRef, r.Artifact, r.Version)
	if r.ArtifactType != nil {
		sent = sent.ArtifactType(*r.ArtifactType)
	}
	if r.ChildVersion != nil {
		sent = sent.ChildVersion(*r.ChildVersion)
	}
	found, answer, err := sent.Execute()
	var failed *api.GenericOpenAPIError
	if errors.As(err, &failed) && failed.Model() != nil {
		return report{Status: answer.StatusCode, Body: failed.Model()}
	}
	if err != nil {
		return report{Exception: err.Error()}
	}
	return report{Status: answer.StatusCode, Body: found}
}

func main() {
	configuration := api.NewConfiguration()
	configuration.Servers = api.ServerConfigurations{{URL: os.Args[1]}}
	client := api.NewAPIClient(configuration)
	lines := json.NewDecoder(os.Stdin)
	reports := json.NewEncoder(os.Stdout)
	for {
		var r request
		if lines.Decode(&r) != nil {
			return
		}
		_ = reports.Encode(call(client, r))
	}
}
