package export

import (
	"context"
	"encoding/json"
	"io"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
	"mqttlab/server/ladder"
)

// JSON writes a bench's events, one JSON object a line, packets annotated in a
// language: the events of GET …/packets.
func JSON(ctx context.Context, w io.Writer, b *bench.Bench, index *ladder.Index, l spec.Lang) error {
	return each(ctx, b.Log(), func(e *capture.Event) error {
		line, err := json.Marshal(index.Full(l, e))
		if err == nil {
			_, err = w.Write(append(annotate.Inert(line), '\n'))
		}
		return err
	})
}
