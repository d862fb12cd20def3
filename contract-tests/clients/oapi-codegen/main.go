// Makes calls with a client of oapi-codegen: program http://127.0.0.1:8650, then a request per line of stdin.
package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"

	"client/api"
)

type request struct {
	Key, RegistryRef, Artifact, Version string
	ArtifactType                        *api.GetArtifactDetailsParamsArtifactType
	ChildVersion                        *string
}

type report struct {
	Status    int    `json:"status,omitempty"`
	Body      any    `json:"body"`
	Exception string `json:"exception,omitempty"`
}

func call(client *api.ClientWithResponses, r request) report {
	params := api.GetArtifactDetailsParams{ArtifactType: r.ArtifactType, ChildVersion: r.ChildVersion}
	withKey := func(_ context.Context, sent *http.Request) error {
		sent.Header.Set("x-api-key", r.Key)
		return nil
	}
	found, err := client.GetArtifactDetailsWithResponse(
		context.Background(), r.RegistryRef, r.Artifact, r.Version, &params, withKey)
	if err != nil {
		return report{Exception: err.Error()}
	}
	if found.JSON200 != nil {
		return report{Status: found.StatusCode(), Body: found.JSON200}
	}
	for _, model := range []*api.Error{
		found.JSON400, found.JSON401, found.JSON403, found.JSON404, found.JSON429, found.JSON500, found.JSON503,
	} {
		if model != nil {
			return report{Status: found.StatusCode(), Body: model}
		}
	}
	// A status or a media type that the document does not have is no error; no model is set.
	return report{Status: found.StatusCode()}
}

func main() {
	client, err := api.NewClientWithResponses(os.Args[1])
	if err != nil {
		panic(err)
	}
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
