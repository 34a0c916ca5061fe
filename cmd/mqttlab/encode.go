package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/form"
)

// encode builds a packet.
func encode(_ context.Context, args []string, std streams) int {
	f := flags("encode", "encode [-json] [-lang LANGUAGE] [FILE]", &std)
	langFlag(f, &std)
	asJSON := f.Bool("json", false, "")
	if status, ok := parse(f, args, std); !ok {
		return status
	}
	if f.NArg() > 1 {
		return fail(std, "encode", wrong("one-file", "name", f.Arg(1)))
	}
	name := "-"
	if f.NArg() == 1 {
		name = f.Arg(0)
	}
	data, err := input(name, std)
	if err != nil {
		return fail(std, "encode", err)
	}
	wire, version, err := form.Encode(data)
	if err != nil {
		return fail(std, "encode", err)
	}
	explained := annotate.One(wire, annotate.Options{Version: version, Lang: std.lang})
	status := verdict(annotate.Document{Source: annotate.Source{Bytes: len(wire)}, Packets: []annotate.Packet{explained}})
	if !*asJSON {
		fmt.Fprintln(std.out, hex.EncodeToString(wire))
		return status
	}
	out := struct {
		Hex    string          `json:"hex"`
		Packet annotate.Packet `json:"packet"`
	}{hex.EncodeToString(wire), explained}
	text, err := json.Marshal(out)
	if err == nil {
		_, err = std.out.Write(append(annotate.Inert(text), '\n'))
	}
	if err != nil {
		return fail(std, "encode", err)
	}
	return status
}
