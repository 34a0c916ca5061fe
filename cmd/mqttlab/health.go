package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// health asks a running server whether it is alive.
func health(ctx context.Context, args []string, std streams) int {
	f := flags("health", "health [-url URL]", &std)
	url := f.String("url", "http://127.0.0.1:8080", "")
	if status, ok := parse(f, args, std); !ok {
		return status
	}
	if f.NArg() > 0 {
		return fail(std, "health", unexpected(f))
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, *url+"/healthz", nil)
	if err != nil {
		return fail(std, "health", because(err, "flag", "flag", "-url"))
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fail(std, "health", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 100))
	if err != nil || answer.StatusCode != http.StatusOK || string(text) != "ok\n" {
		return fail(std, "health", wrong("not-ours", "url", *url, "status", answer.Status))
	}
	fmt.Fprintln(std.out, "ok")
	return exitFine
}
